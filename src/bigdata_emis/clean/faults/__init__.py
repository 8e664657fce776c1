"""Faults of instruments that show only in their series: stuck, scaled, shifted in time, copied, drifting."""
