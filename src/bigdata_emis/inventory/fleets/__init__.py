"""Fleets of places and times, and what restrictions leave of them."""
