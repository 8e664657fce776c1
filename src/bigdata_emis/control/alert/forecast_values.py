"""Hourly concentrations of a forecast: the newest issue by hour and pollutant, and steps of several hours filled.

Belongs here: which value of which issue applies to an hour. Does not: means, indices (forecast_index), cities.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import HOUR

LONGEST_STEP_H = 24
LEAST_EQUAL_GAPS = 3
"""So many equal gaps in a row are the step of a forecast; fewer are missing hours, unless the issue has no others.

Two values a day apart are of days."""


@dataclass(frozen=True)
class HourlyForecast:
    """Concentrations by pollutant at each hour (NaN: none), and what they were taken from.

    `issued_utc`: the newest issue. `older_utc`: by pollutant, the oldest issue that a coming hour was taken from,
    where that is not the newest one.
    """

    hours: tuple[datetime, ...]
    concentrations: dict[str, Floats]
    wind_m_per_s: Floats
    issued_utc: datetime | None
    older_utc: dict[str, datetime]


def read_hourly(forecast: pa.Table, hours: tuple[datetime, ...], *, at_utc: datetime) -> HourlyForecast:
    """The values known at a time: by hour and pollutant that of the newest issue that has one."""
    known = forecast.filter(pc.less_equal(forecast["issued_utc"], pa.scalar(at_utc, INSTANT)))
    issues = _values_by_issue(known, "concentration_ug_per_m3")
    newest = max((issued for _, issued in issues), default=None)
    concentrations: dict[str, Floats] = {}
    sources: dict[str, np.ndarray] = {}
    for number, ((pollutant, _), values) in enumerate(issues.items()):
        filled = _fill_hours(values, hours)
        series = concentrations.setdefault(pollutant, np.full(len(hours), np.nan))
        source = sources.setdefault(pollutant, np.full(len(hours), -1))
        has_value = np.isfinite(filled)
        series[has_value], source[has_value] = filled[has_value], number
    concentrations = {name: values for name, values in concentrations.items() if np.isfinite(values).any()}
    order = [issued for _, issued in issues]
    is_ahead = np.array([hour > at_utc - HOUR for hour in hours])
    older = {}
    for pollutant in concentrations:
        used = sources[pollutant][is_ahead & (sources[pollutant] >= 0)]
        oldest = min((order[number] for number in used), default=newest)
        if oldest is not None and oldest != newest:
            older[pollutant] = oldest
    return HourlyForecast(hours, concentrations, _read_wind(known, hours), newest, older)


def _values_by_issue(known: pa.Table, column: str) -> dict[tuple[str, datetime], dict[datetime, float]]:
    """Values by hour of each pollutant and issue, oldest issue first; several values within an hour are its mean."""
    ordered = known.sort_by([("issued_utc", "ascending"), ("hour_utc", "ascending")])
    columns = (ordered[name].to_pylist() for name in ("pollutant_code", "issued_utc", "hour_utc", column))
    issues: dict[tuple[str, datetime], dict[datetime, list[float]]] = {}
    for pollutant, issued, instant, value in zip(*columns, strict=True):
        if value is not None and np.isfinite(value):
            hour = instant.replace(minute=0, second=0, microsecond=0)
            issues.setdefault((pollutant, issued), {}).setdefault(hour, []).append(value)
    return {
        key: {hour: sum(values) / len(values) for hour, values in by_hour.items()} for key, by_hour in issues.items()
    }


def _read_wind(known: pa.Table, hours: tuple[datetime, ...]) -> Floats:
    """Wind speed at each hour, of the newest issue that has one; NaN without."""
    series: Floats = np.full(len(hours), np.nan)
    if "wind_speed_m_per_s" not in known.column_names:
        return series
    for values in _values_by_issue(known, "wind_speed_m_per_s").values():
        filled = _fill_hours(values, hours)
        series = np.where(np.isfinite(filled), filled, series)
    return series


def _fill_hours(values: dict[datetime, float], hours: tuple[datetime, ...]) -> Floats:
    """The values of one issue at the hours; a value of a step of several hours applies to each of them."""
    position = {hour: k for k, hour in enumerate(hours)}
    series: Floats = np.full(len(hours), np.nan)
    starts = list(values)
    for start, step_h in zip(starts, _steps_h(starts), strict=True):
        for k in range(step_h):
            if start + k * HOUR in position:
                series[position[start + k * HOUR]] = values[start]
    return series


def _steps_h(starts: Sequence[datetime]) -> list[int]:
    """How many hours each value of an issue applies to, read from the distances of its times.

    The step may change within an issue. A distance that occurs alone is a gap, and its hours remain missing.
    """
    gaps = [int((after - before) / HOUR) for before, after in pairwise(starts)]
    if not gaps:
        return [1] * len(starts)
    own = [gap if _is_step(gaps, k) else 0 for k, gap in enumerate(gaps)]
    steps = [*own, 0]
    before = next((step for step in steps if step), 1)
    for k, step in enumerate(steps):
        before = step or before
        steps[k] = min(before, gaps[k]) if k < len(gaps) else before
    return steps


def _is_step(gaps: list[int], position: int) -> bool:
    gap = gaps[position]
    if not 1 <= gap <= LONGEST_STEP_H:
        return False
    first = last = position
    while first and gaps[first - 1] == gap:
        first -= 1
    while last + 1 < len(gaps) and gaps[last + 1] == gap:
        last += 1
    is_daily = gaps == [LONGEST_STEP_H]
    return gap == 1 or is_daily or last - first + 1 >= min(LEAST_EQUAL_GAPS, max(len(gaps), 2))
