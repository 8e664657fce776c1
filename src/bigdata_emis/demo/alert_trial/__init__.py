"""A simulated alert of a few days, drawn so fast that orders can be judged on many seeds."""
