"""The formats in which answers come, as columns of what was sent: encodings, archives, CSV, JSON."""
