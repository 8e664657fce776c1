"""The names of counties for readers, from the outlines of the region.

Belongs here: from the code of a county to its name. Does not: maps (day_data).
"""

import json
from collections.abc import Mapping

from bigdata_emis.region import Region
from bigdata_emis.report.sheet.report_sheet import Words, words

BOUNDARIES = "boundaries.geojson"
NO_COUNTY = words("no county", "无区县")


def county_names(region: Region) -> dict[str, str]:
    """The names of counties by code: properties county_id, city and name of boundaries.geojson; none without the file.

    A name has its city before it, since counties of two cities may have one name.
    """
    path = region.folder / BOUNDARIES
    if not path.is_file():
        return {}
    listed = [feature.get("properties") or {} for feature in json.loads(path.read_text("utf-8")).get("features", [])]
    return {
        str(one["county_id"]): f"{one.get('city') or ''}{one['name']}"
        for one in listed
        if one.get("county_id") and one.get("name")
    }


def county_words(names: Mapping[str, str], county_id: str) -> Words:
    """The name of a county; its code where the outlines do not name it."""
    return words(names.get(county_id, county_id)) if county_id else NO_COUNTY
