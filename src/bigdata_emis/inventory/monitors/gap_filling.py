"""Gaps of a stack monitor, filled by the model and what the monitor's past says of the model.

Belongs here: one series of one line and pollutant, on whole arrays. Does not: frames, stages (fuse), or hiding blocks (gap_backtest).
"""

from typing import NamedTuple

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.inventory.monitors.monitor_model_ratio import HELD_SD, FusionRule, Memory, memory_of, state_medians

LOWER, UPPER = 0.05, 0.95
IDLE_SHARE = 1e-3
"""Modelled emission below this part of its running median says nothing of a ratio: the line stands."""


class Series(NamedTuple):
    """Hours of one line and pollutant in order: measured (NaN in gaps), modelled with its interval (NaN without a model), state."""

    measured_g: Floats
    modelled_g: Floats
    modelled_p05_g: Floats
    modelled_p95_g: Floats
    state: Integers

    def part(self, hours: slice) -> "Series":
        """Some of the hours."""
        return Series(
            self.measured_g[hours],
            self.modelled_g[hours],
            self.modelled_p05_g[hours],
            self.modelled_p95_g[hours],
            self.state[hours],
        )


class Filled(NamedTuple):
    """What stands in every hour, its interval, and the ratio by which the model was corrected (NaN where it was not)."""

    emission_g: Floats
    p05_g: Floats
    p95_g: Floats
    ratio: Floats


def fill_gaps(series: Series, wanted: Flags, rule: FusionRule) -> Filled:
    """The wanted hours without a measured value, by the model times the monitor's ratio to it; other hours stay NaN.

    Ratio of an hour = median of measured ÷ modelled over the valid hours of its operating state nearest to the gap, shrunk to that of
    all states and this to 1 with few hours; times the deviation of the hours at both ends of the gap, which fades as deviations of
    this monitor do (simple kriging in time with an exponential covariance and a nugget), so that the series goes on where the monitor
    stops and where it returns. The interval is the spread of what such corrections missed by in the past, narrower near the ends.

    Where the line stands (no modelled emission to speak of) or has no model, the median of what was measured in that state stands in.

    Source: gap filling by the ratio to activity by state, docs/method.md; simple kriging: Cressie, Statistics for Spatial Data
    (1993), section 3.2; conformal intervals: Vovk et al. (2005), Algorithmic Learning in a Random World.
    """
    runs = _runs(series)
    memory = memory_of(series.measured_g, series.modelled_g, series.state, runs, rule)
    filled = Filled(*(np.full(len(series.measured_g), np.nan) for _ in Filled._fields))
    for gap in _gaps(np.isnan(series.measured_g)):
        hours = gap[wanted[gap]]
        if len(hours):
            _fill_running(filled, series, hours[runs[hours]], gap, memory, rule)
            _fill_standing(filled, series, hours[~runs[hours]], rule)
    return filled


def _runs(series: Series) -> Flags:
    """Whether the model says that something is emitted."""
    positive = series.modelled_g[series.modelled_g > 0]
    return np.asarray(series.modelled_g > (IDLE_SHARE * np.median(positive) if len(positive) else np.inf))


def _gaps(missing: Flags) -> list[Integers]:
    """The places of each run of missing hours."""
    place = np.flatnonzero(missing)
    return [part for part in np.split(place, np.flatnonzero(np.diff(place) > 1) + 1) if len(part)]


def _fill_running(
    filled: Filled, series: Series, hours: Integers, gap: Integers, memory: Memory, rule: FusionRule
) -> None:
    """Hours with a model: its value times the ratio of the state, and of the ends of the gap."""
    if not len(hours):
        return
    if not len(memory.place):
        for target, value in zip(
            filled, (series.modelled_g, series.modelled_p05_g, series.modelled_p95_g), strict=False
        ):
            target[hours] = value[hours]
        return
    state_log = _state_log_ratio(memory, gap, rule)
    known = np.array([state_log.get(int(s), state_log[-1]) for s in series.state[hours]])
    deviation, spread_share = _reach_of_ends(memory, hours, gap, state_log, rule)
    # The mean of a lognormal lies above its median by half the variance; totals want the mean.
    ratio = np.exp(known + deviation + (spread_share * memory.robust_sd) ** 2 / 2)
    filled.ratio[hours] = ratio
    filled.emission_g[hours] = series.modelled_g[hours] * ratio
    bounds = _log_bounds(memory, gap, rule)
    if bounds is None:
        filled.p05_g[hours], filled.p95_g[hours] = (
            series.modelled_p05_g[hours] * ratio,
            series.modelled_p95_g[hours] * ratio,
        )
        return
    filled.p05_g[hours] = filled.emission_g[hours] * np.exp(min(bounds[0], 0.0) * spread_share)
    filled.p95_g[hours] = filled.emission_g[hours] * np.exp(max(bounds[1], 0.0) * spread_share)


def _state_log_ratio(memory: Memory, gap: Integers, rule: FusionRule) -> dict[int, float]:
    """Log ratio by state near a gap, -1 for all states together: medians shrunk to the coarser one, and the coarsest to 0."""
    distance = np.maximum(gap[0] - memory.place, memory.place - gap[-1])
    nearest = np.argsort(distance, kind="stable")
    count = int(rule.ratio_h)
    every = nearest[:count]
    found = {-1: float(np.median(memory.log_ratio[every]) * len(every) / (len(every) + rule.prior_h))}
    for one in np.unique(memory.state):
        mine = nearest[memory.state[nearest] == one][:count]
        weight = len(mine) / (len(mine) + rule.prior_h)
        found[int(one)] = float(weight * np.median(memory.log_ratio[mine]) + (1 - weight) * found[-1])
    return found


def _reach_of_ends(
    memory: Memory, hours: Integers, gap: Integers, state_log: dict[int, float], rule: FusionRule
) -> tuple[Floats, Floats]:
    """Deviation that the hours around a gap pass on into it, and the part of the spread that stays (1 in the middle of a long one)."""
    count = int(rule.neighbour_h)
    before = np.flatnonzero(memory.place < gap[0])[-count:]
    after = np.flatnonzero(memory.place > gap[-1])[:count]
    ends = np.concatenate([before, after])
    usual = np.array([state_log.get(int(s), state_log[-1]) for s in memory.state[ends]])
    reach = HELD_SD * memory.robust_sd
    deviation = np.clip(memory.log_ratio[ends] - usual, -reach, reach)
    place = memory.place[ends]
    among = memory.persistent_share * np.exp(-np.abs(place[:, None] - place[None, :]) / memory.persistence_h)
    np.fill_diagonal(among, 1.0)
    into = memory.persistent_share * np.exp(-np.abs(hours[:, None] - place[None, :]) / memory.persistence_h)
    solved = np.linalg.solve(among, np.column_stack([into.T, deviation]))
    stays = 1 - np.einsum("ij,ji->i", into, solved[:, :-1])
    return into @ solved[:, -1], np.sqrt(np.clip(stays, 0.0, 1.0))


def _log_bounds(memory: Memory, gap: Integers, rule: FusionRule) -> tuple[float, float] | None:
    """The 5th and 95th percentile of past log errors, by rank with one added as conformal prediction asks; none with few errors.

    A memory too short for errors of a day's gap still tells how hours deviate from their state, for a gap no longer than itself.
    """
    scores = memory.errors
    if len(scores) < rule.least_interval_h and len(gap) <= len(memory.place):
        scores = memory.log_ratio - state_medians(memory.log_ratio, memory.state)
    count = len(scores)
    if count < rule.least_interval_h:
        return None
    ordered = np.sort(scores)
    reach = int(np.floor(LOWER * (count + 1)))
    return float(ordered[max(reach - 1, 0)]), float(ordered[min(count - reach, count - 1)])


def _fill_standing(filled: Filled, series: Series, hours: Integers, rule: FusionRule) -> None:
    """Hours in which the line stands or has no model: what was measured in such hours of the state, else what the model says."""
    if not len(hours):
        return
    has_model = ~np.isnan(series.modelled_g)
    runs = _runs(series)
    for hour in hours:
        alike = np.flatnonzero(~np.isnan(series.measured_g) & (has_model == has_model[hour]) & ~runs)
        same = alike[series.state[alike] == series.state[hour]]
        chosen = same if len(same) else alike
        near = chosen[np.argsort(np.abs(chosen - hour), kind="stable")[: int(rule.ratio_h)]]
        if len(near):
            level = series.measured_g[near]
            filled.emission_g[hour] = np.median(level)
            filled.p05_g[hour], filled.p95_g[hour] = np.quantile(level, [LOWER, UPPER])
        elif has_model[hour]:
            filled.emission_g[hour], filled.p05_g[hour], filled.p95_g[hour] = (
                series.modelled_g[hour],
                series.modelled_p05_g[hour],
                series.modelled_p95_g[hour],
            )
