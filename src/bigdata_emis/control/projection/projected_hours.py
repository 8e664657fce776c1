"""Recent days of the inventory, summed with weights into the hours of a projected day by source and pollutant.

Belongs here: the sums, whole columns at a time. Does not: which days are recent
(recent_versions), files (projected_lake).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.control.projection.local_hours import day_start_us, local_hours
from bigdata_emis.control.projection.restricted_days import RestrictionRatios
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

PIECE_SOURCES = 4096
"""Sources of one piece of a projected day: few enough that it fits in memory beside the sums."""


@dataclass(frozen=True)
class _RecentRows:
    """Rows of a day: position of source and pollutant in the sums, local hour, emission."""

    source: Integers
    pollutant: Integers
    hour: Integers
    emission_g: Floats
    is_regular: bool
    """Whether the day has each local hour once."""

    def chosen(self, which: Flags) -> Self:
        return replace(
            self, **{name: getattr(self, name)[which] for name in ("source", "pollutant", "hour", "emission_g")}
        )


@dataclass
class ProjectedHours:
    """Weighted sums over recent days for each projected day.

    source_ids, pollutants: in order of key. mass_g: by projected day, (sources, pollutants, 24). The weight of an hour
    is that of whole days, (sources, pollutants), and of single hours, (sources, pollutants, 24): most days are whole.
    day_totals_g: of each recent day, (pollutants, 24). unregistered: sources that the newest control basis lacks.
    """

    source_ids: list[str]
    pollutants: list[str]
    time_zone: str
    mass_g: dict[date, Floats] = field(default_factory=dict)
    weight_of_days: dict[date, Floats] = field(default_factory=dict)
    weight_of_hours: dict[date, Floats] = field(default_factory=dict)
    day_totals_g: dict[date, Floats] = field(default_factory=dict)
    unregistered: set[str] = field(default_factory=set)

    def add_day(
        self, day: date, pieces: Iterable[pa.Table], weights: dict[date, float], ratios: RestrictionRatios | None = None
    ) -> None:
        """Add a recent day of the inventory with its weight for each projected day.

        ratios: of traffic under the restrictions of each projected day, None where they are those of the recent day.
        The totals of the day are those under the restrictions of the first projected day.
        """
        shape = (len(self.source_ids), len(self.pollutants), HOURS_PER_DAY)
        for projected in weights:
            self.mass_g.setdefault(projected, np.zeros(shape))
            self.weight_of_days.setdefault(projected, np.zeros(shape[:2]))
            self.weight_of_hours.setdefault(projected, np.zeros(shape))
        totals = self.day_totals_g[day] = np.zeros(shape[1:])
        for piece in pieces:
            rows = self._registered_rows(piece, day)
            whole = _whole_strips(rows)
            self._add_strips(rows, whole, weights, totals, ratios)
            if len(whole) * HOURS_PER_DAY < len(rows.hour):
                self._add_rows(_without_strips(rows, whole), weights, totals, ratios)

    def pieces(self, day: date) -> Iterator[pa.Table]:
        """The rows of a projected day in order of key, with text as dictionary codes."""
        hours, start_us = local_hours(day, self.time_zone), day_start_us(day, self.time_zone)
        instants = start_us + np.arange(len(hours), dtype=np.int64) * HOUR_US
        texts = pa.array(self.source_ids, pa.string()), pa.array(self.pollutants, pa.string())
        for first in range(0, len(self.source_ids), PIECE_SOURCES):
            part = slice(first, first + PIECE_SOURCES)
            mass, weight = self.mass_g[day][part][:, :, hours], self._weight(day, part)[:, :, hours]
            source, pollutant, hour = np.nonzero(weight > 0)
            codes = (source + first).astype(np.int32), pollutant.astype(np.int32)
            yield pa.table(
                {
                    "source_id": pa.DictionaryArray.from_arrays(pa.array(codes[0]), texts[0]),
                    "pollutant_code": pa.DictionaryArray.from_arrays(pa.array(codes[1]), texts[1]),
                    "hour_utc": pa.array(instants[hour], pa.timestamp("us", "UTC")),
                    "emission_g": mass[source, pollutant, hour] / weight[source, pollutant, hour],
                }
            )

    def hours_with_emission(self, day: date) -> Flags:
        """Which sources have emission of any pollutant at a local hour of a projected day, (sources, 24)."""
        has_emission: Flags = np.asarray((self._weight(day, slice(None)) > 0).any(axis=1))
        return has_emission

    def _weight(self, day: date, sources: slice) -> Floats:
        weight: Floats = self.weight_of_hours[day][sources] + self.weight_of_days[day][sources][..., None]
        return weight

    def _registered_rows(self, piece: pa.Table, day: date) -> _RecentRows:
        """The rows of registered sources, by position in the sums."""
        hours = local_hours(day, self.time_zone)
        source = piece["source_id"].combine_chunks()
        pollutant = piece["pollutant_code"].combine_chunks()
        source_row = _rows_of(source.dictionary, self.source_ids)
        self.unregistered |= {source.dictionary[int(code)].as_py() for code in np.flatnonzero(source_row < 0)}
        rows = _RecentRows(
            source=source_row[source.indices.to_numpy()],
            pollutant=_rows_of(pollutant.dictionary, self.pollutants)[pollutant.indices.to_numpy()],
            hour=hours.astype(np.int64)[_hour_numbers(piece, day, self.time_zone)],
            emission_g=piece["emission_g"].to_numpy(),
            is_regular=len(hours) == HOURS_PER_DAY,
        )
        return rows.chosen(rows.source >= 0) if (source_row < 0).any() else rows

    def _add_strips(
        self,
        rows: _RecentRows,
        first: Integers,
        weights: dict[date, float],
        totals: Floats,
        ratios: RestrictionRatios | None,
    ) -> None:
        """Add whole days of one source and pollutant, which begin at these rows: looked up once for each."""
        emission = rows.emission_g
        if len(first) * HOURS_PER_DAY < len(emission):
            emission = emission[first[:, None] + np.arange(HOURS_PER_DAY)]
        strips, pollutant = emission.reshape(-1, HOURS_PER_DAY), rows.pollutant[first]
        source = rows.source[first]
        place = source * len(self.pollutants) + pollutant
        for number, (projected, weight) in enumerate(weights.items()):
            of_day = strips if ratios is None else strips * ratios.of_rows(projected, source, pollutant)
            for code in np.unique(pollutant) if number == 0 else ():
                totals[code] += of_day[pollutant == code].sum(axis=0)
            self.mass_g[projected].reshape(-1, HOURS_PER_DAY)[place] += of_day * weight
            self.weight_of_days[projected].reshape(-1)[place] += weight

    def _add_rows(
        self, rows: _RecentRows, weights: dict[date, float], totals: Floats, ratios: RestrictionRatios | None
    ) -> None:
        """Add rows one by one; a place comes twice in a day with a repeated local hour."""
        pollutant_hour = rows.pollutant * HOURS_PER_DAY + rows.hour
        place = rows.source * totals.size + pollutant_hour
        for number, (projected, weight) in enumerate(weights.items()):
            of_day = rows.emission_g
            if ratios is not None:
                by_hour = ratios.of_rows(projected, rows.source, rows.pollutant)
                of_day = of_day * by_hour[np.arange(len(of_day)), rows.hour]
            if number == 0:
                totals += np.bincount(pollutant_hour, of_day, minlength=totals.size).reshape(totals.shape)
            np.add.at(self.mass_g[projected].reshape(-1), place, of_day * weight)
            np.add.at(self.weight_of_hours[projected].reshape(-1), place, weight)


def _hour_numbers(piece: pa.Table, day: date, time_zone: str) -> Integers:
    numbers: Integers = (piece["hour_utc"].cast(pa.int64()).to_numpy() - day_start_us(day, time_zone)) // HOUR_US
    return numbers


def _whole_strips(rows: _RecentRows) -> Integers:
    """The first row of each run of 24 hours of one source and pollutant; rows are in order of key.

    None on a day that clocks change: there 24 rows from hour 0 to hour 23 can have one twice and lack another.
    """
    first = np.flatnonzero(rows.hour == 0) if rows.is_regular else np.array([], dtype=np.int64)
    first = first[first + HOURS_PER_DAY <= len(rows.hour)]
    last = first + HOURS_PER_DAY - 1
    is_whole = (rows.source[first] == rows.source[last]) & (rows.pollutant[first] == rows.pollutant[last])
    is_whole &= rows.hour[last] == HOURS_PER_DAY - 1
    whole: Integers = first[is_whole]
    return whole


def _without_strips(rows: _RecentRows, first: Integers) -> _RecentRows:
    is_single = np.ones(len(rows.hour), dtype=bool)
    is_single[first[:, None] + np.arange(HOURS_PER_DAY)] = False
    return rows.chosen(is_single)


def _rows_of(ids: pa.Array, listed: Sequence[str]) -> Integers:
    """The row of each identifier in a list, -1 where it is not listed."""
    rows: Integers = pc.fill_null(pc.index_in(ids, pa.array(listed, pa.string())), -1).to_numpy().astype(np.int64)
    return rows
