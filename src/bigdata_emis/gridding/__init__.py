"""The cells of a grid, their identifiers, and the share of each source in each of them."""
