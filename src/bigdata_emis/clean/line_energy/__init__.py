"""line_energy."""
