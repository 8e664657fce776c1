"""What the emission inventory says about the rows of an emergency list: base and cut in kg/d."""
