"""An `if:` that cannot be read.

Passes:  `if: slots.age < 18 and slots.child`
Fails:   `if: slots.age <`
Why:     the bot would not know where to go on.
Mend:    compare slots and context with `is`, `=`, `<`, `>`, join with `and`, `or`, `not`.
         The column shows where it went wrong.
"""

RULE = "condition"
