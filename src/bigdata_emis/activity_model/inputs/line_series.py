"""Hours of one production line as its models see them: energy, neighbouring hours, starts, stops, covariates.

Belongs here: what follows from the power series and its covariates. Does not: activity, parameters, calendars.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

BACK_H = 24
"""How many hours back a start or a stop is searched: one day, since a daily run reads one day before its window."""
AHEAD_H = 3
"""How many hours ahead. The last hours of a day are estimated before the next day is known, so it must be few."""
FURTHER_H = AHEAD_H - 1
STARTUP_H = 2
"""Hours without output before a start in which fuel may already burn."""


@dataclass(frozen=True)
class LineSeries:
    """Hours of one production line, in order of time.

    Counts of hours beyond the horizon, or unknown, are BACK_H or AHEAD_H. All arrays are `(hours,)`, but
    `earlier_kwh` and `later_kwh` are `(hours, 2)`: the second and third hour before and after. `covariates` are other
    hourly measurements (air temperature, energy of a sibling line) by name, NaN where unknown.
    """

    hour_number: Integers
    hour_of_week: Integers
    energy_kwh: Floats
    previous_kwh: Floats
    next_kwh: Floats
    hours_since_start: Floats
    hours_to_stop: Floats
    hours_to_start: Floats
    hours_off_before: Floats
    earlier_kwh: Floats
    later_kwh: Floats
    covariates: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def is_on(self) -> Flags:
        """Hours in which the line draws or gives power."""
        return self.energy_kwh > 0

    @property
    def is_starting(self) -> Flags:
        """Hours without power, STARTUP_H or fewer before a start."""
        return ~self.is_on & (self.hours_to_start <= STARTUP_H)

    def where(self, is_selected: Flags) -> "LineSeries":
        """The selected hours; each keeps what it knows of its neighbours, selected or not."""
        if is_selected.all():
            return self
        rows = np.flatnonzero(is_selected)
        is_contiguous = len(rows) > 0 and int(rows[-1] - rows[0]) == len(rows) - 1
        # A slice is a view and copies nothing; most selections are one block of the year or all of it.
        return self.part(slice(int(rows[0]), int(rows[-1]) + 1) if is_contiguous else rows)

    def part(self, rows: "slice | Integers") -> "LineSeries":
        """The hours at these positions."""
        energy_arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "covariates"}
        return LineSeries(**energy_arrays, covariates={name: value[rows] for name, value in self.covariates.items()})


def build_line_series(
    hour_number: Integers, hour_of_week: Integers, energy_kwh: Floats, *, covariates: Mapping[str, Floats] | None = None
) -> LineSeries:
    """Series of a line from its hours since 1970, in ascending order.

    Neighbours are not known across a gap.
    """
    follows = np.concatenate([[False], np.diff(hour_number) == 1])
    precedes = np.concatenate([follows[1:], [False]]) if len(follows) else follows
    previous_kwh = np.where(follows, np.roll(energy_kwh, 1), energy_kwh)
    next_kwh = np.where(precedes, np.roll(energy_kwh, -1), energy_kwh)
    is_on = energy_kwh > 0
    starts = is_on & follows & (previous_kwh <= 0)
    stops = is_on & precedes & (next_kwh <= 0)
    starts_next = ~is_on & precedes & (next_kwh > 0)
    hours_off = _hours_since(~is_on & follows & (previous_kwh > 0), follows, BACK_H)
    off_at_start = np.where(starts, np.roll(hours_off, 1), 0.0)
    return LineSeries(
        hour_number=hour_number,
        hour_of_week=hour_of_week,
        energy_kwh=energy_kwh,
        previous_kwh=previous_kwh,
        next_kwh=next_kwh,
        hours_since_start=_hours_since(starts, follows, BACK_H),
        hours_to_stop=_hours_until(stops, precedes),
        hours_to_start=_hours_until(starts_next, precedes),
        hours_off_before=off_at_start,
        earlier_kwh=_further_neighbours(previous_kwh, follows, 1),
        later_kwh=_further_neighbours(next_kwh, precedes, -1),
        covariates=dict(covariates or {}),
    )


def hide_later_hours(series: LineSeries) -> LineSeries:
    """Each hour as if it were the latest one.

    Later energy is its own, and a coming stop or start is beyond the horizon.
    """
    beyond_horizon = np.full(len(series.energy_kwh), float(AHEAD_H))
    later = np.repeat(series.energy_kwh[:, None], series.later_kwh.shape[1], axis=1)
    return replace(
        series, next_kwh=series.energy_kwh, later_kwh=later, hours_to_stop=beyond_horizon, hours_to_start=beyond_horizon
    )


def _further_neighbours(neighbour_kwh: Floats, is_joined: Flags, shift: int) -> Floats:
    """Second and third neighbours on one side; beyond a gap the nearest known one."""
    columns, last = [], neighbour_kwh
    for _ in range(FURTHER_H):
        last = np.where(is_joined, np.roll(last, shift), last)
        columns.append(last)
    return np.column_stack(columns)


def _hours_since(event: Flags, follows: Flags, horizon_h: int) -> Floats:
    """Hours from the last event, counted from 1 in the hour of the event; the horizon where it is unknown."""
    if not len(event):
        return np.empty(0)
    position = np.arange(len(event))
    last = np.maximum.accumulate(np.where(event, position, -horizon_h))
    gap = np.maximum.accumulate(np.where(follows, -1, position))
    count = np.where(last >= gap, position - last + 1, horizon_h)
    return np.minimum(count, horizon_h).astype(np.float64)


def _hours_until(event: Flags, precedes: Flags) -> Floats:
    return _hours_since(event[::-1], precedes[::-1], AHEAD_H)[::-1]
