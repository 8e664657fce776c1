"""The least-cost choice of steps as a mixed-integer programme: pure functions of a problem."""
