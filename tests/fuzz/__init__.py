"""Inputs that no writer and no telephone would send: `make fuzz`. What each target must bear stands in its file."""
