"""Filling of the gaps of a stack monitor by the model, corrected by the monitor's past ratio to it.

Belongs here: one series of one line and pollutant, on whole arrays. Does not: frames (fuse_monitors, fuse_lines), the
ratio itself (monitor_model_ratio).
"""

from typing import NamedTuple

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.inventory.monitors.monitor_model_ratio import (
    CLIP_SD,
    FusionRule,
    RatioHistory,
    fit_ratio_history,
    median_of_state,
)
from bigdata_emis.statistics.conformal import lower_conformal_quantile

LOWER, UPPER = 0.05, 0.95
IDLE_SHARE = 1e-3
"""Modelled emission below this share of its median while positive gives no ratio: the line is idle."""
EVERY_STATE = -1


class MonitorSeries(NamedTuple):
    """Hours of one line and pollutant in order: measured, modelled and operating state.

    measured_g is NaN in gaps, modelled_g is NaN without a model.
    """

    measured_g: Floats
    modelled_g: Floats
    modelled_p05_g: Floats
    modelled_p95_g: Floats
    state: Integers

    def part(self, hours: slice) -> "MonitorSeries":
        """The series of some of the hours."""
        return MonitorSeries(
            self.measured_g[hours],
            self.modelled_g[hours],
            self.modelled_p05_g[hours],
            self.modelled_p95_g[hours],
            self.state[hours],
        )


class FilledGaps(NamedTuple):
    """Emission of the filled hours, its interval, and the ratio to the model; NaN elsewhere."""

    emission_g: Floats
    p05_g: Floats
    p95_g: Floats
    ratio: Floats


def fill_gaps(series: MonitorSeries, wanted: Flags, rule: FusionRule) -> FilledGaps:
    """The wanted hours without a measured value, by the model times the monitor's ratio to it.

        emission = modelled × median ratio of the state × deviation at the ends of the gap

    The median of measured ÷ modelled is over the valid hours of the operating state nearest to the gap; with few
    hours it is shrunk to the median of all states, and this to 1. The deviation of the hours at both ends of the gap
    fades as deviations of this monitor do (simple kriging in time with an exponential covariance and a nugget), so
    that the series is continuous with the measured hours. The interval is the spread of the errors of such
    corrections in the past, narrower near the ends.

    Where the line is idle (no relevant modelled emission) or has no model, the median of the measured hours of that
    state is used instead.

    Source: gap filling by the ratio to activity by state, docs/method.md; simple kriging: Cressie, Statistics for
    Spatial Data (1993), section 3.2; conformal intervals: Vovk et al. (2005), Algorithmic Learning in a Random World.
    """
    is_running = _is_running(series)
    history = fit_ratio_history(series.measured_g, series.modelled_g, series.state, is_running, rule)
    filled = FilledGaps(*(np.full(len(series.measured_g), np.nan) for _ in FilledGaps._fields))
    for gap in _gaps(np.isnan(series.measured_g)):
        hours = gap[wanted[gap]]
        if len(hours):
            _fill_running(filled, series, hours[is_running[hours]], gap, history, rule)
            _fill_idle(filled, series, hours[~is_running[hours]], is_running, rule)
    return filled


def _is_running(series: MonitorSeries) -> Flags:
    """Whether the modelled emission of an hour is more than negligible."""
    positive = series.modelled_g[series.modelled_g > 0]
    return np.asarray(series.modelled_g > (IDLE_SHARE * np.median(positive) if len(positive) else np.inf))


def _gaps(is_missing: Flags) -> list[Integers]:
    """The positions of each run of missing hours."""
    position = np.flatnonzero(is_missing)
    return [run for run in np.split(position, np.flatnonzero(np.diff(position) > 1) + 1) if len(run)]


def _fill_running(
    filled: FilledGaps, series: MonitorSeries, hours: Integers, gap: Integers, history: RatioHistory, rule: FusionRule
) -> None:
    """Fill hours with a model, in place: its value times the ratio of the state and of the ends of the gap."""
    if not len(hours):
        return
    if not len(history.position):
        modelled = (series.modelled_g, series.modelled_p05_g, series.modelled_p95_g)
        for target, values in zip(filled, modelled, strict=False):
            target[hours] = values[hours]
        return
    state_log = _log_ratio_by_state(history, gap, rule)
    usual = np.array([state_log.get(int(s), state_log[EVERY_STATE]) for s in series.state[hours]])
    deviation, spread_share = _krige_deviation(history, hours, gap, state_log, rule)
    # The mean of a lognormal lies above its median by half the variance; totals need the mean.
    ratio = np.exp(usual + deviation + (spread_share * history.robust_sd) ** 2 / 2)
    filled.ratio[hours] = ratio
    filled.emission_g[hours] = series.modelled_g[hours] * ratio
    bounds = _log_error_bounds(history, gap, rule)
    if bounds is None:
        filled.p05_g[hours] = series.modelled_p05_g[hours] * ratio
        filled.p95_g[hours] = series.modelled_p95_g[hours] * ratio
        return
    filled.p05_g[hours] = filled.emission_g[hours] * np.exp(min(bounds[0], 0.0) * spread_share)
    filled.p95_g[hours] = filled.emission_g[hours] * np.exp(max(bounds[1], 0.0) * spread_share)


def _log_ratio_by_state(history: RatioHistory, gap: Integers, rule: FusionRule) -> dict[int, float]:
    """Log ratio by state near a gap, and that of all states (-1), each shrunk to the coarser one, the coarsest to 0."""
    distance = np.maximum(gap[0] - history.position, history.position - gap[-1])
    nearest = np.argsort(distance, kind="stable")
    count = int(rule.ratio_h)
    of_all = nearest[:count]
    ratios = {EVERY_STATE: float(np.median(history.log_ratio[of_all]) * len(of_all) / (len(of_all) + rule.prior_h))}
    for state in np.unique(history.state):
        of_state = nearest[history.state[nearest] == state][:count]
        weight = len(of_state) / (len(of_state) + rule.prior_h)
        median = np.median(history.log_ratio[of_state])
        ratios[int(state)] = float(weight * median + (1 - weight) * ratios[EVERY_STATE])
    return ratios


def _krige_deviation(
    history: RatioHistory, hours: Integers, gap: Integers, state_log: dict[int, float], rule: FusionRule
) -> tuple[Floats, Floats]:
    """The deviation in a gap that follows from the hours around it, and the share of the spread that remains.

    The share approaches 1 in the middle of a long gap. Both are (hours,).
    """
    count = int(rule.neighbour_h)
    before = np.flatnonzero(history.position < gap[0])[-count:]
    after = np.flatnonzero(history.position > gap[-1])[:count]
    ends = np.concatenate([before, after])
    usual = np.array([state_log.get(int(s), state_log[EVERY_STATE]) for s in history.state[ends]])
    limit = CLIP_SD * history.robust_sd
    deviation = np.clip(history.log_ratio[ends] - usual, -limit, limit)
    position = history.position[ends]
    ends_distance_h, gap_distance_h = (np.abs(points[:, None] - position[None, :]) for points in (position, hours))
    covariance = history.persistent_share * np.exp(-ends_distance_h / history.persistence_h)
    np.fill_diagonal(covariance, 1.0)
    cross = history.persistent_share * np.exp(-gap_distance_h / history.persistence_h)
    solved = np.linalg.solve(covariance, np.column_stack([cross.T, deviation]))
    remaining = 1 - np.einsum("ij,ji->i", cross, solved[:, :-1])
    return cross @ solved[:, -1], np.sqrt(np.clip(remaining, 0.0, 1.0))


def _log_error_bounds(history: RatioHistory, gap: Integers, rule: FusionRule) -> tuple[float, float] | None:
    """The 5th and 95th percentile of past log errors, by rank as conformal prediction asks; None with few errors.

    A history too short for errors over a day still gives the deviation of hours from their state, for a gap no longer
    than the history.
    """
    errors = history.errors
    if len(errors) < rule.least_interval_h and len(gap) <= len(history.position):
        errors = history.log_ratio - median_of_state(history.log_ratio, history.state)
    if len(errors) < rule.least_interval_h:
        return None
    # The upper bound mirrors the lower one: the same number of errors lies outside on either side.
    return lower_conformal_quantile(errors, LOWER), -lower_conformal_quantile(-errors, LOWER)


def _fill_idle(filled: FilledGaps, series: MonitorSeries, hours: Integers, is_running: Flags, rule: FusionRule) -> None:
    """Fill hours in which the line is idle or has no model, in place.

    The median of the nearest measured hours of that kind and state, else the model.
    """
    has_model = ~np.isnan(series.modelled_g)
    for hour in hours:
        same_kind = np.flatnonzero(~np.isnan(series.measured_g) & (has_model == has_model[hour]) & ~is_running)
        same_state = same_kind[series.state[same_kind] == series.state[hour]]
        comparable = same_state if len(same_state) else same_kind
        nearest = comparable[np.argsort(np.abs(comparable - hour), kind="stable")[: int(rule.ratio_h)]]
        if len(nearest):
            measured_g = series.measured_g[nearest]
            filled.emission_g[hour] = np.median(measured_g)
            filled.p05_g[hour], filled.p95_g[hour] = np.quantile(measured_g, [LOWER, UPPER])
        elif has_model[hour]:
            filled.emission_g[hour] = series.modelled_g[hour]
            filled.p05_g[hour], filled.p95_g[hour] = series.modelled_p05_g[hour], series.modelled_p95_g[hour]
