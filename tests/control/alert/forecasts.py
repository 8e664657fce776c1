"""Forecasts of which the index is known on paper (HJ 633-2012), for the tests of alerts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pyarrow as pa

HOUR = timedelta(hours=1)
INSTANT = pa.timestamp("us", tz="UTC")
STEPS = ((0, 0.0), (50, 35.0), (100, 75.0), (150, 115.0), (200, 150.0), (300, 250.0), (400, 350.0), (500, 500.0))
"""Sub-index of PM2.5 and its 24-hour concentration in ug/m3."""


def pm25_of(index: float) -> float:
    """The PM2.5 in ug/m3 whose 24-hour index is this, half an index below so that rounding up reaches it."""
    target = max(index - 0.5, 0.0)
    for (low, low_c), (high, high_c) in pairwise(STEPS):
        if target <= high:
            return low_c + (target - low) / (high - low) * (high_c - low_c)
    raise AssertionError(index)


def table(rows: Sequence[tuple[datetime, str, datetime, float | None]], **columns: Sequence) -> pa.Table:
    """Rows of issue, pollutant, hour and concentration as the table of forecasts."""
    names = ("issued_utc", "pollutant_code", "hour_utc", "concentration_ug_per_m3")
    types = (INSTANT, pa.string(), INSTANT, pa.float64())
    parts = {name: pa.array([row[k] for row in rows], types[k]) for k, name in enumerate(names)}
    return pa.table({**parts, **columns})


def series(values: Sequence[float | None], *, start: datetime, issued: datetime, pollutant: str = "PM2.5") -> pa.Table:
    """One value an hour from the start on."""
    return table([(issued, pollutant, start + k * HOUR, value) for k, value in enumerate(values)])


def spells(
    *parts: tuple[int, int, float], start: datetime, issued: datetime, clean: float = 50, hours: int = 168
) -> pa.Table:
    """PM2.5 of an index from one hour to another, after the start; the clean index in all other hours."""
    indices = [clean] * hours
    for first, after, index in parts:
        indices[max(first, 0) : after] = [index] * (min(after, hours) - max(first, 0))
    return series([pm25_of(index) for index in indices], start=start, issued=issued)


def together(parts: Mapping[str, float], *, hours: int, start: datetime, issued: datetime) -> pa.Table:
    """Constant concentrations of several pollutants in ug/m3."""
    rows = [(issued, name, start + k * HOUR, value) for name, value in parts.items() for k in range(hours)]
    return table(rows)
