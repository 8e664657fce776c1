"""How every stage is run: reading its tables, calling it, checking and writing its results, and recording the run."""
