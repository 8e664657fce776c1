"""Levels at which the logarithm of a line's power dwells: a mixture of normals over a flat background.

Belongs here: fitting the mixture and choosing its number of levels. Does not: what a level means (states).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.proxy.series import Floats

CELLS = 120
"""Cells of the histogram that stands for the hours: a fit costs the same for a month of hours and a year of quarters."""
MOST_LEVELS = 5
ROUNDS, SETTLED = 120, 1e-5
"""Rounds of expectation and maximisation at most, and the gain in mean log likelihood at which they end."""
LEAST_SPREAD = 0.02
"""Natural-log units: about 2 % of the power, below which meters do not resolve."""
LEAST_WEIGHT = 0.02
"""A level that holds fewer of the intervals is a passage, not a level."""
APART = 2.0
"""Ashman's D (Ashman, Bird and Zepf 1994, eq. 4): two normals further apart than this are two peaks."""
INTERVALS_A_SIGHT = 6.0
"""Neighbouring intervals tell the same: so many count as one observation when the number of levels is weighed (own judgement)."""


@dataclass(frozen=True)
class Levels:
    """Means and spreads of log power and their weights, from low to high."""

    mean: Floats
    spread: Floats
    weight: Floats


def fit_levels(log_power: Floats) -> Levels:
    """The mixture with the least Bayesian information criterion whose levels stand apart.

    Intervals in passage and outliers go to a background that is flat over the range, so they neither widen a level nor make one.
    """
    low, high = float(log_power.min()), float(log_power.max())
    if high - low < 2 * LEAST_SPREAD:
        return Levels(np.array([float(np.median(log_power))]), np.array([LEAST_SPREAD]), np.ones(1))
    count, edges = np.histogram(log_power, CELLS, (low, high))
    centre, sights = (edges[:-1] + edges[1:]) / 2, count.sum() / INTERVALS_A_SIGHT
    share = count / count.sum()
    found = [_expectation_maximisation(centre, share, number) for number in range(1, MOST_LEVELS + 1)]
    criteria = [-2 * sights * fitted[1] + (3 * number) * np.log(max(sights, 2)) for number, fitted in enumerate(found, start=1)]
    return _apart(found[int(np.argmin(criteria))][0])


def crossing(levels: Levels, lower: int, upper: int) -> float:
    """The log power between two levels at which both are equally likely; half way where neither yields."""
    at = np.linspace(levels.mean[lower], levels.mean[upper], CELLS)
    logs = [_log_density(at, levels.mean[i], levels.spread[i]) + np.log(levels.weight[i]) for i in (lower, upper)]
    above = np.flatnonzero(logs[1] > logs[0])
    return float(at[above[0]]) if len(above) and above[0] > 0 else float(at.mean())


def _expectation_maximisation(centre: Floats, share: Floats, number: int) -> tuple[Levels, float]:
    """The mixture of so many normals, and its mean log likelihood."""
    ranks = np.interp((np.arange(number) + 0.5) / number, np.cumsum(share), centre)
    mean, spread, weight = ranks, np.full(number, max(np.ptp(centre) / (4 * number), LEAST_SPREAD)), np.full(number + 1, 1 / (number + 1))
    flat = np.full((len(centre), 1), 1 / np.ptp(centre))
    likelihood = -np.inf
    for _round in range(ROUNDS):
        density = np.hstack([np.exp(_log_density(centre[:, None], mean, spread)), flat]) * weight
        total = density.sum(axis=1)
        before, likelihood = likelihood, float(share @ np.log(total))
        if likelihood - before < SETTLED:
            break
        held = density / total[:, None] * share[:, None]
        weight = held.sum(axis=0)
        inside = np.maximum(weight[:-1], 1e-12)
        mean = held[:, :-1].T @ centre / inside
        variance = (held[:, :-1] * (centre[:, None] - mean) ** 2).sum(axis=0) / inside
        spread = np.sqrt(np.maximum(variance, LEAST_SPREAD**2))
    order = np.argsort(mean)
    return Levels(mean[order], spread[order], weight[:-1][order]), likelihood


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
