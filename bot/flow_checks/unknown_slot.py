"""A slot has a type that does not exist.

Passes:  `type: categorical`
Fails:   `type: choice`
Why:     the bot would not know what to accept as an answer.
Mend:    take one of text, bool, categorical, float, date, list, any, language, visit.
"""

RULE = "unknown-slot"
