"""Normal mixtures of log power with a flat background, fitted to many histograms at once by expectation–maximisation.

Belongs here: the iterations, on whole arrays. Does not: how many levels a line has, or what they mean (states).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers

MAX_ROUNDS, MIN_GAIN = 120, 1e-5
"""Maximum number of iterations, and the gain in mean log likelihood below which a fit has converged."""
MIN_SPREAD = 0.02
"""Natural-log units: about 2 % of the power, the resolution of meters."""
MIN_WEIGHT_SUM = 1e-12
"""Lower limit of a level's weight in a division, so that an empty level does not divide by zero."""


@dataclass(frozen=True)
class Levels:
    """Means and spreads of log power, and weights, from low to high; each `(levels,)`."""

    mean: Floats
    spread: Floats
    weight: Floats


@dataclass
class _Fits:
    """One fit a row: `mean` and `spread` `(fits, levels)`, `weight` `(fits, levels + 1)` with the background last.

    A level that a fit does not have weighs nothing.
    """

    mean: Floats
    spread: Floats
    weight: Floats
    likelihood: Floats


def expectation_maximisation(centre: Floats, share: Floats, number: Integers) -> tuple[list[Levels], Floats]:
    """Mixture of `number` normals for each histogram, and its mean log likelihood.

    `centre` and `share` are `(fits, cells)`: the centres of the cells and their shares, which add up to 1; `number` is
    `(fits,)`.

    Source: Dempster, Laird and Rubin (1977), J. R. Stat. Soc. B 39, 1.
    """
    fits = _initial_fits(centre, share, number)
    height = 1 / np.ptp(centre, axis=1)
    active = np.arange(len(centre))
    for _round in range(MAX_ROUNDS):
        density = _densities(centre[active], fits, active)
        total = density.sum(axis=1) + (fits.weight[active, -1] * height[active])[:, None]
        likelihood = (share[active] * np.log(total)).sum(axis=1)
        is_improving = likelihood - fits.likelihood[active] >= MIN_GAIN
        fits.likelihood[active] = likelihood
        active = active[is_improving]
        if not len(active):
            break
        density, part = density[is_improving], share[active] / total[is_improving]
        _maximise(fits, active, centre[active], density, part, height[active])
    return [_sorted_levels(fits, row, int(count)) for row, count in enumerate(number)], fits.likelihood


def _initial_fits(centre: Floats, share: Floats, number: Integers) -> _Fits:
    """Levels at equal ranks, as wide as the range allows, all of equal weight."""
    most = int(number.max())
    mean, weight = np.zeros((len(centre), most)), np.zeros((len(centre), most + 1))
    for row, count in enumerate(number):
        mean[row, :count] = np.interp((np.arange(count) + 0.5) / count, np.cumsum(share[row]), centre[row])
        weight[row, :count] = weight[row, -1] = 1 / (count + 1)
    spread = np.maximum(np.ptp(centre, axis=1) / (4 * number), MIN_SPREAD)
    return _Fits(mean, np.repeat(spread[:, None], most, axis=1), weight, np.full(len(centre), -np.inf))


def _densities(centre: Floats, fits: _Fits, active: Integers) -> Floats:
    """Weighted density of each level, `(fits, levels, cells)`."""
    mean, spread = fits.mean[active][:, :, None], fits.spread[active][:, :, None]
    density = (centre[:, None, :] - mean) / spread
    density *= density
    density *= -0.5
    np.exp(density, out=density)
    density *= fits.weight[active, :-1, None] / (spread * np.sqrt(2 * np.pi))
    return np.asarray(density)


def _maximise(fits: _Fits, active: Integers, centre: Floats, density: Floats, part: Floats, height: Floats) -> None:
    """Update weights, means and spreads from the part of each cell that belongs to each level."""
    background = fits.weight[active, -1] * height * part.sum(axis=1)
    density *= part[:, None, :]
    weight = density.sum(axis=2)
    divisor = np.maximum(weight, MIN_WEIGHT_SUM)
    mean = np.matmul(density, centre[:, :, None])[:, :, 0] / divisor
    deviation = centre[:, None, :] - mean[:, :, None]
    deviation *= deviation
    deviation *= density
    variance = deviation.sum(axis=2) / divisor
    fits.mean[active], fits.spread[active] = mean, np.sqrt(np.maximum(variance, MIN_SPREAD**2))
    fits.weight[active, :-1], fits.weight[active, -1] = weight, background


def _sorted_levels(fits: _Fits, row: int, count: int) -> Levels:
    order = np.argsort(fits.mean[row, :count])
    return Levels(fits.mean[row, :count][order], fits.spread[row, :count][order], fits.weight[row, :count][order])
