"""The commands about scenarios: `emis recalc` and `emis scenario …`."""
