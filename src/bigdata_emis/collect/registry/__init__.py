"""Registry files as text, and the rules that hold between registry rows."""
