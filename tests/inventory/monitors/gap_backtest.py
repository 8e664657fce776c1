"""Backtest of gap filling: valid blocks of a monitor are hidden, filled, and compared with simple methods.

The parameters of reference/fusion_parameter.csv were chosen by it.
"""

from typing import NamedTuple

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.inventory.monitors.gap_filling import MonitorSeries, fill_gaps
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule

DAY_H, WEEK_H = 24, 168
FUSED, LINEAR, LAST_WEEK, MODEL = "fused", "linear_interpolation", "previous_week", "model_alone"


class GapScore(NamedTuple):
    """Errors over the hidden hours, relative to the mean of the truth, and coverage of the 90 % interval."""

    nmae: float
    nmb: float
    coverage_90_share: float
    n: int


def hide_blocks(is_valid: Flags, *, shortest_days: int, longest_days: int, hidden_share: float, seed: int) -> Flags:
    """Random blocks of whole days until this share of the valid hours is hidden; blocks never touch."""
    random = np.random.default_rng(seed)
    hidden = np.zeros(len(is_valid), dtype=bool)
    for _ in range(len(is_valid)):
        length = int(random.integers(shortest_days, longest_days + 1)) * DAY_H
        start = int(random.integers(0, max(len(is_valid) - length, 1)))
        around = slice(max(start - DAY_H, 0), start + length + DAY_H)
        if not hidden[around].any():
            hidden[start : start + length] = True
        if (hidden & is_valid).sum() >= hidden_share * is_valid.sum():
            break
    return hidden & is_valid


def backtest(series: MonitorSeries, hidden: Flags, rule: FusionRule, *, history_h: int) -> dict[str, GapScore]:
    """Scores of the fusion and of simple methods over the hidden hours; each gap has at most `history_h` before it.

    Linear interpolation is a straight line over the gap, the previous week repeats the hour one week before (the last
    measured one of that hour of the week), the model alone is not corrected.
    """
    visible = series._replace(measured_g=np.where(hidden, np.nan, series.measured_g))
    estimates = {
        LINEAR: _linear(visible.measured_g),
        LAST_WEEK: _last_week(visible.measured_g),
        MODEL: series.modelled_g,
    }
    estimate, lower, upper = (np.full(len(hidden), np.nan) for _ in range(3))
    for start, end in _blocks(hidden):
        part = slice(max(start - history_h, 0), min(end + DAY_H, len(hidden)))
        filled = fill_gaps(visible.part(part), hidden[part] & _is_between(part, start, end), rule)
        for target, value in zip((estimate, lower, upper), filled, strict=False):
            target[start:end] = value[start - part.start : end - part.start]
    is_inside = (series.measured_g >= lower) & (series.measured_g <= upper)
    scores = {name: _score(series.measured_g, values, hidden) for name, values in estimates.items()}
    fused = _score(series.measured_g, estimate, hidden)
    return {FUSED: fused._replace(coverage_90_share=float(is_inside[hidden].mean())), **scores}


def _is_between(part: slice, start: int, end: int) -> Flags:
    hour = np.arange(part.start, part.stop)
    return np.asarray((hour >= start) & (hour < end))


def _blocks(hidden: Flags) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hidden, [False]]).astype(np.int64)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _linear(measured: Floats) -> Floats:
    valid = np.flatnonzero(~np.isnan(measured))
    return np.interp(np.arange(len(measured)), valid, measured[valid])


def _last_week(measured: Floats) -> Floats:
    """The hour a week before, repeatedly until one is measured; the mean where none is."""
    filled = measured.copy()
    for hour in range(WEEK_H, len(filled)):
        if np.isnan(filled[hour]):
            filled[hour] = filled[hour - WEEK_H]
    return np.where(np.isnan(filled), np.nanmean(measured), filled)


def _score(truth: Floats, estimate: Floats, hidden: Flags) -> GapScore:
    error = (estimate - truth)[hidden]
    mean = float(np.mean(truth[hidden]))
    return GapScore(float(np.mean(np.abs(error))) / mean, float(np.mean(error)) / mean, float("nan"), int(hidden.sum()))
