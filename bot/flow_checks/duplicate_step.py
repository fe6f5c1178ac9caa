"""Two steps of a flow have the same id.

Passes:  ids that differ within the flow.
Fails:   `- id: answer` twice.
Why:     only one of the two could ever be reached.
Mend:    rename one, and what leads to it.
"""

RULE = "duplicate-step"
