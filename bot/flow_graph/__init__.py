"""Flows as pictures: of_flow → layout → svg, or of_flow → mermaid."""
