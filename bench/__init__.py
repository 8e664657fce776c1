"""The benchmark: workloads drawn from a seed, timed with our stages and with plain scripts."""
