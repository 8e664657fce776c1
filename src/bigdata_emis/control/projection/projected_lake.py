"""The lake as a scenario sees it when days of its window are projected: a projected day reads like a published one.

Belongs here: which rows a projected day has. Does not: the sums (projected_hours), the choice of days
(recent_versions).
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.control.inventory_versions import AHEAD, EMISSIONS, INVENTORY, InventoryVersions, ProjectionBasis
from bigdata_emis.control.projection.local_hours import day_numbers, day_start_us, day_types, local_hours
from bigdata_emis.control.projection.projected_hours import ProjectedHours
from bigdata_emis.control.projection.restricted_days import (
    AHEAD_COLUMNS,
    FACTOR,
    LEFT_COLUMNS,
    RESTRICTED,
    UNRESTRICTED,
    VEHICLE,
    KeptEmissions,
    RestrictionRatios,
    restrict_factors,
    road_fleets,
)
from bigdata_emis.statistics.recent_days import ProjectedSeries, day_weights, project_series
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

COUNTED = "counted_emission"
BASIS, FACTORS, TRAFFIC = "control_source", "road_emission_factor_hourly", "traffic_hourly"


class ProjectedLake(ScenarioStore):
    """The lake of one scenario, with rows for projected days from the pinned versions of recent ones.

    Sources have the traits of the newest recent day; roads have the factors and speeds of the newest day of the same
    type, else of the newest day, and where a link lacks a speed, of the next one before. Traffic restrictions are those
    of the day to come, as the last published day has them registered; without that table those of the recent days.
    """

    def __init__(self, lake: Store, scenario_id: str, inventory: InventoryVersions, basis: ProjectionBasis) -> None:
        super().__init__(lake, scenario_id, inventory.inputs())
        self.basis = basis
        self.types = {day: int(kind) for day, kind in zip(basis.days, day_types(basis.days), strict=True)}

    def is_projected(self, day: date) -> bool:
        """Whether a day is projected from recent days."""
        return day in self.types

    def read(
        self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None, columns: list[str] | None = None
    ) -> pa.Table:
        """The rows of these days; a projected day has control basis and counted machines of the newest recent day."""
        if table_name in (BASIS, COUNTED):
            days = dict.fromkeys(self.basis.recent_days[-1] if day in self.types else day for day in days)
        return super().read(table_name, days, as_of=as_of, columns=columns)

    def pieces(
        self, table_name: str, day: date, columns: list[str], *, numbers: Collection[int] | None = None
    ) -> Iterator[pa.Table]:
        """The rows of a day in order; of a projected day its inventory, or its road factors in one piece."""
        if day not in self.types:
            yield from super().pieces(table_name, day, columns, numbers=numbers)
        elif table_name == INVENTORY:
            yield from self.projected.pieces(day)
        elif table_name == FACTORS and self.basis.by_table[FACTORS]:
            yield self._factors(day, columns)
        elif table_name == TRAFFIC:
            yield self._traffic(day)

    def add_recent_days(self) -> None:
        """Compute the sums of the recent days, before the days of the window are cut in parallel."""
        _ = self.projected, self._is_link

    @cached_property
    def projected(self) -> ProjectedHours:
        """The weighted sums over the recent days; computed once, before days are cut in parallel."""
        sources = super().read(BASIS, self.basis.recent_days[-1:], columns=["source_id"])["source_id"].to_pylist()
        hours = ProjectedHours(sorted(sources), sorted(schema.codes()["pollutant"]), self.time_zone)
        recent = self.basis.recent_days
        weights = {
            day: day_weights(day_numbers(recent), day_types(recent), kind, (day - recent[-1]).days)
            for day, kind in self.types.items()
        }
        for position, day in enumerate(recent):
            of_day = {projected: float(values[position]) for projected, values in weights.items()}
            ratios = self._ratios(day, hours)
            hours.add_day(day, super().pieces(INVENTORY, day, list(EMISSIONS)), of_day, ratios)
        return hours

    def _ratios(self, day: date, hours: ProjectedHours) -> RestrictionRatios | None:
        """What restrictions of the projected days make of the traffic of a recent one; None where they are the same."""
        if self._ahead is None or str(day) not in self.basis.by_table[FACTORS]:
            return None
        rows = pa.concat_tables(super().pieces(FACTORS, day, list(LEFT_COLUMNS))).unify_dictionaries()
        if rows[UNRESTRICTED].null_count:
            return None
        local = local_hours(day, self.time_zone)[_positions(rows["hour_utc"], day, self.time_zone)]
        kept = KeptEmissions.of_factors(rows, local, hours.pollutants)
        if not kept.by_fleet and not any(one.by_fleet for one in self._kept_ahead.values()):
            return None
        newest = super().read(BASIS, self.basis.recent_days[-1:])
        fleets = road_fleets(newest, hours.source_ids, rows["road_class_code"].unique().to_pylist())
        return RestrictionRatios.between(kept, self._kept_ahead, *fleets)

    @cached_property
    def _ahead(self) -> pa.Table | None:
        """The restrictions of the days to come as they were registered on the last published day; None: not known."""
        versions = self.basis.by_table.get(AHEAD, {})
        days = [date.fromisoformat(day) for day in versions]
        return super().read(AHEAD, days, columns=list(AHEAD_COLUMNS)) if days else None

    @cached_property
    def _kept_ahead(self) -> dict[date, KeptEmissions]:
        """What restrictions leave of an emission on each projected day."""
        kept = {}
        for day in self.types if self.basis.by_table[FACTORS] else ():
            rows = self._factors(day, list(LEFT_COLUMNS))
            local = local_hours(day, self.time_zone)[_positions(rows["hour_utc"], day, self.time_zone)]
            kept[day] = KeptEmissions.of_factors(rows, local, sorted(schema.codes()["pollutant"]))
        return kept

    def regional_series(self) -> ProjectedSeries:
        """The emission of the region by pollutant, (pollutants, projected days, 24), with 90 % intervals.

        An hour that no recent day has is zero here as in the sums of the region.
        """
        recent = self.basis.recent_days
        totals = np.stack([self.projected.day_totals_g[day] for day in recent], axis=1)
        return project_series(
            totals,
            day_numbers(recent),
            day_types(recent),
            wanted_numbers=day_numbers(self.basis.days),
            wanted_types=day_types(self.basis.days),
        )

    def _similar_days(self, day: date) -> list[date]:
        """The recent days, those of the same type first, the newest of each first."""
        newest_first = self.basis.recent_days[::-1]
        return sorted(newest_first, key=lambda recent: int(day_types([recent])[0]) != self.types[day])

    def _factors(self, day: date, columns: list[str]) -> pa.Table:
        """The road factors of the most similar day, hour by local hour, under the restrictions of the day to come."""
        similar = next(one for one in self._similar_days(day) if str(one) in self.basis.by_table[FACTORS])
        read = list(dict.fromkeys([*columns, "hour_utc", *VEHICLE, RESTRICTED, UNRESTRICTED, FACTOR]))
        rows = pa.concat_tables(super().pieces(FACTORS, similar, read)).unify_dictionaries()
        is_known = self._ahead is not None and not rows[UNRESTRICTED].null_count
        position = _positions(rows["hour_utc"], similar, self.time_zone)
        theirs, ours = local_hours(similar, self.time_zone), local_hours(day, self.time_zone)
        start_us = day_start_us(day, self.time_zone)
        parts = []
        for hour, local in enumerate(ours):
            same = np.flatnonzero(theirs == local)
            chosen = np.flatnonzero(position == (same[0] if len(same) else min(local, len(theirs) - 1)))
            part = rows.take(pa.array(chosen))
            instant = pa.array(np.full(part.num_rows, start_us + hour * HOUR_US), pa.timestamp("us", "UTC"))
            parts.append(part.set_column(part.schema.get_field_index("hour_utc"), "hour_utc", instant))
        factors = pa.concat_tables(parts)
        restricted = restrict_factors(factors, self._ahead) if is_known and self._ahead is not None else factors
        return restricted.select(columns)

    def _traffic(self, day: date) -> pa.Table:
        """The speed of each link and hour on the most similar day that has one; read until no emission lacks one."""
        links = pa.array(np.array(self.projected.source_ids, dtype=object)[self._is_link], pa.string())
        speeds = np.full((len(links), HOURS_PER_DAY), np.nan)
        wanted = self.projected.hours_with_emission(day)[self._is_link]
        for similar in self._similar_days(day):
            _fill(
                speeds,
                super().pieces(TRAFFIC, similar, ["link_id", "hour_utc", "speed_km_per_h"]),
                links,
                similar,
                self,
            )
            if np.isfinite(speeds[wanted]).all():
                break
        hours = local_hours(day, self.time_zone)
        by_hour = speeds[:, hours]
        link, hour = np.nonzero(np.isfinite(by_hour))
        instants = day_start_us(day, self.time_zone) + hour.astype(np.int64) * HOUR_US
        return pa.table(
            {
                "link_id": pa.DictionaryArray.from_arrays(pa.array(link.astype(np.int32)), links),
                "hour_utc": pa.array(instants, pa.timestamp("us", "UTC")),
                "speed_km_per_h": by_hour[link, hour],
            }
        )

    @cached_property
    def _is_link(self) -> Flags:
        basis = super().read(BASIS, self.basis.recent_days[-1:], columns=["source_id", "road_class_code"])
        links = set(basis.filter(pc.is_valid(basis["road_class_code"]))["source_id"].to_pylist())
        return np.array([source in links for source in self.projected.source_ids], dtype=bool)


def _positions(hour_utc: pa.ChunkedArray, day: date, time_zone: str) -> Integers:
    """The number of each hour in its day."""
    numbers: Integers = (hour_utc.cast(pa.int64()).to_numpy() - day_start_us(day, time_zone)) // HOUR_US
    return numbers


def _fill(speeds: Floats, pieces: Iterable[pa.Table], links: pa.Array, day: date, lake: Store) -> None:
    """Fill what is missing in the speeds by link and local hour, (links, 24), with those of a day."""
    local = local_hours(day, lake.time_zone)
    for piece in pieces:
        link_id = piece["link_id"].combine_chunks()
        rows = pc.fill_null(pc.index_in(link_id.dictionary, links), -1).to_numpy()[link_id.indices.to_numpy()]
        hour = local[_positions(piece["hour_utc"], day, lake.time_zone)]
        is_new = rows >= 0
        is_new[is_new] &= np.isnan(speeds[rows[is_new], hour[is_new]])
        speeds[rows[is_new], hour[is_new]] = piece["speed_km_per_h"].to_numpy()[is_new]
