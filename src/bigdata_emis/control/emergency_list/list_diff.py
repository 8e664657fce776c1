"""Two versions of a list compared: plants and measures that are new, gone or changed.

Belongs here: the comparison. Does not: reading versions (list_versions).
"""

from bigdata_emis.control.emergency_list.list_versions import VERSION_ID, Row, find_version, read_items

COMPARED = (
    "measure_text",
    "measure_kind_code",
    "applied_cut_share",
    "list_item_status_code",
    "grade_code",
    "guarantee_code",
    "industry_code",
    "county_name",
)
Key = tuple[str, str, str, int]


def diff_versions(region_id: str, first: str, second: str) -> Row:
    """What differs from the first version to the second, by plant, line, level and place in the cell.

    A plant is its credit code, else its name; rows may move within the sheet.
    """
    before, after = find_version(region_id, first), find_version(region_id, second)
    old, new = _by_key(read_items(region_id, before[VERSION_ID])), _by_key(read_items(region_id, after[VERSION_ID]))
    changed = [
        _described(key, new[key]) | {"changes": changes}
        for key in old.keys() & new.keys()
        if (changes := _changes(old[key], new[key]))
    ]
    return {
        "region": region_id,
        "from_version": before[VERSION_ID],
        "to_version": after[VERSION_ID],
        "added": sorted((_described(key, new[key]) for key in new.keys() - old.keys()), key=_order),
        "removed": sorted((_described(key, old[key]) for key in old.keys() - new.keys()), key=_order),
        "changed": sorted(changed, key=_order),
    }


def _by_key(items: list[Row]) -> dict[Key, Row]:
    keyed: dict[Key, Row] = {}
    for item in items:
        plant = item["credit_code"] or item["enterprise_name"] or item["list_item_id"]
        place = 1
        while (key := (plant, item["line_name"] or "", item["alert_level_code"], place)) in keyed:
            place += 1
        keyed[key] = item
    return keyed


def _changes(old: Row, new: Row) -> dict[str, list[str | float | None]]:
    return {name: [old[name], new[name]] for name in COMPARED if old[name] != new[name]}


def _described(key: Key, item: Row) -> Row:
    return {
        "enterprise_name": item["enterprise_name"] or "",
        "line": key[1],
        "level": key[2],
        "text": item["measure_text"] or "",
        "applied_cut_share": item["applied_cut_share"],
        "item": item["list_item_id"],
    }


def _order(entry: Row) -> tuple[str, str, str, str]:
    return (entry["enterprise_name"], entry["line"], entry["level"], entry["item"])
