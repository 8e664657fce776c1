"""Hourly energy of production lines: from meters, from the utilisation of their industry, and from district totals."""
