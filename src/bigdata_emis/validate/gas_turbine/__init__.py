"""Stack NOx and CO of a gas turbine, walk-forward. Research: judged here, not run by the day."""
