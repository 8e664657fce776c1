"""The demonstration: the simulated region jjj with its providers and hidden truth, and the measured region nys."""
