"""Suspect rows flagged and set aside, gaps filled and marked, everything brought to the hour."""
