"""Recent days of the inventory, summed with weights into the hours of a projected day by source and pollutant.

Belongs here: the sums, whole columns at a time. Does not: which days are recent
(recent_versions), files (projected_lake).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.control.projection.local_hours import day_start_us, local_hours
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

PIECE_SOURCES = 4096
"""Sources of one piece of a projected day: few enough that it fits in memory beside the sums."""


@dataclass
class ProjectedHours:
    """Weighted sums over recent days for each projected day.

    source_ids, pollutants: in order of key. mass_g and weight: by projected day, (sources, pollutants, 24).
    day_totals_g: of each recent day, (pollutants, 24). unregistered: sources that the newest control basis lacks.
    """

    source_ids: list[str]
    pollutants: list[str]
    time_zone: str
    mass_g: dict[date, Floats] = field(default_factory=dict)
    weight: dict[date, Floats] = field(default_factory=dict)
    day_totals_g: dict[date, Floats] = field(default_factory=dict)
    unregistered: set[str] = field(default_factory=set)

    def add_day(self, day: date, pieces: Iterable[pa.Table], weights: dict[date, float]) -> None:
        """Add a recent day of the inventory with its weight for each projected day."""
        start_us, hours = day_start_us(day, self.time_zone), local_hours(day, self.time_zone)
        totals = np.zeros((len(self.pollutants), HOURS_PER_DAY))
        shape = (len(self.source_ids), len(self.pollutants), HOURS_PER_DAY)
        for projected in weights:
            self.mass_g.setdefault(projected, np.zeros(shape))
            self.weight.setdefault(projected, np.zeros(shape))
        for piece in pieces:
            place, emission, pollutant_hour = self._places(piece, start_us, hours.astype(np.int64))
            totals += np.bincount(pollutant_hour, emission, minlength=totals.size).reshape(totals.shape)
            for projected, weight in weights.items():
                self._add(self.mass_g[projected], place, emission * weight, is_repeated=len(hours) > HOURS_PER_DAY)
                self._add(self.weight[projected], place, weight, is_repeated=len(hours) > HOURS_PER_DAY)
        self.day_totals_g[day] = totals

    def pieces(self, day: date) -> Iterator[pa.Table]:
        """The rows of a projected day in order of key, with text as dictionary codes."""
        hours, start_us = local_hours(day, self.time_zone), day_start_us(day, self.time_zone)
        instants = start_us + np.arange(len(hours), dtype=np.int64) * HOUR_US
        texts = pa.array(self.source_ids, pa.string()), pa.array(self.pollutants, pa.string())
        for first in range(0, len(self.source_ids), PIECE_SOURCES):
            part = slice(first, first + PIECE_SOURCES)
            mass, weight = (sums[day][part][:, :, hours] for sums in (self.mass_g, self.weight))
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
        has_emission: Flags = np.asarray((self.weight[day] > 0).any(axis=1))
        return has_emission

    def _places(self, piece: pa.Table, start_us: int, hours: Integers) -> tuple[Integers, Floats, Integers]:
        """Position in the sums and emission of each row of a registered source, and its pollutant and hour."""
        source = piece["source_id"].combine_chunks()
        pollutant = piece["pollutant_code"].combine_chunks()
        source_row = _rows_of(source.dictionary, self.source_ids)
        self.unregistered |= {
            name for name, row in zip(source.dictionary.to_pylist(), source_row, strict=True) if row < 0
        }
        row = source_row[source.indices.to_numpy()]
        column = _rows_of(pollutant.dictionary, self.pollutants)[pollutant.indices.to_numpy()]
        hour = hours[(piece["hour_utc"].cast(pa.int64()).to_numpy() - start_us) // HOUR_US]
        emission = piece["emission_g"].to_numpy()
        pollutant_hour = column * HOURS_PER_DAY + hour
        place = row * (len(self.pollutants) * HOURS_PER_DAY) + pollutant_hour
        if (row < 0).any():
            used = row >= 0
            return place[used], emission[used], pollutant_hour[used]
        return place, emission, pollutant_hour

    @staticmethod
    def _add(sums: Floats, place: Integers, values: Floats | float, *, is_repeated: bool) -> None:
        """Add at places that are distinct, except in a day with a repeated local hour."""
        flat = sums.reshape(-1)
        if is_repeated:
            np.add.at(flat, place, values)
        else:
            flat[place] += values


def _rows_of(ids: pa.Array, listed: Sequence[str]) -> Integers:
    """The row of each identifier in a list, -1 where it is not listed."""
    rows: Integers = pc.fill_null(pc.index_in(ids, pa.array(listed, pa.string())), -1).to_numpy().astype(np.int64)
    return rows
