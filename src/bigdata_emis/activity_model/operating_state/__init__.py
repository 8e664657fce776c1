"""Operating states of a line, inferred from its power."""
