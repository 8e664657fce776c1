"""One module for each kind of file that an air-quality model reads."""
