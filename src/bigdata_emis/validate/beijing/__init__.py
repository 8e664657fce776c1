"""beijing."""
