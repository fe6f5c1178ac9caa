"""The hotline itself: what it understands, where a conversation goes, which words it uses."""
