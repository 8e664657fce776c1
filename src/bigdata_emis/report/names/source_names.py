"""The names of sources for readers: the plant of a production line, the own name of an area.

Belongs here: from the identifier of a source to its name. Does not: places (county_names).
"""

from collections.abc import Mapping

from bigdata_emis.region import Region
from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.storage import database


def source_names(region: Region) -> dict[str, Words]:
    """Names by source: the enterprise of a line, the area's own name; its identifier where it has none."""
    owners = {row["enterprise_id"]: row for row in database.read("enterprise", region.region_id).to_pylist()}
    names = {
        line["production_line_id"]: _name_of(owners.get(line["enterprise_id"], {}), line["enterprise_id"])
        for line in database.read("production_line", region.region_id).to_pylist()
    }
    for area in database.read("activity_area", region.region_id).to_pylist():
        names[area["activity_area_id"]] = _name_of(area, area["activity_area_id"])
    return names


def plant_and_line(names: Mapping[str, Words], source_id: str) -> Words:
    """The plant of a line with the line; the line alone where no plant is known."""
    name = names.get(source_id)
    return words(f"{name['en']} · {source_id}", f"{name['zh']} · {source_id}") if name else words(source_id)


def _name_of(row: Mapping[str, str | None], identifier: str) -> Words:
    english, chinese = row.get("name_en") or "", row.get("name_zh") or ""
    return words(english or chinese or identifier, chinese or english or identifier)
