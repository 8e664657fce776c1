"""Rows that name vehicles, reduced to counts in memory before anything of them is stored."""
