"""Mutual information of two series, estimated from nearest neighbours, on whole NumPy arrays.

Belongs here: the estimate, also for many shifts of one series. Does not: its significance test (relate/association).
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from scipy.spatial import cKDTree

from bigdata_emis.arrays import Floats, Integers

SMALL = 1e-10
"""Relative size below which a remainder is rounding noise."""
DENSE_POINTS = 600
"""Number of points up to which a matrix of all distances is faster than a tree."""


def shifted_information(
    indicator: Floats, target: Floats, shifts: Iterable[int], *, neighbours: int = 3
) -> Iterator[float]:
    """Mutual information in nats for each circular shift; NaN for too few pairs.

        I = ψ(n) + ψ(k) − mean(ψ(n_x + 1) + ψ(n_y + 1))

    n_x and n_y count the points that are nearer in one coordinate than the k-th neighbour in both. Each series is
    replaced by its normal scores, which leaves the information unchanged and limits the influence of outliers. The
    estimate may fall below 0, so that the estimates for independent series scatter around 0.

    Source: Kraskov, Stögbauer and Grassberger (2004), Phys. Rev. E 69, 066138, equation 8,
    doi:10.1103/PhysRevE.69.066138; as in scikit-learn's mutual_info_regression.
    """
    first, second = np.asarray(indicator, float), np.asarray(target, float)
    is_known = np.isfinite(first) & np.isfinite(second)
    x, y = normal_scores(first[is_known]), normal_scores(second[is_known])
    if x.size <= neighbours:
        yield from (float("nan") for _ in shifts)
        return
    count_nearer = _count_nearer_by_matrix if x.size <= DENSE_POINTS else _count_nearer_by_tree
    x_nearer, y_nearer = count_nearer(x, y, list(shifts), neighbours)
    digamma = special.digamma(np.arange(1, x.size + 1))
    information = (
        digamma[-1]
        + special.digamma(neighbours)
        - digamma[x_nearer - 1].mean(axis=1)
        - digamma[y_nearer - 1].mean(axis=1)
    )
    yield from information.tolist()


def normal_scores(series: Floats) -> Floats:
    """Normal quantile of each value's rank; equal values have equal scores.

    Source: van der Waerden (1952), Indagationes Mathematicae 14, 453.
    """
    scores: Floats = special.ndtri(stats.rankdata(series) / (len(series) + 1))
    return scores


def informational_correlation(information: float) -> float:
    """Mutual information in nats on the scale of a correlation; |r| for two normal series.

        r = sqrt(1 − exp(−2 I))

    Source: Linfoot (1957), Information and Control 1, 85.
    """
    return float(np.sqrt(-np.expm1(-2 * information)))


def _count_nearer_by_matrix(x: Floats, y: Floats, shifts: list[int], neighbours: int) -> tuple[Integers, Integers]:
    """Points, including itself, strictly nearer than the k-th neighbour in either coordinate: `(shifts, points)` each.

    All distances are computed once and sorted once: a shift moves rows and columns of one matrix, and each count is
    then a search among a row's sorted distances. For few points this is an order of magnitude faster than a tree.
    """
    x_distance, y_distance = (np.abs(series[:, None] - series).astype(np.float32) for series in (x, y))
    tiled = np.tile(x_distance, (2, 2))
    starts = [-shift % x.size for shift in shifts]
    reach = np.array(
        [
            _neighbour_distance(tiled[start : start + x.size, start : start + x.size], y_distance, neighbours)
            for start in starts
        ]
    )
    rows = (np.arange(x.size) + np.array(starts)[:, None]) % x.size
    unshifted = np.broadcast_to(np.arange(x.size), rows.shape)
    return _count_below(x_distance, rows, reach), _count_below(y_distance, unshifted, reach)


def _neighbour_distance(
    x_distance: NDArray[np.float32], y_distance: NDArray[np.float32], neighbours: int
) -> NDArray[np.float32]:
    """Distance of each point to its k-th neighbour: removing the least k − 1 times is faster than sorting the rows."""
    joint = np.maximum(x_distance, y_distance)
    points = np.arange(len(joint))
    joint[points, points] = np.inf
    for _ in range(neighbours - 1):
        joint[points, joint.argmin(axis=1)] = np.inf
    distance: NDArray[np.float32] = joint.min(axis=1)
    return distance


def _count_below(distance: NDArray[np.float32], rows: Integers, reach: NDArray[np.float32]) -> Integers:
    """Number of distances of each point's row below its reach, at least 1: one binary search for all at once."""
    points = len(distance)
    width = 1 << points.bit_length()
    padded = np.full((points, width), np.inf, np.float32)
    padded[:, :points] = np.sort(distance, axis=1)
    flat, start = padded.ravel(), rows * width - 1
    count = np.zeros(rows.shape, np.int64)
    step = width // 2
    while step:
        count += step * (flat[start + count + step] < reach)
        step //= 2
    return np.maximum(count, 1)


def _count_nearer_by_tree(x: Floats, y: Floats, shifts: list[int], neighbours: int) -> tuple[Integers, Integers]:
    """The same counts from a tree of the points for each shift."""
    counts = np.array([_count_nearer_in_tree(np.roll(x, shift), y, neighbours) for shift in shifts])
    return counts[:, 0], counts[:, 1]


def _count_nearer_in_tree(x: Floats, y: Floats, neighbours: int) -> tuple[Integers, Integers]:
    points = np.column_stack([x, y])
    reach = cKDTree(points).query(points, k=neighbours + 1, p=np.inf)[0][:, -1] * (1 - SMALL)
    x_nearer, y_nearer = (
        np.maximum(np.searchsorted(s, v + reach, "right") - np.searchsorted(s, v - reach, "left"), 1)
        for v, s in ((x, np.sort(x)), (y, np.sort(y)))
    )
    return x_nearer, y_nearer
