"""The simulated region as it truly is: enterprises, meters, roads, areas, phones, and the measured air above them."""
