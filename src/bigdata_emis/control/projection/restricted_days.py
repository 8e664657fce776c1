"""Traffic restrictions of projected days: their road factors, and recent emissions as they would be under them.

Belongs here: from the restricted shares of two days to the ratio of their emissions. Does not: which restriction holds
(inventory/fleets), sums over recent days (projected_hours), files (projected_lake).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import Industry
from bigdata_emis.equations.traffic import REFERENCE_SPEED_KM_PER_H, kept_emission_factor_g_per_km
from bigdata_emis.reference.fleet_places import REGION, minor_road_class
from bigdata_emis.window import HOURS_PER_DAY

Fleet = tuple[str, str]
"""Road class and place."""
UNRESTRICTED, FACTOR, RESTRICTED = (
    "unrestricted_emission_factor_g_per_km",
    "emission_factor_g_per_km",
    "restricted_share",
)
VEHICLE = ("road_class_code", "fleet_place", "vehicle_class_code", "fuel_code", "emission_stage_code")
LEFT_COLUMNS = (*VEHICLE[:2], "pollutant_code", "speed_km_per_h", "hour_utc", RESTRICTED, UNRESTRICTED)
"""Columns of table road_emission_factor_hourly that say what restrictions leave of an emission."""
AHEAD_COLUMNS = ("restricted_hour_utc", *VEHICLE, RESTRICTED, "kept_share")


def restrict_factors(factors: pa.Table, ahead: pa.Table) -> pa.Table:
    """Road factors with the restrictions that will hold in their hours, instead of those that held.

        f' = f without restrictions × (1 − restricted) ÷ kept share of the flow

    factors: with hours of the day to come; ahead: rows of traffic_restriction_ahead, none where nothing is restricted.
    """
    vehicles = _texts(factors, VEHICLE).add_column(0, "hour_utc", factors["hour_utc"])
    vehicles = vehicles.append_column("row", pa.array(np.arange(factors.num_rows)))
    given = _texts(ahead, VEHICLE).add_column(0, "hour_utc", ahead["restricted_hour_utc"])
    given = given.append_column("restricted", ahead[RESTRICTED]).append_column("kept", ahead["kept_share"])
    fleet = ["hour_utc", *VEHICLE[:2]]
    flows = given.group_by(fleet, use_threads=False).aggregate([("kept", "min")])  # one value a fleet and hour
    of_rows = vehicles.join(given.drop_columns(["kept"]), ["hour_utc", *VEHICLE]).join(flows, fleet).sort_by("row")
    restricted, kept = (
        pc.fill_null(of_rows[name], value).to_numpy() for name, value in (("restricted", 0.0), ("kept_min", 1.0))
    )
    left = kept_emission_factor_g_per_km(factors[UNRESTRICTED].to_numpy(), restricted) / kept
    for name, values in ((FACTOR, left), (RESTRICTED, restricted)):
        factors = factors.set_column(factors.schema.get_field_index(name), name, pa.array(values))
    return factors


@dataclass(frozen=True)
class KeptEmissions:
    """The share of emission that restrictions leave on a day, (pollutants, 24), by fleet; those not listed: all of it.

    Shares are those at the reference speed of the guide.
    """

    pollutants: Sequence[str]
    by_fleet: Mapping[Fleet, Floats] = field(default_factory=dict)

    @classmethod
    def of_factors(cls, factors: pa.Table, local_hour: Positions, pollutants: Sequence[str]) -> "KeptEmissions":
        """Those of road factors: Σ f × (1 − restricted) ÷ Σ f over the fleet; local_hour: of each row."""
        is_reference = (factors["speed_km_per_h"].to_numpy() == REFERENCE_SPEED_KM_PER_H) & ~np.isnan(
            pc.fill_null(factors[UNRESTRICTED], np.nan).to_numpy()
        )
        rows = factors.select(["road_class_code", "fleet_place", "pollutant_code"]).filter(pa.array(is_reference))
        unrestricted = factors[UNRESTRICTED].to_numpy()[is_reference]
        restricted = pc.fill_null(factors[RESTRICTED], 0.0).to_numpy()[is_reference]
        if not restricted.any():
            return cls(pollutants)
        kept = kept_emission_factor_g_per_km(unrestricted, restricted)
        fleets, fleet = _fleets_of_rows(rows)
        pollutant = pc.index_in(_plain(rows["pollutant_code"]), pa.array(pollutants, pa.string())).to_numpy()
        shape = (len(fleets), len(pollutants), HOURS_PER_DAY)
        place = np.ravel_multi_index((fleet, pollutant, local_hour[is_reference]), shape)
        left, whole = (np.bincount(place, g, minlength=np.prod(shape)).reshape(shape) for g in (kept, unrestricted))
        shares = np.divide(left, whole, out=np.ones_like(whole), where=whole > 0)
        return cls(pollutants, dict(zip(fleets, shares, strict=True)))


@dataclass(frozen=True)
class RestrictionRatios:
    """What the emission of a source on a recent day would be under the restrictions of a projected one, as a ratio.

    fleet_of_source: row of the fleet of each source in the ratios, the last one for sources that are no roads.
    by_day: of each projected day, (fleets + 1, pollutants, 24).
    """

    fleet_of_source: Positions
    by_day: Mapping[date, Floats]

    @classmethod
    def between(
        cls, recent: KeptEmissions, projected: Mapping[date, KeptEmissions], fleets: Sequence[Fleet], rows: Positions
    ) -> "RestrictionRatios | None":
        """The ratios of a recent day; None where restrictions are the same. rows: as fleet_of_source.

        Where a recent day left nothing of an emission, its ratio is 1: nothing is made up.
        """
        ones = np.ones((len(recent.pollutants), HOURS_PER_DAY))
        before = np.stack([recent.by_fleet.get(fleet, ones) for fleet in fleets] + [ones])
        by_day = {}
        for day, kept in projected.items():
            after = np.stack([kept.by_fleet.get(fleet, ones) for fleet in fleets] + [ones])
            by_day[day] = np.divide(after, before, out=np.ones_like(after), where=before > 0)
        is_same = all((ratio == 1).all() for ratio in by_day.values())
        return None if is_same else cls(rows, by_day)

    def of_rows(self, day: date, source: Positions, pollutant: Positions) -> Floats:
        """The ratio of some rows by source and pollutant, (rows, 24)."""
        ratios: Floats = self.by_day[day][self.fleet_of_source[source], pollutant]
        return ratios


def road_fleets(
    control_source: pa.Table, source_ids: Sequence[str], road_classes: Iterable[str]
) -> tuple[list[Fleet], Positions]:
    """The fleets of links, and of roads without one; the position of that of each source, the last for other sources.

    road_classes: of the factors; a road without a link has the lowest. A basis of an earlier version has no places.
    """
    has_place = "fleet_place" in control_source.column_names
    places = control_source["fleet_place"].to_pylist() if has_place else [None] * control_source.num_rows
    names = (control_source[name].to_pylist() for name in ("source_id", "road_class_code", "industry_code"))
    rows = list(zip(*names, places, strict=True))
    lowest = minor_road_class(road_classes)
    fleet_of: dict[str, Fleet] = {}
    for source, road, industry, place in rows:
        road_class = road or (lowest if industry == Industry.MINOR_ROAD else None)
        if road_class:
            fleet_of[source] = (road_class, place or REGION)
    fleets = sorted(set(fleet_of.values()))
    position = {fleet: row for row, fleet in enumerate(fleets)}
    of_sources = [position[fleet_of[s]] if s in fleet_of else len(fleets) for s in source_ids]
    return fleets, np.array(of_sources, dtype=np.intp)


def _fleets_of_rows(rows: pa.Table) -> tuple[list[Fleet], Positions]:
    """The distinct fleets, and the position of that of each row."""
    columns = [_plain(rows[name]).combine_chunks().dictionary_encode() for name in VEHICLE[:2]]
    roads, places = (column.dictionary.to_pylist() for column in columns)
    both = columns[0].indices.to_numpy().astype(np.intp) * len(places) + columns[1].indices.to_numpy()
    present, position = np.unique(both, return_inverse=True)
    return [(roads[one // len(places)], places[one % len(places)] or REGION) for one in present], position


def _texts(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    return pa.table({name: _plain(rows[name]) for name in names})


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column.cast(pa.string()), "")
