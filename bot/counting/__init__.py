"""What is counted of the hotline's work: numbers for an operator, and nothing that leads to anybody."""
