"""The names of counties for readers, from the outlines of the region.

Belongs here: from the code of a county to its name. Does not: maps (day_data).
"""

import json
from collections.abc import Iterable, Mapping

from bigdata_emis.region import Region
from bigdata_emis.report.sheet.report_sheet import Words, words

BOUNDARIES = "boundaries.geojson"
NO_COUNTY = words("no county", "无区县")
CHINESE_ONLY = words(
    "Names without an English form in the data of the region are shown in Chinese.",
    "区域数据中无英文名的，英文版沿用中文名。",
)


def county_names(region: Region) -> dict[str, Words]:
    """The names of counties by code: properties county_id, name, city of boundaries.geojson, name_en and city_en.

    A name has its city with it, since counties of two cities may have one name. A county without name_en has its
    Chinese name in both languages. A city has its own entry, by its Chinese name, where city_en is given. Without the
    file there are none.
    """
    path = region.folder / BOUNDARIES
    if not path.is_file():
        return {}
    listed = [feature.get("properties") or {} for feature in json.loads(path.read_text("utf-8")).get("features", [])]
    cities = {
        one["city"]: words(one["city_en"], one["city"]) for one in listed if one.get("city_en") and one.get("city")
    }
    return cities | {str(one["county_id"]): _name_of(one) for one in listed if one.get("county_id") and one.get("name")}


def county_words(names: Mapping[str, Words], county_id: str) -> Words:
    """The name of a county; its code where the outlines do not name it."""
    return names.get(county_id) or words(county_id) if county_id else NO_COUNTY


def city_words(names: Mapping[str, Words], city: str) -> Words:
    """The name of a city that is written in one of both languages; as written where the outlines do not name it."""
    return names.get(city) or next((name for name in names.values() if name["en"] == city), words(city))


def chinese_only(shown: Iterable[Words]) -> list[Words]:
    """A sentence where a name that is shown is Chinese in both languages; none otherwise."""
    return [CHINESE_ONLY] if any(one["en"] == one["zh"] and not one["en"].isascii() for one in shown) else []


def _name_of(properties: Mapping[str, str]) -> Words:
    chinese = f"{properties.get('city') or ''}{properties['name']}"
    if not properties.get("name_en"):
        return words(chinese)
    return words(", ".join(filter(None, (properties["name_en"], properties.get("city_en")))), chinese)
