"""The hidden truth of the simulated region, and the scores of the published inventory against it."""
