"""The checks of `emis doctor`: machine, registry, lake, feeds, and what waits for a person."""
