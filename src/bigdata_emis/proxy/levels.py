"""Levels at which the logarithm of a line's power dwells: a mixture of normals over a flat background.

Belongs here: choosing the number of levels, and which of them stand apart. Does not: the fit (mixtures), or what a level means (states).
"""

import numpy as np

from bigdata_emis.proxy.mixtures import LEAST_SPREAD, Levels, expectation_maximisation
from bigdata_emis.proxy.series import Floats

CELLS = 120
"""Cells of the histogram that stands for the hours: a fit costs the same for a month of hours and a year of quarters."""
MOST_LEVELS = 5
LEAST_WEIGHT = 0.02
"""A level that holds fewer of the intervals is a passage, not a level."""
APART = 2.0
"""Ashman's D (Ashman, Bird and Zepf 1994, eq. 4): two normals further apart than this are two peaks."""
INTERVALS_A_SIGHT = 6.0
"""Neighbouring intervals tell the same: so many count as one observation when the number of levels is weighed (own judgement)."""


def fit_levels(log_power: Floats) -> Levels:
    """The mixture with the least Bayesian information criterion whose levels stand apart.

    Intervals in passage and outliers go to a background that is flat over the range, so they neither widen a level nor make one.
    """
    return fit_levels_of([log_power])[0]


def fit_levels_of(log_powers: list[Floats]) -> list[Levels]:
    """The same for many lines at once, which costs a small part of one after another; each line is told by its own hours alone."""
    wide = [at for at, log_power in enumerate(log_powers) if np.ptp(log_power) >= 2 * LEAST_SPREAD]
    found = [Levels(np.array([float(np.median(log_power))]), np.array([LEAST_SPREAD]), np.ones(1)) for log_power in log_powers]
    if wide:
        for at, levels in zip(wide, _mixtures([log_powers[at] for at in wide]), strict=True):
            found[at] = levels
    return found


def _mixtures(log_powers: list[Floats]) -> list[Levels]:
    """Each line's mixture of each number of levels, and of these the one that its criterion chooses."""
    histograms = [np.histogram(log_power, CELLS) for log_power in log_powers]
    count = np.array([histogram[0] for histogram in histograms])
    centre = np.array([(edges[:-1] + edges[1:]) / 2 for _, edges in histograms])
    sights = count.sum(axis=1) / INTERVALS_A_SIGHT
    share = count / count.sum(axis=1, keepdims=True)
    numbers = np.arange(1, MOST_LEVELS + 1)
    fitted, likelihood = expectation_maximisation(np.repeat(centre, MOST_LEVELS, axis=0), np.repeat(share, MOST_LEVELS, axis=0), np.tile(numbers, len(count)))
    criteria = -2 * sights[:, None] * likelihood.reshape(-1, MOST_LEVELS) + 3 * numbers * np.log(np.maximum(sights, 2))[:, None]
    best = np.arange(len(count)) * MOST_LEVELS + np.argmin(criteria, axis=1)
    return [_apart(fitted[int(at)]) for at in best]


def crossing(levels: Levels, lower: int, upper: int) -> float:
    """The log power between two levels at which both are equally likely; half way where neither yields."""
    at = np.linspace(levels.mean[lower], levels.mean[upper], CELLS)
    logs = [_log_density(at, levels.mean[i], levels.spread[i]) + np.log(levels.weight[i]) for i in (lower, upper)]
    above = np.flatnonzero(logs[1] > logs[0])
    return float(at[above[0]]) if len(above) and above[0] > 0 else float(at.mean())


def _apart(levels: Levels) -> Levels:
    """Levels too light to count are dropped, and neighbours that do not stand apart become one."""
    heavy = levels.weight >= min(LEAST_WEIGHT, levels.weight.max())
    mean, spread, weight = (list(part[heavy]) for part in (levels.mean, levels.spread, levels.weight))
    at = 0
    while at + 1 < len(mean):
        if np.sqrt(2) * (mean[at + 1] - mean[at]) > APART * np.sqrt(spread[at] ** 2 + spread[at + 1] ** 2):
            at += 1
            continue
        whole = weight[at] + weight[at + 1]
        middle = (weight[at] * mean[at] + weight[at + 1] * mean[at + 1]) / whole
        second = sum(weight[i] * (spread[i] ** 2 + (mean[i] - middle) ** 2) for i in (at, at + 1)) / whole
        mean[at : at + 2], spread[at : at + 2], weight[at : at + 2] = [middle], [float(np.sqrt(second))], [whole]
        at = 0
    return Levels(np.array(mean), np.array(spread), np.array(weight))


def _log_density(at: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.asarray(-0.5 * ((at - mean) / spread) ** 2 - np.log(spread) - 0.5 * np.log(2 * np.pi))
