"""The commands `emis list …`: the emergency list of a city."""
