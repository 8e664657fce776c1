"""Fuel heat input of New York thermal units from metered load."""
