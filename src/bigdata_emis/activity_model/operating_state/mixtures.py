"""Mixtures of normals over a flat background, fitted to many histograms at once by expectation and maximisation.

Belongs here: the rounds, on whole arrays. Does not: how many levels a line has (levels), or what they mean (states).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers

ROUNDS, SETTLED = 120, 1e-5
"""Rounds of expectation and maximisation at most, and the gain in mean log likelihood at which they end."""
LEAST_SPREAD = 0.02
"""Natural-log units: about 2 % of the power, below which meters do not resolve."""
LEAST_HELD = 1e-12
"""A level that holds less than this part divides by it, not by zero."""


@dataclass(frozen=True)
class Levels:
    """Means and spreads of log power and their weights, from low to high."""

    mean: Floats
    spread: Floats
    weight: Floats


@dataclass
class _Fits:
    """One fit a row: mean and spread by level, weight by level and, last, of the background; a level that a fit lacks weighs nothing."""

    mean: Floats
    spread: Floats
    weight: Floats
    likelihood: Floats


def expectation_maximisation(centre: Floats, share: Floats, number: Integers) -> tuple[list[Levels], Floats]:
    """The mixture of so many normals for each histogram (a row of cells' centres and shares), and its mean log likelihood."""
    fits = _begun(centre, share, number)
    height = 1 / np.ptp(centre, axis=1)
    active = np.arange(len(centre))
    for _round in range(ROUNDS):
        density = _densities(centre[active], fits, active)
        total = density.sum(axis=1) + (fits.weight[active, -1] * height[active])[:, None]
        likelihood = (share[active] * np.log(total)).sum(axis=1)
        moves = likelihood - fits.likelihood[active] >= SETTLED
        fits.likelihood[active] = likelihood
        active = active[moves]
        if not len(active):
            break
        _maximise(fits, active, centre[active], density[moves], share[active] / total[moves], height[active])
    return [_ordered(fits, at, int(count)) for at, count in enumerate(number)], fits.likelihood


def _begun(centre: Floats, share: Floats, number: Integers) -> _Fits:
    """Levels at equal ranks, as wide as the range allows, all of one weight."""
    most = int(number.max())
    mean, weight = np.zeros((len(centre), most)), np.zeros((len(centre), most + 1))
    for at, count in enumerate(number):
        mean[at, :count] = np.interp((np.arange(count) + 0.5) / count, np.cumsum(share[at]), centre[at])
        weight[at, :count] = weight[at, -1] = 1 / (count + 1)
    spread = np.maximum(np.ptp(centre, axis=1) / (4 * number), LEAST_SPREAD)
    return _Fits(mean, np.repeat(spread[:, None], most, axis=1), weight, np.full(len(centre), -np.inf))


def _densities(centre: Floats, fits: _Fits, active: Integers) -> Floats:
    """Density of each level, by fit, level and cell, times its weight."""
    mean, spread = fits.mean[active][:, :, None], fits.spread[active][:, :, None]
    away = (centre[:, None, :] - mean) / spread
    away *= away
    away *= -0.5
    np.exp(away, out=away)
    away *= fits.weight[active, :-1, None] / (spread * np.sqrt(2 * np.pi))
    return np.asarray(away)


def _maximise(fits: _Fits, active: Integers, centre: Floats, density: Floats, part: Floats, height: Floats) -> None:
    """Weights, means and spreads from the part of each cell that each level holds."""
    background = fits.weight[active, -1] * height * part.sum(axis=1)
    density *= part[:, None, :]
    weight = density.sum(axis=2)
    inside = np.maximum(weight, LEAST_HELD)
    mean = np.matmul(density, centre[:, :, None])[:, :, 0] / inside
    away = centre[:, None, :] - mean[:, :, None]
    away *= away
    away *= density
    variance = away.sum(axis=2) / inside
    fits.mean[active], fits.spread[active] = mean, np.sqrt(np.maximum(variance, LEAST_SPREAD**2))
    fits.weight[active, :-1], fits.weight[active, -1] = weight, background


def _ordered(fits: _Fits, at: int, count: int) -> Levels:
    order = np.argsort(fits.mean[at, :count])
    return Levels(fits.mean[at, :count][order], fits.spread[at, :count][order], fits.weight[at, :count][order])
