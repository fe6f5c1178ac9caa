"""`make load` and `make soak`: a hundred thousand messages in bursts, and half an hour of quiet traffic."""
