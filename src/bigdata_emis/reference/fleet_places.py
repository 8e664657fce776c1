"""Places with a fleet of their own: counties and cities that a region names in its fleets or restrictions.

Belongs here: which of these places a road link is in, or an area with roads that are no links, one rule for inventory
and control. Does not: which fleet holds there in an hour (inventory/fleets/day_fleets).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.codes import Industry

REGION = "region"
"""The place of links in no county and city that is named: they have the fleets of the whole region."""


@dataclass(frozen=True, order=True)
class FleetPlace:
    """A county, or a city of which no county is meant, or the region; empty names are not meant."""

    city_name: str = ""
    county_id: str = ""

    @property
    def code(self) -> str:
        """The text that tables hold."""
        if self.county_id:
            return f"county:{self.county_id}"
        return f"city:{self.city_name}" if self.city_name else REGION

    def is_within(self, city_name: str | None, county_id: str | None) -> bool:
        """Whether what is stated for a city or county holds here; an empty one means any."""
        return (not city_name or city_name == self.city_name) and (not county_id or county_id == self.county_id)


def fleet_places(source: pa.Table, local_fleet: pa.Table, traffic_restriction: pa.Table) -> list[FleetPlace]:
    """The place of each link or area: its county if a fleet or restriction names it, else its city, else the region.

    A region without either has one place, whatever its links say. source: a table with city_name and county_id.
    """
    counties, cities = (
        {name for table in (local_fleet, traffic_restriction) for name in table[column].to_pylist() if name}
        for column in ("county_id", "city_name")
    )
    named = zip(source["city_name"].to_pylist(), source["county_id"].to_pylist(), strict=True)
    return [_place(city or "", county or "", cities, counties) for city, county in named]


def minor_road_areas(activity_area: pa.Table) -> pa.Table:
    """The areas that are roads without a link."""
    return activity_area.filter(pc.equal(activity_area["industry_code"], str(Industry.MINOR_ROAD)))


def minor_road_class(road_classes: Iterable[str]) -> str | None:
    """The lowest road class of a fleet: roads that are no links are taken to have its vehicles."""
    return max(road_classes, key=list(schema.codes()["road_class"]).index, default=None)


def _place(city_name: str, county_id: str, cities: Collection[str], counties: Collection[str]) -> FleetPlace:
    if county_id in counties:
        return FleetPlace(city_name, county_id)
    return FleetPlace(city_name) if city_name in cities else FleetPlace()
