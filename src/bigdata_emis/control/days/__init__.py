"""The days of a recalculation: computed side by side, and taken from another scenario where nothing differs."""
