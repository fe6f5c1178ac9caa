"""Two flows have the same id.

Passes:  one flow id, one file.
Fails:   `ice_at_door:` in two files.
Why:     only one of them could be served.
Mend:    rename or delete one.
"""

RULE = "duplicate-flow"
