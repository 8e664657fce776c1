"""The measures of a list version as a file that a recalculation reads; what matches no line is listed.

Belongs here: the file. Does not: which lines a row is about (matching), the effect on emission (scenario).
"""

import csv
import hashlib
import io
from collections import Counter
from dataclasses import fields
from datetime import date
from pathlib import Path

from bigdata_emis.codes import ListItemStatus, Pollutant
from bigdata_emis.control.emergency_list.list_versions import VERSION_ID, Row, find_version, list_versions, read_items
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry
from bigdata_emis.control.scenario.measures import Measure, read_measures
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.settings import settings
from bigdata_emis.storage.temporary_files import write_whole
from bigdata_emis.window import HOURS_PER_DAY, Window

COLUMNS = (
    "measure_id", "alert_level_code", "production_line_id", "pollutant_code", "from_local_hour", "to_local_hour",
    "affected_share", "cut_share", "action", "source", "confidence", "note",
)  # fmt: skip
NEWEST = "newest"
"""What is given instead of a version: the newest that is valid on the first day of the window."""
DIGEST_CHARACTERS = 16
CONFIDENCE_OF_A_LIST = 0.9
"""The city's own list comes first in the order of evidence for a cut."""


def measures_of_version(region_id: str, version_id: str = "") -> tuple[str, Row]:
    """The measure file as CSV text, and a document that says which items are in it and which are not, with the reason.

    Raises:
        InputError: no item matches a production line, so that the file would cut nothing.
    """
    version = find_version(region_id, version_id)
    items = read_items(region_id, version[VERSION_ID])
    registry = ListRegistry(region_id, items)
    rows: list[Row] = []
    unmatched: list[Row] = []
    for number, item in enumerate(items, start=1):
        lines, reason = _lines_of(item, registry)
        if reason:
            unmatched.append(_left_out(item, reason))
        rows += [
            _measure(item, line, pollutant, f"{version[VERSION_ID]}-{number}-{line}{pollutant and '-'}{pollutant}")
            for line in lines
            for pollutant in item["list_pollutant_codes"] or [""]
        ]
    if not rows:
        what = f"no measure of version {version[VERSION_ID]} matches a production line of region {region_id}"
        raise InputError(what, "register the plants with the credit code as enterprise_id, or with the same name_zh")
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    document = {
        "region": region_id,
        "version": version[VERSION_ID],
        "items": len(items),
        "measures": len(rows),
        "unmatched": unmatched,
    }
    return out.getvalue(), document


def measures_for_window(
    region: Region, version_id: str, window: Window, *, others: Path | None = None
) -> tuple[Path, Row]:
    """The file of the measures of a version, with those of another list, and what a person has to know of it.

    The document counts the items that are not in the file by reason; it says whether the version is valid in the whole
    window, and whether the file reaches nothing but production lines. The name of the file follows from its content, so
    that the same list is stored once.

    Raises InputError when there is no such version, or it matches no line of the region.
    """
    days = window.days(region.time_zone)
    version = _newest_valid(region.region_id, days[0]) if version_id == NEWEST else version_id
    text, document = measures_of_version(region.region_id, version)
    if others is not None:
        text = _with_measures(text, read_measures(others))
    path = settings().home / "measures" / f"list-{hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
    row = find_version(region.region_id, document["version"])
    left_out = Counter(entry["reason"] for entry in document["unmatched"])
    return path, {
        "version": document["version"],
        "file_name": row["file_name"],
        "is_valid": all(_is_valid(row, day) for day in days),
        "items": document["items"],
        "measures": document["measures"],
        "is_for_lines_only": all(measure.production_line_id for measure in read_measures(path)),
        "left_out": [{"reason": reason, "items": count} for reason, count in left_out.most_common()],
    }


def _newest_valid(region_id: str, day: date) -> str:
    """The name of the newest version that is valid on a day."""
    versions = list_versions(region_id)
    valid = [row for row in versions if _is_valid(row, day)]
    if versions and not valid:
        known = ", ".join(f"{row[VERSION_ID]} ({row['valid_from']} to {row['valid_to']})" for row in versions)
        raise InputError(f"no emergency list of {region_id} is valid on {day}", f"name one of {shorten(known)}")
    return valid[-1][VERSION_ID] if valid else ""


def _is_valid(version: Row, day: date) -> bool:
    first, last = version["valid_from"] or date.min, version["valid_to"] or date.max
    return bool(first <= day <= last)


def _with_measures(text: str, measures: list[Measure]) -> str:
    """The file of a list with further measures below; each row has every column of a measure."""
    names = [field.name for field in fields(Measure)]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys([*COLUMNS, *names])), lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(csv.DictReader(io.StringIO(text)))
    writer.writerows({name: _cell(getattr(measure, name)) for name in names} for measure in measures)
    return out.getvalue()


def _cell(value: str | float | None) -> str | float:
    return "" if value is None else value


def _lines_of(item: Row, registry: ListRegistry) -> tuple[tuple[str, ...], str]:
    """The lines that a usable item is about, and the reason when there is none."""
    reason = _unusable(item)
    if reason:
        return (), reason
    match = registry.match(item)
    return match.lines, match.question or (match.reason.in_english if match.reason else "")


def _unusable(item: Row) -> str:
    if item["list_item_status_code"] != ListItemStatus.ACCEPTED:
        return f"{item['list_item_status_code']}: {item['note'] or ''}"
    if item["vehicle_class_codes"]:
        return "a measure about vehicles of a plant is not of a production line"
    if not set(item["list_pollutant_codes"] or []) <= set(Pollutant):
        return "cuts particulate matter, which the list does not divide by size"
    if item["affected_share"] is None or item["applied_cut_share"] is None:
        return "its share is unknown"
    return ""


def _measure(item: Row, line: str, pollutant: str, measure_id: str) -> Row:
    """One row of the file. Hours of the day are hours there, so that the cut is that of these hours."""
    affected, applied = item["affected_share"], item["applied_cut_share"]
    start, _, end = (item["hours_text"] or "").partition("-")
    cut_share = item["cut_share"] if end else applied / affected if affected else 0.0
    return {
        "measure_id": measure_id,
        "alert_level_code": item["alert_level_code"],
        "production_line_id": line,
        "pollutant_code": pollutant,
        "from_local_hour": int(start) % HOURS_PER_DAY if end else "",
        "to_local_hour": int(end) if end else "",
        "affected_share": f"{affected:.6g}",
        "cut_share": f"{cut_share:.6g}",
        "action": (item["measure_text"] or "").replace("\n", " "),
        "source": f"emergency list {item[VERSION_ID]}",
        "confidence": CONFIDENCE_OF_A_LIST,
        "note": item["list_item_id"],
    }


def _left_out(item: Row, reason: str) -> Row:
    return {
        "item": item["list_item_id"],
        "enterprise_name": item["enterprise_name"] or "",
        "level": item["alert_level_code"],
        "text": item["measure_text"] or "",
        "reason": reason,
    }
