"""A key that has no meaning where it stands.

Passes:  `synonyms:` below a choice.
Fails:   `synonym:` below a choice, or `choices:` in a `say` step.
Why:     the bot would leave it out without a word.
Mend:    correct the name; the message suggests one that is close.
"""

RULE = "unknown-key"
