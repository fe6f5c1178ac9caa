"""The file cannot be read as YAML, or something stands where something else belongs.

Passes:  `say: "Note: bring papers"`
Fails:   `say: Note: bring papers`; a tab for indentation; a quote that is never closed; an empty `say:`.
Why:     what cannot be read is not served: the topic would be gone.
Mend:    go to the line the message names; quotes, colons and indentation are the usual reasons.
"""

RULE = "syntax"
