"""Alert levels, emergency measures, and the emission that a scenario cuts."""
