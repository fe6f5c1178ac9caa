"""What flow YAML means: reading it, matching an answer, walking from step to step. Pure Python."""
