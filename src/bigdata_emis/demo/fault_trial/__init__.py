"""Trial of the cleaning rules on simulated faults of known places."""
