"""What one series tells about another in any form: mutual information by nearest neighbours, on whole NumPy arrays.

Belongs here: the estimate, also of many shifts at once. Does not: its test (relate), or other statistics (statistics.py).
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from scipy.spatial import cKDTree

from bigdata_emis.arrays import Floats, Integers

Series: TypeAlias = Floats
Whole: TypeAlias = Integers
SMALL = 1e-10
"""Relative size below which a remainder is rounding."""
DENSE_POINTS = 600


def mutual_information(indicator: Series, target: Series, *, neighbours: int = 3) -> float:
    """Mutual information of two series in nats, by the distances to the nearest neighbours; never below 0.

    I = ψ(n) + ψ(k) − mean(ψ(n_x + 1) + ψ(n_y + 1)), with n_x and n_y the points nearer in one coordinate than the k-th neighbour in
    both. Each series is taken by its normal scores, which changes nothing in what one tells about the other and tames outliers.

    Source: Kraskov, Stögbauer and Grassberger (2004), Phys. Rev. E 69, 066138, equation 8; as in scikit-learn's mutual_info_regression.
    """
    return max(0.0, next(shifted_information(indicator, target, [0], neighbours=neighbours)))


def shifted_information(
    indicator: Series, target: Series, shifts: Iterable[int], *, neighbours: int = 3
) -> Iterator[float]:
    """The estimate of mutual information while one series is shifted round by so many places, one after another; NaN for too few pairs.

    Unlike the information itself an estimate may fall below 0, which keeps the estimates of independent series about 0.

    Source: as for mutual_information.
    """
    first, second = np.asarray(indicator, float), np.asarray(target, float)
    whole = np.isfinite(first) & np.isfinite(second)
    x, y = normal_scores(first[whole]), normal_scores(second[whole])
    if x.size <= neighbours:
        yield from (float("nan") for _ in shifts)
        return
    nearer = _nearer_by_matrix if x.size <= DENSE_POINTS else _nearer_by_tree
    x_nearer, y_nearer = nearer(x, y, list(shifts), neighbours)
    by_count = special.digamma(np.arange(1, x.size + 1))
    found = (
        by_count[-1]
        + special.digamma(neighbours)
        - by_count[x_nearer - 1].mean(axis=1)
        - by_count[y_nearer - 1].mean(axis=1)
    )
    yield from found.tolist()


def normal_scores(series: Series) -> Series:
    """The normal quantile of each value's rank; equal values have equal scores.

    Source: van der Waerden (1952), Indagationes Mathematicae 14, 453.
    """
    scores: Series = special.ndtri(stats.rankdata(series) / (len(series) + 1))
    return scores


def informational_correlation(information: float) -> float:
    """Mutual information in nats on the scale of a correlation: sqrt(1 − exp(−2 I)), which is |r| for two normal series.

    Source: Linfoot (1957), Information and Control 1, 85.
    """
    return float(np.sqrt(-np.expm1(-2 * information)))


def _nearer_by_matrix(x: Series, y: Series, shifts: list[int], neighbours: int) -> tuple[Whole, Whole]:
    """For each shift (row) and point the points, itself too, that are strictly nearer than its k-th neighbour in either coordinate.

    All distances are taken once and sorted once a pair: a shift moves rows and columns of one matrix, and every count is then a
    search among a row's sorted distances. For few points this is an order of magnitude quicker than a tree.
    """
    x_apart, y_apart = (np.abs(series[:, None] - series).astype(np.float32) for series in (x, y))
    round_twice = np.tile(x_apart, (2, 2))
    starts = [-shift % x.size for shift in shifts]
    reach = np.array(
        [_reach(round_twice[start : start + x.size, start : start + x.size], y_apart, neighbours) for start in starts]
    )
    rows = (np.arange(x.size) + np.array(starts)[:, None]) % x.size
    return _counts_below(x_apart, rows, reach), _counts_below(
        y_apart, np.broadcast_to(np.arange(x.size), rows.shape), reach
    )


def _reach(x_apart: NDArray[np.float32], y_apart: NDArray[np.float32], neighbours: int) -> NDArray[np.float32]:
    """The distance of each point to its k-th neighbour: the least is struck out k − 1 times, which beats ordering the rows."""
    joint = np.maximum(x_apart, y_apart)
    points = np.arange(len(joint))
    joint[points, points] = np.inf
    for _ in range(neighbours - 1):
        joint[points, joint.argmin(axis=1)] = np.inf
    found: NDArray[np.float32] = joint.min(axis=1)
    return found


def _counts_below(apart: NDArray[np.float32], rows: Whole, reach: NDArray[np.float32]) -> Whole:
    """How many distances of the row of each point are below its reach, itself at least: a binary search for all at once."""
    points = len(apart)
    width = 1 << points.bit_length()
    padded = np.full((points, width), np.inf, np.float32)
    padded[:, :points] = np.sort(apart, axis=1)
    flat, start = padded.ravel(), rows * width - 1
    count = np.zeros(rows.shape, np.int64)
    step = width // 2
    while step:
        count += step * (flat[start + count + step] < reach)
        step //= 2
    return np.maximum(count, 1)


def _nearer_by_tree(x: Series, y: Series, shifts: list[int], neighbours: int) -> tuple[Whole, Whole]:
    """The same counts by a tree of the points for each shift."""
    counts = np.array([_nearer_in_tree(np.roll(x, shift), y, neighbours) for shift in shifts])
    return counts[:, 0], counts[:, 1]


def _nearer_in_tree(x: Series, y: Series, neighbours: int) -> tuple[Whole, Whole]:
    """The counts by a tree of the points."""
    points = np.column_stack([x, y])
    reach = cKDTree(points).query(points, k=neighbours + 1, p=np.inf)[0][:, -1] * (1 - SMALL)
    x_nearer, y_nearer = (
        np.maximum(np.searchsorted(s, v + reach, "right") - np.searchsorted(s, v - reach, "left"), 1)
        for v, s in ((x, np.sort(x)), (y, np.sort(y)))
    )
    return x_nearer, y_nearer
