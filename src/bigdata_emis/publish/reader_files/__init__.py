"""Files beside the published tables: the grid, where the sources are, and which model estimated a line."""
