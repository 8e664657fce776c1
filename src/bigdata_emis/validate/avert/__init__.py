"""avert."""
