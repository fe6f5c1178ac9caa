"""`make faults`: one thing after the other is broken while residents text; what they get meanwhile, and afterwards."""
