"""Matrix arithmetic with its sources: agreement, conformal quantiles, reconciliation, propagation, decomposition."""
