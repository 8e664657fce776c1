"""Upkeep of an installed system: what may be deleted after a time, whether everything is well, and the log file."""
