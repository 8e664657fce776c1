"""Speed of a link that never had a reading, from place, adjacency and the links around it.

Belongs here: distances on the network, the columns of such a link. Does not: the model (speed_transfer), reading.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from lightgbm import LGBMRegressor
from scipy.sparse.csgraph import dijkstra

from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.inventory.roads.speed_transfer import LinkRows, SpeedEstimate, transfer_speed

NEIGHBOURS, DETAILED = 12, 6
SMOOTH_STEPS, SLOW_STEPS, LEAD_STEPS = 2, 9, 6
"""Half-widths of moving means and the lag of a trend, in time steps of five minutes."""
FAR = 20.0
"""Network distance of links that no path joins, in units of the kernel width."""
KM_SHARE = 0.15
"""Weight of a kilometre as the crow flies against a kernel width on the network, in the order of neighbours."""
NETWORK_SCALES, KM_SCALES = (0.3, 0.7, 1.5), (0.7, 2.0, 6.0)
LEAST_WEIGHT, CLOSEST, LOOSEST = 1e-6, 1e-3, 1e-6
TRAIN_STRIDE = 6
"""Every sixth time step of a link is fitted: neighbouring ones say the same."""


@dataclass(frozen=True)
class RoadNetwork:
    """Places of links in kilometres, (links,), and their adjacency, a Gaussian kernel of distance, (links, links)."""

    x_km: Floats
    y_km: Floats
    adjacency: Floats

    @cached_property
    def apart_km(self) -> Floats:
        """Distance as the crow flies, (links, links)."""
        apart: Floats = np.hypot(self.x_km[:, None] - self.x_km, self.y_km[:, None] - self.y_km)
        return apart

    @cached_property
    def network_distance(self) -> Floats:
        """Shortest path over adjacent links, with d = sqrt(−ln adjacency)."""
        kernel = np.where(np.eye(len(self.x_km), dtype=bool), 0.0, self.adjacency)
        step = np.where(kernel > 0, np.sqrt(-np.log(np.clip(kernel, LOOSEST, 1 - LOOSEST))) + CLOSEST, 0.0)
        path = dijkstra(step, directed=False)
        return np.where(np.isfinite(path), path, FAR)


def estimate_unseen_speed(
    network: RoadNetwork, speed: Floats, steps_of_day: Floats, is_weekend: Floats, unseen: Positions
) -> SpeedEstimate:
    """Speed of links without any reading at every time, (links × times,), link after link.

    `speed` is (links, times); rows of unseen links are NaN throughout. Every other link is described as if it had no
    reading either, and the trees learn from those.
    """
    seen = np.flatnonzero(np.isfinite(speed).any(axis=1))
    filled = fill_gaps(speed)
    times = np.column_stack([steps_of_day, is_weekend])
    every = np.arange(speed.shape[1])
    parts, targets = [], []
    for link in seen.tolist():
        at = every[link % TRAIN_STRIDE :: TRAIN_STRIDE]
        at = at[np.isfinite(speed[link, at])]
        parts.append(_describe(network, filled, times, link, seen[seen != link], at))
        targets.append(speed[link, at])
    hidden = [_describe(network, filled, times, link, seen, every) for link in unseen.tolist()]
    return transfer_speed(join_rows(parts), np.concatenate(targets), join_rows(hidden))


def estimate_by_graph_neighbours(
    network: RoadNetwork, speed: Floats, steps_of_day: Floats, unseen: Positions
) -> Floats:
    """Speed of links without any reading by one plain boosted model on their nearest links on the network.

    Columns: speed now and network distance of each of the nearest links, their mean by adjacency, time of the day.
    """
    seen = np.flatnonzero(np.isfinite(speed).any(axis=1))
    filled = fill_gaps(speed)

    def columns(link: int, at: Positions) -> Floats:
        around = seen[seen != link]
        near = around[np.argsort(network.network_distance[link, around], kind="stable")][:DETAILED]
        weights = network.adjacency[link, near] + LEAST_WEIGHT
        mean = np.average(filled[near][:, at], axis=0, weights=weights)
        distance = np.tile(network.network_distance[link, near], (len(at), 1))
        return np.column_stack([steps_of_day[at], mean, *filled[near][:, at], distance])

    every = np.arange(speed.shape[1])
    rows = [(link, every[link % TRAIN_STRIDE :: TRAIN_STRIDE]) for link in seen.tolist()]
    rows = [(link, at[np.isfinite(speed[link, at])]) for link, at in rows]
    target = np.concatenate([speed[link, at] for link, at in rows])
    booster = LGBMRegressor(random_state=1, n_jobs=1, verbose=-1, deterministic=True, force_row_wise=True)
    booster.fit(np.vstack([columns(link, at) for link, at in rows]), target)
    return np.asarray(booster.predict(np.vstack([columns(link, every) for link in unseen.tolist()])), dtype=np.float64)


def join_rows(parts: list[LinkRows]) -> LinkRows:
    """Rows of several links, one after the other."""
    return LinkRows(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.link for part in parts]),
    )


def fill_gaps(speed: Floats) -> Floats:
    """Speeds of each link with gaps interpolated in time; a link without readings stays NaN."""
    filled = speed.copy()
    at = np.arange(speed.shape[1])
    for row in filled:
        is_known = np.isfinite(row)
        if is_known.any() and not is_known.all():
            row[~is_known] = np.interp(at[~is_known], at[is_known], row[is_known])
    return filled


def moving_mean(series: Floats, half_width: int) -> Floats:
    """Mean over `half_width` steps before to as many after each, with the end values repeated, (links, times)."""
    padded = np.pad(series, ((0, 0), (half_width, half_width)), mode="edge")
    total = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1)
    width = 2 * half_width + 1
    mean: Floats = (total[:, width:] - total[:, :-width]) / width
    return mean


def _describe(
    network: RoadNetwork, speed: Floats, times: Floats, link: int, around: Positions, at: Positions
) -> LinkRows:
    """Rows of one link from the links around it, without its own readings."""
    path, apart = network.network_distance[link], network.apart_km[link]
    by_path = around[np.argsort(path[around] + KM_SHARE * apart[around], kind="stable")][:NEIGHBOURS]
    by_place = around[np.argsort(apart[around], kind="stable")][:NEIGHBOURS]
    near, placed = moving_mean(speed[by_path], SMOOTH_STEPS)[:, at], moving_mean(speed[by_place], SMOOTH_STEPS)[:, at]
    slow = moving_mean(speed[by_path], SLOW_STEPS)[:, at]
    adjacent = network.adjacency[link, around] + LEAST_WEIGHT
    start = np.average(speed[around][:, at], axis=0, weights=adjacent)
    means = [np.average(near, axis=0, weights=np.exp(-path[by_path] / s) + LEAST_WEIGHT) for s in NETWORK_SCALES]
    means += [np.average(placed, axis=0, weights=np.exp(-apart[by_place] / s) + LEAST_WEIGHT) for s in KM_SCALES]
    ordered = np.sort(near[:8], axis=0)
    of_time = [*times[at].T, speed[around][:, at].mean(axis=0), start, *means, *ordered[[0, 1, 3, -1]]]
    of_time += [near[:8].std(axis=0), *near[:DETAILED], *slow[:3], *placed[:3]]
    level = speed[by_path[:8]].mean(axis=1)
    of_link = [network.x_km[link], network.y_km[link], adjacent.sum(), level.mean(), level.min(), level.std()]
    of_link += [*path[by_path[:DETAILED]], *apart[by_path[:DETAILED]], *network.adjacency[link, by_path[:DETAILED]]]
    of_link += [*speed[by_path[:DETAILED]].mean(axis=1), *path[by_place[:3]], *apart[by_place[:3]]]
    inputs = np.column_stack([*of_time, np.tile(of_link, (len(at), 1))])
    return LinkRows(inputs, start, np.full(len(at), link))
