"""A place that gives appointments is not described as it must be.

Passes:  `borough: queens`, `- {byday: [TU], opens_at: "10:00", closes_at: "14:00", minutes: 30, capacity: 2}`
Fails:   `borough: Quens`, `opens_at: 10`, a schedule without `capacity`
Why:     residents would be sent to a wrong place or at a wrong time, or the place would not be offered at all.
Mend:    write it as the message says; the keys are in flows/README.md.
"""

RULE = "clinics"
