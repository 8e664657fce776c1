"""Courses of meters of one line over seven days and an own day, for tests."""

import numpy as np

DAYS_BEFORE, HOURS = 7, np.arange(8 * 24)
OWN = slice(7 * 24, 8 * 24)
SWING = 1 + 0.1 * np.sin(HOURS * 1.3) + 0.05 * np.sin(HOURS * 0.37)
"""What the line does, alike in all of its meters, and different every day."""
PRODUCTION, ABATEMENT = 100 * SWING, 8 * SWING


def times(energy: np.ndarray, factor: float, hours: slice = OWN) -> np.ndarray:
    """The energy with these hours times a factor."""
    changed = energy.copy()
    changed[hours] *= factor
    return changed
