"""Cell identifiers, and the share of each geometry in each grid cell."""
