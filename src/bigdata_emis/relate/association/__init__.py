"""Statistics of association between hourly indicators and targets."""
