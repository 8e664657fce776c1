"""Which lines of the registry the rows of an emergency list are about."""
