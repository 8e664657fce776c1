"""The inventory of days to come, projected from recent published days."""
