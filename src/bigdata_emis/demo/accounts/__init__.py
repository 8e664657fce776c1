"""What others know of the emission of the simulated industry: audited months and totals of cities."""
