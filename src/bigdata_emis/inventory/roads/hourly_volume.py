"""Hourly traffic volume of a counter in hours without a count, from calendar, weather and other weeks.

Belongs here: boosted trees on the deviation from a weekly profile, with conformal intervals. Does not: their inputs
(volume_inputs), reading counts, or which hours are judged (validate/traffic).
"""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.roads.volume_inputs import VolumeHours, Weeks, volume_inputs
from bigdata_emis.statistics.conformal import scaled_conformal_bounds

MIN_COUNTED_HOURS = 8 * 168
"""Eight weeks: fewer counts teach neither a weekly profile nor an interval."""
CALIBRATION_FOLDS = 5
RUN_WEEKS = 26
"""Calibration of later weeks leaves out runs of half a year, since nothing close to them is counted."""
RECENT_WEEKS = 52
"""For later weeks the size of errors is that of the last counted year: counters and roads change."""
THREADS = 1
"""Of a booster: its threads wait for each other, which on a shared machine takes ten times as long as one alone."""
SQUARED, ABSOLUTE = "l2", "l1"
SEED = 1
COMMON: dict[str, Any] = {"verbose": -1, "num_threads": THREADS, "deterministic": True, "force_row_wise": True}
TREES: dict[str, Any] = COMMON | {
    "learning_rate": 0.05,
    "num_leaves": 63,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
ROUNDS = 350
SPREAD_TREES: dict[str, Any] = COMMON | {
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "objective": "l1",
}
SPREAD_ROUNDS = 80
LEAST_SPREAD_SHARE = 0.02
"""Of the mean volume: the least expected error, so that no score is divided by almost nothing."""


@dataclass(frozen=True)
class VolumeEstimate:
    """Estimated volume of each hour with its 90 % interval, in the unit of the counts, (hours,)."""

    value: Floats
    p05: Floats
    p95: Floats


def estimate_volume(hours: VolumeHours, volume: Floats, *, weeks: Weeks) -> VolumeEstimate:
    """Volume of every hour from the hours with a count; `volume` is NaN where there is none.

    A boosted model of squared error and one of absolute error are averaged. Whole weeks (or, for later weeks,
    half-years) of counted hours are left out in turn; the errors there, divided by their expected size, give the
    interval.

    Source: Lei et al. (2018), J. Am. Stat. Assoc. 113, 1094, section 5.2 (locally weighted split conformal).

    Raises:
        InputError: fewer than eight weeks of hours are counted.
    """
    is_counted = np.isfinite(volume)
    if is_counted.sum() < MIN_COUNTED_HOURS:
        raise InputError(
            f"{int(is_counted.sum())} counted hours are left to fit: expected at least {MIN_COUNTED_HOURS}",
            "hide fewer weeks or give a longer series",
        )
    value = np.maximum(_boost(hours, volume, weeks, (SQUARED, ABSOLUTE)), 0.0)
    low, high = _interval(hours, volume, value, weeks)
    return VolumeEstimate(value=value, p05=np.maximum(low, 0.0), p95=high)


def _boost(hours: VolumeHours, volume: Floats, weeks: Weeks, objectives: tuple[str, ...]) -> Floats:
    """Weekly profile plus the boosted deviation from it, for every hour."""
    inputs, profile = volume_inputs(hours, volume, weeks=weeks)
    is_counted = np.isfinite(volume)
    train = lightgbm.Dataset(inputs[is_counted], (volume - profile)[is_counted], free_raw_data=False)
    boosted = [
        lightgbm.train(TREES | {"objective": name, "seed": SEED}, train, num_boost_round=ROUNDS).predict(inputs)
        for name in objectives
    ]
    estimate: Floats = profile + np.mean(boosted, axis=0)
    return estimate


def _interval(hours: VolumeHours, volume: Floats, value: Floats, weeks: Weeks) -> tuple[Floats, Floats]:
    is_counted = np.isfinite(volume)
    fold = _folds(hours.week_number, is_counted, weeks)
    left_out = np.full(len(volume), np.nan)
    for number in range(CALIBRATION_FOLDS):
        is_left_out = fold == number
        estimate = _boost(hours, np.where(is_left_out, np.nan, volume), weeks, (SQUARED,))
        left_out[is_left_out] = estimate[is_left_out]
    residual = (volume - left_out)[is_counted]
    spread = _expected_error(hours, np.abs(residual), left_out, value, is_counted)
    scores, week = residual / spread[is_counted], hours.week_number[is_counted]
    if weeks == "earlier":
        scores = scores[week >= np.unique(week)[-RECENT_WEEKS:][0]]
    return scaled_conformal_bounds(value, spread, scores)


def _expected_error(hours: VolumeHours, error: Floats, left_out: Floats, value: Floats, is_counted: Flags) -> Floats:
    """Median absolute error expected in each hour, from hour of the week, holiday, weather and the estimate."""
    inputs = np.column_stack([hours.hour_of_week % 24, hours.hour_of_week // 24, hours.holiday_offset, hours.weather])
    train = lightgbm.Dataset(np.column_stack([inputs, left_out])[is_counted], error)
    booster = lightgbm.train(SPREAD_TREES | {"seed": SEED}, train, num_boost_round=SPREAD_ROUNDS)
    spread = np.asarray(booster.predict(np.column_stack([inputs, value])), dtype=np.float64)
    return np.maximum(spread, LEAST_SPREAD_SHARE * float(np.abs(value).mean()))


def _folds(week_number: Integers, is_counted: Flags, weeks: Weeks) -> Integers:
    """Fold of each hour, by the rank of its week among the counted ones; −1 in weeks without a count."""
    counted_weeks = np.unique(week_number[is_counted])
    run = 1 if weeks == "surrounding" else max(1, min(RUN_WEEKS, len(counted_weeks) // (2 * CALIBRATION_FOLDS)))
    fold = np.full(int(week_number.max()) + 1, -1)
    fold[counted_weeks] = np.arange(len(counted_weeks)) // run % CALIBRATION_FOLDS
    return fold[week_number]
