"""The names of the cities of a region in both languages, from the outlines of its counties.

Belongs here: cities. Does not: counties and sentences (report/names).
"""

import json
from pathlib import Path
from typing import NamedTuple

BOUNDARIES = "boundaries.geojson"


class CityName(NamedTuple):
    """A city in both languages."""

    en: str
    zh: str


def city_name(region_folder: Path, city: str) -> CityName:
    """A city that is written in one of both languages; as written in both where the outlines do not name it."""
    known = (name for name in _named_cities(region_folder / BOUNDARIES) if city in name)
    return next(known, CityName(city, city))


def _named_cities(path: Path) -> list[CityName]:
    if not path.is_file():
        return []
    listed = [feature.get("properties") or {} for feature in json.loads(path.read_text("utf-8")).get("features", [])]
    pairs = {(one["city_en"], one["city"]) for one in listed if one.get("city_en") and one.get("city")}
    return [CityName(*pair) for pair in sorted(pairs)]
