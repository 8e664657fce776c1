"""Steps that the cleaning of every feed shares: rules, outliers, gaps, hours, and one pass of the engine."""
