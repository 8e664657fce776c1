"""Places with a fleet of their own: counties and cities that a region names in its fleets or restrictions.

Belongs here: which of these places a road link is in, one rule for inventory and control. Does not: which fleet holds
there in an hour (inventory/fleets/day_fleets).
"""

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

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


def link_places(road_link: pa.Table, local_fleet: pa.Table, traffic_restriction: pa.Table) -> list[FleetPlace]:
    """The place of each link: its county if a fleet or restriction names it, else its city, else the region.

    A region without either has one place, whatever its links say.
    """
    counties, cities = (
        {name for table in (local_fleet, traffic_restriction) for name in table[column].to_pylist() if name}
        for column in ("county_id", "city_name")
    )
    named = zip(road_link["city_name"].to_pylist(), road_link["county_id"].to_pylist(), strict=True)
    return [_place(city or "", county or "", cities, counties) for city, county in named]


def _place(city_name: str, county_id: str, cities: Collection[str], counties: Collection[str]) -> FleetPlace:
    if county_id in counties:
        return FleetPlace(city_name, county_id)
    return FleetPlace(city_name) if city_name in cities else FleetPlace()
