"""The least-cost set of measures that reaches the targets of a level."""
