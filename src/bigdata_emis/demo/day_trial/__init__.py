"""Whole demonstration days of several seeds, and how their inventories compare with the hidden truth."""
