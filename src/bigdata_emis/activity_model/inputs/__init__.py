"""What a line's models are given: its hours of energy, those of its sibling lines, and the weather."""
