"""Walk-forward recalibration of a line's activity model, refitted to the truth known.

Research: judged here, not run by the day; the day estimates with stored models that stay as they were fitted.
Belongs here: refits, level and interval of one chosen form. Does not: the choice of the form (activity_model), adaptive
intervals (adaptive_conformal), tables.
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.activity_model.conformal_interval import bound_activity, bound_with_residuals
from bigdata_emis.activity_model.cross_validation import Candidate, Estimate
from bigdata_emis.activity_model.forms.linear import evaluate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import (
    AdaptiveRule,
    count_known_rows,
    estimate_adaptive_interval,
    split_into_periods,
)
from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, blend_estimates

HOURS_A_DAY = 24
LEVEL_HALF_LIFE_H = 30 * HOURS_A_DAY
"""Age at which an hour has half its weight in the level; a half-life half as long was no better on 2018 after 2017."""
LEVEL_WINDOW_H = 4 * LEVEL_HALF_LIFE_H
MAX_LEVEL = 1.5
"""A larger change is a fault of the meter or another process: the next refit may learn it, the level may not."""
FROZEN_BLEND = BlendRule(window_rows=120 * HOURS_A_DAY, sharpness=2.0)
"""Weights of the refitted and the frozen model, by their known errors.

On New York units of 2018 after 2017 the weighted mean was better than either: monthly refits are nearer in time,
but follow every fault of the last months."""
MIN_WIDTH_SHARE, MIN_WIDTH = 1e-3, 1e-9
"""Least half-width of an interval: share of the median one, and absolute in activity units."""
PRIOR_H = 168
"""Hours at level 1 added to the level, so that little new truth moves it little."""


@dataclass(frozen=True)
class WalkForwardRule:
    """Settings of walk-forward recalibration.

    The truth of an hour is known `late_h` hours after it. The model is refitted every `refit_h` hours and its level
    is renewed every `level_h`. A rehearsal over the last `rehearsal_h` hours before the first estimate (at most
    half of the hours there are) shows how a refitted model errs, for the first interval.
    """

    late_h: int
    refit_h: int = 30 * HOURS_A_DAY
    level_h: int = 7 * HOURS_A_DAY
    rehearsal_h: int = 182 * HOURS_A_DAY
    rule: AdaptiveRule = AdaptiveRule(widen_rate=0.2)


def walk_forward(
    start: Candidate, series: LineSeries, activity: Floats, *, first: int, walk: WalkForwardRule
) -> Estimate:
    """Estimates of the hours from position `first` on, each from the truth known at its time.

    `start` is the candidate chosen from the hours before `first`; `activity` (hours,) is NaN where no truth
    arrives. Each refit uses the form of `start` and all hours whose truth is known by then. The estimate is the
    blend of the refitted model and of `start`, weighted by their known errors. The interval of `start` gives the
    size of the error in each hour, the known misses its level.
    """
    hour = series.hour_number
    if first >= len(hour):
        return Estimate(np.empty(0), np.empty(0), np.empty(0))
    rehearsed_h = min(walk.rehearsal_h, int(hour[first] - hour[0]) // 2)
    begin = int(np.searchsorted(hour, hour[first] - rehearsed_h))
    later = series.where(np.arange(len(activity)) >= begin)
    value = np.concatenate(
        [
            _estimate_until_refit(start, series, activity, begin=begin + low, end=begin + high, first=first, walk=walk)
            for low, high in split_into_periods(later.hour_number, walk.refit_h)
        ]
    )
    value = _blend_with_frozen(start, later, value, activity[begin:], first=first - begin, walk=walk)
    whole = _add_interval(start, later, value, activity[begin:], walk)
    return Estimate(*(part[first - begin :] for part in (whole.activity, whole.p05, whole.p95)))


def _estimate_until_refit(
    start: Candidate, series: LineSeries, activity: Floats, *, begin: int, end: int, first: int, walk: WalkForwardRule
) -> Floats:
    """Estimates from one refit to the next, their level renewed with the truth that arrives in between.

    In the rehearsal (rows before `first`) they are NaN until enough truth is known for a fit: `start` was fitted to
    the truth that it would be judged by.
    """
    hour, position = series.hour_number, np.arange(len(activity))
    is_usable = np.isfinite(activity) & (series.is_on | series.is_starting | (np.nan_to_num(activity) > 0))
    is_training = is_usable & (position < count_known_rows(hour, int(hour[begin]), walk.late_h))
    is_enough = int((is_training & series.is_on).sum()) >= start.form.hours_needed
    if not is_enough and begin < first:
        return np.full(end - begin, np.nan)
    parameters = (
        start.form.fit_parameters(series.where(is_training), activity[is_training]) if is_enough else start.parameters
    )
    recent = is_usable & (hour >= hour[begin] - LEVEL_WINDOW_H - walk.late_h) & (position < end)
    fitted = np.zeros(len(activity))
    fitted[recent] = evaluate(start.form, parameters, series.where(recent))
    value = evaluate(start.form, parameters, series.where((position >= begin) & (position < end)))
    usual = float(np.mean(activity[is_training])) if is_training.any() else 0.0
    for low, high in split_into_periods(hour[begin:end], walk.level_h):
        is_known = recent & (position < count_known_rows(hour, int(hour[begin + low]), walk.late_h))
        value[low:high] *= _level_correction(hour[is_known], activity[is_known], fitted[is_known], usual)
    return value


def _blend_with_frozen(
    start: Candidate, later: LineSeries, refitted: Floats, measured: Floats, *, first: int, walk: WalkForwardRule
) -> Floats:
    """The blend of the refitted and the frozen model; only the refitted one counts in the rehearsal."""
    frozen = np.full(len(refitted), np.nan)
    frozen[first:] = evaluate(start.form, start.parameters, later.where(np.arange(len(refitted)) >= first))
    schedule = Schedule(first_row=0, late_h=walk.late_h, refit_h=walk.level_h)
    return blend_estimates(
        [refitted, frozen], measured, hour_number=later.hour_number, schedule=schedule, rule=FROZEN_BLEND
    )


def _level_correction(hour_number: Integers, truth: Floats, fitted: Floats, usual: float) -> float:
    """The truth of recent hours over the model's estimate of them; 1 where no hour is known.

    level = (Σ w·truth + PRIOR_H·usual) / (Σ w·fitted + PRIOR_H·usual),  w = 0.5 ** (age / LEVEL_HALF_LIFE_H)
    """
    if not len(truth) or usual <= 0:
        return 1.0
    weight = 0.5 ** ((hour_number[-1] - hour_number) / LEVEL_HALF_LIFE_H)
    level = (weight @ truth + PRIOR_H * usual) / (weight @ fitted + PRIOR_H * usual)
    return float(np.clip(level, 1 / MAX_LEVEL, MAX_LEVEL))


def _add_interval(
    start: Candidate, later: LineSeries, value: Floats, measured: Floats, walk: WalkForwardRule
) -> Estimate:
    """The estimate with its interval: its shape over load is that of `start`, its width follows the known misses."""
    # Without the drift: here the known misses say how the width grows.
    shape = {name: part for name, part in start.parameters.items() if name != "level_drift"}
    lower, upper = bound_activity(value, later, shape)
    on = later.is_on
    validation = start.out_of_block
    seen_lower, seen_upper = bound_with_residuals(validation.predicted, validation.is_on, start.parameters["interval"])
    seen_width = _half_width(seen_lower, seen_upper, validation.predicted)
    # The least width comes from the hours before the walk: the widths of later hours are not known yet.
    least = max(MIN_WIDTH_SHARE * float(np.median(seen_width)), MIN_WIDTH) if len(seen_width) else MIN_WIDTH
    scale, seen_scale = np.maximum(_half_width(lower, upper, value), least), np.maximum(seen_width, least)
    low, high = estimate_adaptive_interval(
        value[on],
        measured[on],
        hour_number=later.hour_number[on],
        late_h=walk.late_h,
        scale=scale[on],
        seen=((validation.activity - validation.predicted)[validation.is_on], seen_scale[validation.is_on]),
        rule=walk.rule,
    )
    has_interval = np.isfinite(low)
    lower[on], upper[on] = (
        np.where(has_interval, np.clip(low, 0.0, None), lower[on]),
        np.where(has_interval, high, upper[on]),
    )
    return Estimate(value, np.minimum(lower, value), np.maximum(upper, value))


def _half_width(lower: Floats, upper: Floats, value: Floats) -> Floats:
    """Half the width of an interval; a lower bound cut off at zero does not narrow it."""
    return np.maximum(upper - value, (upper - lower) / 2)
