"""Orders on the trucks of plants, beside what their gates recorded."""
