"""What a text means: its language, its intent, whether it cannot wait. NumPy and rules; no Rasa."""
