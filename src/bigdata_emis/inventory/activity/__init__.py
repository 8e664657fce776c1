"""Which stored model estimates which production line, and its prediction of the hours."""
