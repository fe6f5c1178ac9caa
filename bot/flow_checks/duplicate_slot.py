"""A slot is declared twice.

Passes:  `borough:` under `slots:` in one file.
Fails:   `borough:` under `slots:` in two files.
Why:     nobody could tell which of them holds.
Mend:    keep the one in the file of the flow that asks for it.
"""

RULE = "duplicate-slot"
