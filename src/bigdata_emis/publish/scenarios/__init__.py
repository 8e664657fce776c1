"""Scenarios after their recalculation: which one is in force in which hour, and the files that say so."""
