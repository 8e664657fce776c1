"""Placebo windows of a red alert: how large a change without any alert is.

Belongs here: the windows, their changes, and the verdict. Does not: the expectation from weather (alerts), charts.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.arrays import Flags, Floats

SEASON_MONTHS = (11, 12, 1, 2)
"""The heating season, in which the red alerts were: other months burn and mix otherwise."""
STEP_DAYS = 3
LEAST_PLACEBOS = 20
"""Windows from which the 5th and the 95th percentile mean something."""
UNKNOWN, LOWER, HIGHER = "unknown", "lower than placebos", "higher than placebos"


@dataclass(frozen=True)
class PlaceboVerdict:
    """Change of an alert among the changes of windows without one; None where there are too few."""

    count: int
    p05: float | None
    p95: float | None
    verdict: str


def judge_by_placebos(change: float, placebos: list[float]) -> PlaceboVerdict:
    """The verdict on a change: outside the central 90 % of placebo changes, or "unknown".

    Source: placebo tests of Abadie, Diamond and Hainmueller (2010), J. Am. Stat. Assoc. 105, 493, in time instead of
    space: all stations were under the alert, so none is a control.
    """
    if len(placebos) < LEAST_PLACEBOS:
        return PlaceboVerdict(len(placebos), None, None, UNKNOWN)
    low, high = (float(bound) for bound in np.quantile(placebos, [0.05, 0.95]))
    verdict = LOWER if change < low else HIGHER if change > high else UNKNOWN
    return PlaceboVerdict(len(placebos), low, high, verdict)


def placebo_changes(
    days: NDArray[np.object_],
    measured: Floats,
    expected: Floats,
    usable: Flags,
    *,
    window_days: int,
    compared_days: int,
) -> list[float]:
    """Changes of windows of as many days in the heating season, against the days before and after, without weather.

        change = (Σ measured ÷ Σ expected in the window) ÷ (the same in the days beside it) − 1

    `usable` marks the hours that may be in a window or beside it: no alert, measured, expected. A window with fewer
    than half of its hours, or of those beside, is none.
    """
    known = usable & np.isfinite(measured) & np.isfinite(expected)
    first, last = days.min(), days.max()
    changes, start = [], first + timedelta(days=compared_days)
    while start + timedelta(days=window_days + compared_days) <= last:
        if start.month in SEASON_MONTHS:
            end = start + timedelta(days=window_days - 1)
            inside = known & (days >= start) & (days <= end)
            around = (
                known
                & ~((days >= start) & (days <= end))
                & (days >= start - timedelta(days=compared_days))
                & (days <= end + timedelta(days=compared_days))
            )
            if inside.sum() >= 12 * window_days and around.sum() >= 24 * compared_days:
                changes.append(_ratio(measured, expected, inside) / _ratio(measured, expected, around) - 1)
        start += timedelta(days=STEP_DAYS)
    return changes


def _ratio(measured: Floats, expected: Floats, hours: Flags) -> float:
    return float(measured[hours].sum() / expected[hours].sum())
