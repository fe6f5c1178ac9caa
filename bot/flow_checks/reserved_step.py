"""A step has an id that the engine needs for itself.

Passes:  `- id: the_end`
Fails:   `- id: END`, or an id that begins with a number.
Why:     `then: END` ends a flow; a step of that name could never be reached.
Mend:    choose another id: letters, digits and "_", beginning with a letter.
"""

RULE = "reserved-step"
