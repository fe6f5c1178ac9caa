"""The benchmark: `make bench` measures the hotline beside stock Rasa on the same data."""
