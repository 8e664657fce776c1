"""The hours of one production line as its models see them: energy, its neighbours in time, starts and stops, weather.

Belongs here: what can be told from the power series and from what is measured beside it. Does not: activity, parameters, calendars.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

BACK_H = 24
"""How far back a start or a stop is looked for, in hours; no further than the day that a daily run looks back on."""
AHEAD_H = 3
"""How far ahead: the last hours of a day are estimated before the next day is known, so little may hang on it."""
FURTHER_H = AHEAD_H - 1
STARTUP_H = 2
"""Hours without output before a start in which fuel may already burn."""


@dataclass(frozen=True)
class LineSeries:
    """Hours of one line in order of time; counts beyond the horizon, or not known, are BACK_H or AHEAD_H.

    `earlier_kwh` and `later_kwh` hold the second and third hour before and after, by column; `covariates` are hourly values
    of what else is measured (air temperature), by field name, NaN where they are not known.
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
        """The line draws or gives power in the hour."""
        return self.energy_kwh > 0

    @property
    def is_starting(self) -> Flags:
        """The line is off but gives power within the next hours."""
        return ~self.is_on & (self.hours_to_start <= STARTUP_H)

    def where(self, chosen: Flags) -> "LineSeries":
        """The chosen hours; what was known of their neighbours stays known."""
        if chosen.all():
            return self
        at = np.flatnonzero(chosen)
        is_one_piece = len(at) > 0 and int(at[-1] - at[0]) == len(at) - 1
        # A slice copies nothing and is read in place; most choices are a block of the year or all of it.
        return self.part(slice(int(at[0]), int(at[-1]) + 1) if is_one_piece else at)

    def part(self, rows: "slice | Integers") -> "LineSeries":
        """Hours by their place."""
        of_energy = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "covariates"}
        return LineSeries(**of_energy, covariates={name: value[rows] for name, value in self.covariates.items()})


def line_series(
    hour_number: Integers, hour_of_week: Integers, energy_kwh: Floats, *, covariates: Mapping[str, Floats] | None = None
) -> LineSeries:
    """The series of a line from its hours since 1970, in ascending order; a gap ends what is known of a neighbour."""
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
        earlier_kwh=_further(previous_kwh, follows, 1),
        later_kwh=_further(next_kwh, precedes, -1),
        covariates=dict(covariates or {}),
    )


def _further(neighbour_kwh: Floats, is_joined: Flags, towards: int) -> Floats:
    """Second and third neighbours on one side; beyond a gap the nearest that is known."""
    columns, last = [], neighbour_kwh
    for _ in range(FURTHER_H):
        last = np.where(is_joined, np.roll(last, towards), last)
        columns.append(last)
    return np.column_stack(columns)


def _hours_since(event: Flags, follows: Flags, horizon_h: int) -> Floats:
    """Hours from the last event to this hour, counted from 1 in the hour of the event; the horizon where it is unknown."""
    if not len(event):
        return np.empty(0)
    position = np.arange(len(event))
    last = np.maximum.accumulate(np.where(event, position, -horizon_h))
    gap = np.maximum.accumulate(np.where(follows, -1, position))
    counted = np.where(last >= gap, position - last + 1, horizon_h)
    return np.minimum(counted, horizon_h).astype(np.float64)


def _hours_until(event: Flags, precedes: Flags) -> Floats:
    return _hours_since(event[::-1], precedes[::-1], AHEAD_H)[::-1]


def without_later(series: LineSeries) -> LineSeries:
    """Each hour as if it were the last one known: later loads are its own, a stop or start to come is beyond the horizon."""
    beyond = np.full(len(series.energy_kwh), float(AHEAD_H))
    later = np.repeat(series.energy_kwh[:, None], series.later_kwh.shape[1], axis=1)
    return replace(series, next_kwh=series.energy_kwh, later_kwh=later, hours_to_stop=beyond, hours_to_start=beyond)
