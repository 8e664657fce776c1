"""What traffic restrictions do to roads without a link: what is left of their emission, and of the counted traffic.

Belongs here: from fleets and road factors to shares by place and hour. Does not: which restriction holds
(fleets/day_fleets), the factors (roads/road_factors), the traffic ratio (day_traffic).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.equations.traffic import REFERENCE_SPEED_KM_PER_H, kept_emission_factor_g_per_km
from bigdata_emis.inventory.fleets.day_fleets import DayFleets, FleetTables, day_fleets, fleet_label
from bigdata_emis.reference.fleet_places import fleet_places, minor_road_areas, minor_road_class
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.schema.arrow import TYPES

LABEL = "fleet_label"
OF_LINKS = pa.schema([("link_id", pa.string()), ("length_km", pa.float64()), (LABEL, pa.string())])
OF_FLOWS = pa.schema([(LABEL, pa.string()), ("hour_utc", TYPES["instant"]), ("kept_share", pa.float64())])
OF_AREAS = pa.schema(
    [
        ("activity_area_id", pa.string()),
        ("pollutant_code", pa.string()),
        ("hour_utc", TYPES["instant"]),
        ("kept_emission_share", pa.float64()),
        ("kept_share", pa.float64()),
    ]
)
FACTORS = (
    "road_class_code",
    "fleet_place",
    "pollutant_code",
    "hour_utc",
    "speed_km_per_h",
    "restricted_share",
    "unrestricted_emission_factor_g_per_km",
)
"""Columns of table road_emission_factor_hourly that say what is left of an emission."""


@dataclass(frozen=True)
class RestrictedRoads:
    """The fleets of links, and of roads without one, in hours in which restrictions may hold.

    links: with length and label of their fleet; labels: of each area that is roads without a link.
    """

    fleets: DayFleets
    links: pa.Table
    labels: dict[str, str]

    @classmethod
    def of_region(
        cls,
        road_link: pa.Table,
        activity_area: pa.Table,
        tables: FleetTables,
        *,
        hours: Sequence[datetime],
        time_zone: str,
        calendar: WorkCalendar,
    ) -> "RestrictedRoads":
        """Those of a region with restrictions; a road without a link has the lowest road class of its place."""
        own = tables.local_fleet, tables.traffic_restriction
        areas, lowest = (
            minor_road_areas(activity_area),
            minor_road_class(tables.fleet_mix["road_class_code"].unique().to_pylist()),
        )
        of_links = list(zip(road_link["road_class_code"].to_pylist(), fleet_places(road_link, *own), strict=True))
        of_areas = [(lowest or "", place) for place in fleet_places(areas, *own)]
        labels = [fleet_label(road, place.code) for road, place in of_links]
        return cls(
            day_fleets(tables, {*of_links, *of_areas}, hours=hours, time_zone=time_zone, calendar=calendar),
            pa.table([road_link["link_id"], road_link["length_km"], pa.array(labels, pa.string())], schema=OF_LINKS),
            dict(
                zip(
                    areas["activity_area_id"].to_pylist(),
                    (fleet_label(road, place.code) for road, place in of_areas),
                    strict=True,
                )
            ),
        )

    def kept_flows(self) -> pa.Table:
        """The share of a flow that restrictions leave, by fleet and hour, where it is not all of it."""
        fleet, hour = np.nonzero(self.fleets.kept < 1)
        return pa.table(
            [
                pa.array(self.fleets.labels, pa.string()).take(pa.array(fleet)),
                pa.array(self.fleets.hours, TYPES["instant"]).take(pa.array(hour)),
                pa.array(self.fleets.kept[fleet, hour]),
            ],
            schema=OF_FLOWS,
        )

    def kept_emissions(self, road_emission_factor_hourly: pa.Table) -> pa.Table:
        """What restrictions leave of the emission of roads without a link, by area, pollutant and hour.

            kept_emission_share = Σ f × (1 − restricted) ÷ Σ f

        f are the factors at the reference speed of the guide, weighted by the fleet without restrictions. kept_share is
        that of the vehicles. A pollutant without factors has no row, nor has an hour in which nothing is restricted.
        """
        shares = kept_by_fleet(road_emission_factor_hourly)
        kept_flow = {(row[LABEL], row["hour_utc"]): row["kept_share"] for row in self.kept_flows().to_pylist()}
        of_label: dict[str, list[dict[str, Any]]] = {}
        for row in shares.to_pylist():
            of_label.setdefault(fleet_label(row["road_class_code"], row["fleet_place"]), []).append(row)
        rows = [
            {**row, "activity_area_id": area, "kept_share": kept_flow[label, row["hour_utc"]]}
            for area, label in self.labels.items()
            for row in of_label.get(label, ())
            if (label, row["hour_utc"]) in kept_flow
        ]
        return pa.Table.from_pylist([{name: row[name] for name in OF_AREAS.names} for row in rows], OF_AREAS)


def kept_by_fleet(road_emission_factor_hourly: pa.Table) -> pa.Table:
    """The share of emission that restrictions leave at the reference speed, by fleet, pollutant and hour."""
    is_reference = pc.equal(road_emission_factor_hourly["speed_km_per_h"], REFERENCE_SPEED_KM_PER_H)
    rows = road_emission_factor_hourly.select(list(FACTORS)).filter(is_reference)
    unrestricted = rows["unrestricted_emission_factor_g_per_km"].to_numpy()
    kept = kept_emission_factor_g_per_km(unrestricted, rows["restricted_share"].to_numpy())
    keys = ["road_class_code", "fleet_place", "pollutant_code", "hour_utc"]
    of_rows = rows.select(keys).append_column("kept", pa.array(kept)).append_column("whole", pa.array(unrestricted))
    sums = of_rows.group_by(keys, use_threads=False).aggregate([("kept", "sum"), ("whole", "sum")])
    return sums.select(keys).append_column("kept_emission_share", pc.divide(sums["kept_sum"], sums["whole_sum"]))
