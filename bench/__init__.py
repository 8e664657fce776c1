"""The workloads that are timed: made from a seed, run by our own stages and by plain scripts, compared and measured."""
