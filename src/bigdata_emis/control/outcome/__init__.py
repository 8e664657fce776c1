"""What became of an order: emission without it, what was cut, which lines did not obey, and their cases."""
