"""How much one hourly series tells about another in any form, and how much of that a shift in time would tell as well.

Belongs here: the test of mutual information. Does not: the estimate itself (equations/information), or which pairs.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bigdata_emis.equations.information import informational_correlation, shifted_information

Floats = NDArray[np.float64]

SHIFTS = 19
NEAREST_SHIFT_H = 12
"""Shorter shifts would compare an hour with its own neighbourhood."""


def information_test(indicator: Floats, target: Floats) -> tuple[float, float, int]:
    """Informational correlation of the same hours, its p value under circular shifts, and the number of pairs.

    A shift keeps each series' memory and rhythm and breaks what binds the two. The estimates of 19 shifts, spread evenly, tell
    what chance gives: p is that of one more draw from a normal distribution with their mean and spread (Student's t).

    Source: circular shifts as in Harris (2020), arXiv 2012.06862; prediction of a further draw: Student (1908), Biometrika 6, 1.
    """
    known = np.isfinite(indicator) & np.isfinite(target)
    x, y = indicator[known], target[known]
    if len(x) < 2 * NEAREST_SHIFT_H or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan"), float("nan"), int(known.sum())
    shifts = np.unique(np.linspace(NEAREST_SHIFT_H, len(x) - NEAREST_SHIFT_H, SHIFTS).astype(int)).tolist()
    found, *by_chance = shifted_information(x, y, [0, *shifts])
    return informational_correlation(max(0.0, found)), _chance(found, np.array(by_chance)), int(known.sum())


def _chance(found: float, by_chance: Floats) -> float:
    """The probability of a further draw at least as large; 1 where there are too few shifts to know their spread."""
    count = len(by_chance)
    spread = float(by_chance.std(ddof=1)) * np.sqrt(1 + 1 / count) if count > 1 else 0.0
    return float(stats.t.sf((found - by_chance.mean()) / spread, count - 1)) if spread > 0 else 1.0
