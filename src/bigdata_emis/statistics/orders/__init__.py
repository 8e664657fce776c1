"""Orders as shares of an emission."""
