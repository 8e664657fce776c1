"""Drift of a line's level: how far its activity per energy moves while no measurement arrives.

Belongs here: the drift of a line from its out-of-block months, and the margin that it adds to an interval.
Does not: residual quantiles (conformal_interval), fitting, tables.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats, Integers

HOURS_PER_YEAR = 8766.0
MONTH_H = HOURS_PER_YEAR / 12
MIN_MONTH_HOURS = 20
"""Running hours of a month below which its level is noise."""
MIN_LAG_YEARS = 0.25
"""Months closer than that differ by their loads and by noise more than by drift."""
MAX_CHANGE = 0.15
"""A larger change counts as so much: one fault of a meter must not widen every interval."""
CLASS_DRIFT_SHARE = 0.045
"""Drift of the median unit in the square root of a year: 106 New York thermal units, months of 2017
(`emis validate nys`). Other plants have it until their own months show another."""
CLASS_WEIGHT_MONTHS = 12.0
"""Months of a line that count as much as its class."""
REST_YEARS = 0.125
"""Age of the latest measurement that is added to every age: out of block an hour has measured months on both sides."""
REACH = 0.9
"""Margin over drift. With REST_YEARS chosen on 2018 after 2017: 88 % of the hours and 93 % of the median unit."""


def fit_level_drift(hour_number: Integers, activity: Floats, predicted: Floats) -> dict[str, float | int]:
    """Drift of a line as a share in the square root of a year, and the hour of its latest measurement.

        level = ln (Σ A / Σ Â) of a month;  d² = mean of min(|Δ level|, 0.15)² / max(lag, ¼ year) over pairs of months
        drift² = (12 class² + months d²) / (12 + months)

    Arrays are `(hours,)`: running hours, each predicted without its own block.

    Source: a random walk, whose variance grows with the lag; shrinkage by the weight of the class (own judgement).
    """
    month, level = _monthly_levels(hour_number, activity, predicted)
    first, second = np.triu_indices(len(month), 1)
    square = 0.0
    if len(first):
        lag_years = np.maximum((month[second] - month[first]) / 12, MIN_LAG_YEARS)
        square = float((np.minimum(np.abs(level[second] - level[first]), MAX_CHANGE) ** 2 / lag_years).mean())
    months = len(month) if len(first) else 0
    total = CLASS_WEIGHT_MONTHS * CLASS_DRIFT_SHARE**2 + months * square
    latest = int(hour_number.max()) if len(hour_number) else 0
    return {"drift_share": float(np.sqrt(total / (CLASS_WEIGHT_MONTHS + months))), "latest_hour": latest}


def drift_margin(value: Floats, hour_number: Integers, drift: Mapping[str, Any]) -> Floats:
    """Half-width that drift adds to an estimate, growing with the age of the level, (hours,).

    margin = 0.9 × drift × √(⅛ + age in years) × value

    The age is that of the latest measurement of the training. A verdict on later truth renews it (`renewed_hour`), but
    not below a quarter of a year, since the level of its few weeks differs from that of the next as months that far
    apart do.
    """
    age_years = _age_years(hour_number, int(drift["latest_hour"]))
    if "renewed_hour" in drift:
        renewed_years = np.maximum(_age_years(hour_number, int(drift["renewed_hour"])), MIN_LAG_YEARS)
        age_years = np.minimum(age_years, renewed_years)
    return np.asarray(REACH * float(drift["drift_share"]) * np.sqrt(REST_YEARS + age_years) * np.abs(value))


def moved_margin_share(change: float, years: float) -> float:
    """Half-width, as a share of the estimate, for a line whose level moved by a logarithm in so many years.

        margin = 0.9 × |change| ÷ √max(years, ¼) × √(⅛ + ¼)

    It is the margin of drift_margin with the drift that this move alone shows, for truth a quarter of a year old: a
    unit that has moved moves more than its class.
    """
    drift_share = abs(change) / np.sqrt(max(years, MIN_LAG_YEARS))
    return float(REACH * drift_share * np.sqrt(REST_YEARS + MIN_LAG_YEARS))


def _age_years(hour_number: Integers, since_hour: int) -> Floats:
    return np.asarray(np.maximum(hour_number - since_hour, 0) / HOURS_PER_YEAR)


def _monthly_levels(hour_number: Integers, activity: Floats, predicted: Floats) -> tuple[Integers, Floats]:
    """Number and level of each month with enough hours, counted from the first hour."""
    if not len(hour_number):
        return np.empty(0, np.int64), np.empty(0)
    month = ((hour_number - hour_number.min()) // MONTH_H).astype(np.int64)
    count, measured, estimated = (np.bincount(month, part) for part in (np.ones(len(month)), activity, predicted))
    usable = np.flatnonzero((count >= MIN_MONTH_HOURS) & (measured > 0) & (estimated > 0)).astype(np.int64)
    return usable, np.log(measured[usable] / estimated[usable])
