"""Speed of a link that fell silent, from its own past and from links that move with it.

Belongs here: regression of each link's past on its neighbours, and columns of the silent time. Does not: the model
across links (speed_transfer), reading.
"""

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import Ridge

from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.inventory.roads.speed_transfer import LinkRows, SpeedEstimate, transfer_speed
from bigdata_emis.inventory.roads.unseen_speed import fill_gaps, join_rows, moving_mean

NEIGHBOURS, DETAILED = 25, 6
RIDGE_PENALTY = 30.0
FOREST_TREES, LEAST_LEAF, TREE_NEIGHBOURS, TREND_NEIGHBOURS = 60, 3, 15, 8
FOREST_COLUMNS_SHARE = 0.4
LAG_STEPS = 3
SMOOTH_STEPS = 3
STEPS_A_DAY = 288
MOST_TEACHERS = 90
"""Links with readings that are treated as silent too, so that the trees learn how far each estimate can be trusted."""
SEED = 1


def estimate_silent_speed(
    speed: Floats, step_of_day: Positions, is_weekend: Flags, is_silent_time: Flags, silent: Positions
) -> SpeedEstimate:
    """Speed of silent links during the silent time, (links × silent times,), link after link.

    `speed` is (links, times), NaN where a silent link is silent. Links with readings are treated as if they were
    silent then: their estimate uses their past and other links only, and its error is what the trees learn from.
    """
    filled = fill_gaps(np.where(is_silent_time & np.isin(np.arange(len(speed)), silent)[:, None], np.nan, speed))
    heard = np.setdiff1d(np.flatnonzero(np.isfinite(speed).any(axis=1)), silent)
    teachers = np.sort(np.random.default_rng(SEED).permutation(heard)[:MOST_TEACHERS])
    clock = (step_of_day, is_weekend, is_silent_time)
    parts, targets = [], []
    for link in teachers.tolist():
        rows = _describe(filled, clock, link, heard[heard != link])
        measured = speed[link, is_silent_time]
        is_known = np.isfinite(measured)
        parts.append(LinkRows(rows.inputs[is_known], rows.start[is_known], rows.link[is_known]))
        targets.append(measured[is_known])
    hidden = [_describe(filled, clock, link, heard) for link in silent.tolist()]
    return transfer_speed(join_rows(parts), np.concatenate(targets), join_rows(hidden))


def own_profile(speed: Floats, step_of_day: Positions, is_weekend: Flags, is_past: Flags) -> Floats:
    """Mean speed of a link at each time of the day over past days of the same kind (working day or weekend), (times,).

    Past days of either kind where there is none of the same.
    """
    profile = np.full(len(speed), np.nan)
    for kind in (False, True):
        rows = is_past & (is_weekend == kind)
        rows = rows if rows.any() else is_past
        known = rows & np.isfinite(speed)
        count, total = (
            np.bincount(step_of_day[known], weights, minlength=STEPS_A_DAY)
            for weights in (np.ones(known.sum()), speed[known])
        )
        mean = np.where(count > 0, total / np.maximum(count, 1), speed[known].mean())
        smooth = moving_mean(np.concatenate([mean[-SMOOTH_STEPS:], mean, mean[:SMOOTH_STEPS]])[None], SMOOTH_STEPS)[0]
        smooth = smooth[SMOOTH_STEPS:-SMOOTH_STEPS]
        profile = np.where(is_weekend == kind, smooth[step_of_day], profile)
    return profile


def nearest_in_time(speed: Floats, link: int, around: Positions, is_past: Flags) -> Positions:
    """The links around whose past is most correlated with that of the link, best first."""
    past = np.vstack([speed[link, is_past], moving_mean(speed[around], SMOOTH_STEPS)[:, is_past]])
    past = past - past.mean(axis=1, keepdims=True)
    size = np.sqrt((past**2).sum(axis=1))
    correlation = past[1:] @ past[0] / np.maximum(size[1:] * size[0], 1e-9)
    return around[np.argsort(-correlation, kind="stable")][:NEIGHBOURS]


def estimate_by_ridge(speed: Floats, link: int, near: Positions, is_past: Flags) -> Floats:
    """Speed of the link by ridge regression on neighbours at the same time, fitted on its past, (times,)."""
    fitted = Ridge(RIDGE_PENALTY).fit(speed[near][:, is_past].T, speed[link, is_past])
    return np.asarray(fitted.predict(speed[near].T), dtype=np.float64)


def _describe(speed: Floats, clock: tuple[Positions, Flags, Flags], link: int, around: Positions) -> LinkRows:
    """Rows of one link in the silent time, without its own readings then."""
    step_of_day, is_weekend, is_silent_time = clock
    is_past = ~is_silent_time
    near = nearest_in_time(speed, link, around, is_past)
    values, smooth = speed[near], moving_mean(speed[near], SMOOTH_STEPS)
    trend = moving_mean(values[:TREND_NEIGHBOURS], 1)
    before, after = (np.roll(trend, shift, axis=1) for shift in (LAG_STEPS, -LAG_STEPS))
    columns = np.vstack([values[:TREE_NEIGHBOURS], smooth[:TREE_NEIGHBOURS], before, after, step_of_day]).T
    forest = ExtraTreesRegressor(
        FOREST_TREES, min_samples_leaf=LEAST_LEAF, max_features=FOREST_COLUMNS_SHARE, random_state=SEED
    ).fit(columns[is_past], speed[link, is_past])
    by_forest = np.asarray(forest.predict(columns[is_silent_time]), dtype=np.float64)
    by_ridge = estimate_by_ridge(speed, link, near, is_past)[is_silent_time]
    profile = own_profile(speed[link], step_of_day, is_weekend, is_past)[is_silent_time]
    deviation = np.array([speed[other] - own_profile(speed[other], step_of_day, is_weekend, is_past) for other in near])
    deviation, at = deviation[:, is_silent_time], is_silent_time
    start = (by_forest + by_ridge) / 2
    past = speed[link, is_past]
    of_link = np.tile([past.mean(), past.std(), *np.quantile(past, (0.05, 0.9))], (len(start), 1))
    inputs = [start, by_forest - by_ridge, profile, step_of_day[at], deviation[:5].mean(axis=0), deviation.mean(axis=0)]
    inputs += [*values[:DETAILED, at], *smooth[:DETAILED, at], *deviation[:DETAILED]]
    inputs += [*before[:DETAILED, at], *after[:DETAILED, at]]
    return LinkRows(np.column_stack([*inputs, of_link]), start, np.full(len(start), link))
