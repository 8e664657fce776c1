"""What the sheet of a plant says beside its list: the inventory, and reasons in Chinese."""
