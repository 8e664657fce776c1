"""A model that walks forward: fitted anew, at intervals, to the truth known by then, with an interval that follows its misses.

Belongs here: recalibration of a chosen form of one line. Does not: the choice (choice), the adaptive level (adaptive), tables.
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.activity_model.conformal_interval import bounds, interval_around
from bigdata_emis.activity_model.cross_validation import Candidate, Estimate
from bigdata_emis.activity_model.forms.linear import evaluate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import AdaptiveRule, adaptive_interval, known_count, refreshes
from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, blended

HOURS_A_DAY = 24
LEVEL_HALF_LIFE_H = 30 * HOURS_A_DAY
"""Age at which an hour counts half in the level of a walking model; half of it was no better on 2018 after 2017."""
LEVEL_BACK_H = 4 * LEVEL_HALF_LIFE_H
MOST_LEVEL = 1.5
"""A level that moves by more is a fault of the meter or another plant: the next refit may learn it, the level does not."""
MIX = BlendRule(window_rows=120 * HOURS_A_DAY, sharpness=2.0)
"""How far the model that walks and the one that stands still count, by their known errors. On 2018 after 2017 their mean so weighted
was better than either: what is learnt anew each month is nearer in time, but moves with every fault of the last months."""
LEAST_WIDTH_SHARE, TINY = 1e-3, 1e-9
"""No interval counts as narrower than this part of the usual one, nor than this amount."""
CALM_H = 168
"""So many hours at the model's own level are added, so that a few new hours do not move it."""


@dataclass(frozen=True)
class Walk:
    """How a model walks.

    Its truth is known `late_h` hours after the hour. It is fitted anew every `refit_h` hours, and its level set anew every
    `level_h`. It walks through the last `rehearsal_h` hours before the first estimate too (at most half of what there is),
    so that its first interval knows how a walking model errs.
    """

    late_h: int
    refit_h: int = 30 * HOURS_A_DAY
    level_h: int = 7 * HOURS_A_DAY
    rehearsal_h: int = 182 * HOURS_A_DAY
    rule: AdaptiveRule = AdaptiveRule(widen_rate=0.2)


def walk_forward(start: Candidate, series: LineSeries, activity: Floats, *, first: int, walk: Walk) -> Estimate:
    """Estimates of the hours from position `first` on, as they would have been made with the truth known at each time.

    `start` is the candidate chosen from the hours before; `activity` is NaN where no truth ever comes. Each refit uses the
    form of `start` and every hour whose truth is known by then; `start` itself goes on beside it, and both count by their known
    errors. The interval of `start` gives the size of error, the known misses its level.
    """
    hour = series.hour_number
    if first >= len(hour):
        return Estimate(np.empty(0), np.empty(0), np.empty(0))
    rehearsed_h = min(walk.rehearsal_h, int(hour[first] - hour[0]) // 2)
    begin = int(np.searchsorted(hour, hour[first] - rehearsed_h))
    later = series.where(np.arange(len(activity)) >= begin)
    value = np.concatenate(
        [
            _stretch(start, series, activity, begin=begin + one, end=begin + other, first=first, walk=walk)
            for one, other in refreshes(later.hour_number, walk.refit_h)
        ]
    )
    value = _beside_the_start(start, later, value, activity[begin:], first=first - begin, walk=walk)
    found = _with_bounds(start, later, value, activity[begin:], walk)
    return Estimate(*(part[first - begin :] for part in (found.activity, found.p05, found.p95)))


def _stretch(
    start: Candidate, series: LineSeries, activity: Floats, *, begin: int, end: int, first: int, walk: Walk
) -> Floats:
    """The estimates from one refit to the next, their level following the truth that arrives between.

    In a rehearsal (rows before `first`) there is none until enough is known for a fit: the start knows the truth it would be judged by.
    """
    hour, position = series.hour_number, np.arange(len(activity))
    teaches = np.isfinite(activity) & (series.is_on | series.is_starting | (np.nan_to_num(activity) > 0))
    taught = teaches & (position < known_count(hour, int(hour[begin]), walk.late_h))
    is_enough = int((taught & series.is_on).sum()) >= start.form.hours_needed
    if not is_enough and begin < first:
        return np.full(end - begin, np.nan)
    parameters = start.form.fitted(series.where(taught), activity[taught]) if is_enough else start.parameters
    recent = teaches & (hour >= hour[begin] - LEVEL_BACK_H - walk.late_h) & (position < end)
    fitted = np.zeros(len(activity))
    fitted[recent] = evaluate(start.form, parameters, series.where(recent))
    value = evaluate(start.form, parameters, series.where((position >= begin) & (position < end)))
    usual = float(np.mean(activity[taught])) if taught.any() else 0.0
    for one, other in refreshes(hour[begin:end], walk.level_h):
        known = recent & (position < known_count(hour, int(hour[begin + one]), walk.late_h))
        value[one:other] *= _level(hour[known], activity[known], fitted[known], usual)
    return value


def _beside_the_start(
    start: Candidate, later: LineSeries, walked: Floats, measured: Floats, *, first: int, walk: Walk
) -> Floats:
    """The walking estimate and that of the start, which has no say in the rehearsal: it knew that truth."""
    standing = np.full(len(walked), np.nan)
    standing[first:] = evaluate(start.form, start.parameters, later.where(np.arange(len(walked)) >= first))
    schedule = Schedule(first_row=0, late_h=walk.late_h, refit_h=walk.level_h)
    return blended([walked, standing], measured, hour_number=later.hour_number, schedule=schedule, rule=MIX)


def _level(hour_number: Integers, truth: Floats, fitted: Floats, usual: float) -> float:
    """The last known hours over what the model says of them: sum w m / sum w e, w halving with age; one where few are known.

    Some hours of the usual activity are added to both sums, so that little truth moves little.
    """
    if not len(truth) or usual <= 0:
        return 1.0
    weight = 0.5 ** ((hour_number[-1] - hour_number) / LEVEL_HALF_LIFE_H)
    level = (weight @ truth + CALM_H * usual) / (weight @ fitted + CALM_H * usual)
    return float(np.clip(level, 1 / MOST_LEVEL, MOST_LEVEL))


def _with_bounds(start: Candidate, later: LineSeries, value: Floats, measured: Floats, walk: Walk) -> Estimate:
    """The interval of the start says how errors vary with load; the misses known so far say how wide it must be."""
    lower, upper = bounds(value, later, start.parameters)
    on = later.is_on
    tried = start.out_of_block
    seen_lower, seen_upper = interval_around(tried.predicted, tried.is_on, start.parameters["interval"])
    seen_width = _half_width(seen_lower, seen_upper, tried.predicted)
    # What is least comes from the hours before the walk: the widths of hours to come are not known yet.
    least = max(LEAST_WIDTH_SHARE * float(np.median(seen_width)), TINY) if len(seen_width) else TINY
    scale, seen_scale = np.maximum(_half_width(lower, upper, value), least), np.maximum(seen_width, least)
    found = adaptive_interval(
        value[on],
        measured[on],
        hour_number=later.hour_number[on],
        late_h=walk.late_h,
        scale=scale[on],
        seen=((tried.activity - tried.predicted)[tried.is_on], seen_scale[tried.is_on]),
        rule=walk.rule,
    )
    known = np.isfinite(found[0])
    lower[on], upper[on] = (
        np.where(known, np.clip(found[0], 0.0, None), lower[on]),
        np.where(known, found[1], upper[on]),
    )
    return Estimate(value, np.minimum(lower, value), np.maximum(upper, value))


def _half_width(lower: Floats, upper: Floats, value: Floats) -> Floats:
    """Half the width of an interval; a bound cut off at zero load does not narrow it."""
    return np.maximum(upper - value, (upper - lower) / 2)
