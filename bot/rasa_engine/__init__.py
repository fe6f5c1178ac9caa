"""Everything Rasa loads. The only package that imports rasa."""
