"""Positions of ships and fires, counted in the areas in which they lie."""
