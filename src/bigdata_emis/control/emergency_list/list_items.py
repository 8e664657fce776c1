"""The items of a list: one measure of one row at one level, with shares, cut in kg/d, status and reason.

Belongs here: what an item is, and how a row becomes items. Does not: checks between rows (list_checks), files
(import_list).
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bigdata_emis.codes import ListItemStatus, ListWordRole, MeasureKind
from bigdata_emis.control.emergency_list import list_words
from bigdata_emis.control.emergency_list.list_rows import ListRow
from bigdata_emis.control.emergency_list.list_words import plain
from bigdata_emis.control.emergency_list.measure_text.measure_reading import MeasureReading, read_measures

POLLUTANTS = {"SO2": "SO2", "NOx": "NOx", "PM": "PM", "VOCs": "VOC"}
"""Pollutant of the list and its name in a column of kg/d."""
CSV_COLUMNS = (
    "file", "sheet", "excel_row", "enterprise_name", "credit_code", "county", "industry_code", "grade_code",
    "guarantee_category", "production_line", "alert_level_code", "measure_text", "pattern_id", "kind",
    "affected_share", "cut_share", "applied_cut_share", "base_value", "target_value", "base_unit",
    "vehicle_class_code", "stage_threshold_code", "cut_SO2_kg_d", "cut_NOx_kg_d", "cut_PM_kg_d", "cut_VOC_kg_d",
    "status", "reason",
)  # fmt: skip
TRIPS_UNIT = "trips/d"
LEVEL_ORDER = ("yellow", "orange", "red")


@dataclass(frozen=True)
class ListItem:
    """One measure of one row at one level. position: its place among the measures of the cell, from 1."""

    row: ListRow
    level: str
    position: int
    reading: MeasureReading
    status: str
    reason: str
    cut_kg_per_d: dict[str, float | None] = field(default_factory=dict)

    @property
    def item_id(self) -> str:
        """The identifier within its version: sheet, row, level and position."""
        return f"{self.row.sheet}!{self.row.excel_row}:{self.level}:{self.position}"


def items_of_row(row: ListRow) -> list[ListItem]:
    """The items of a row, from the lowest level up, each measure of a cell as its own."""
    by_level = {level: _read_level(row, level) for level in _levels(row)}
    items: list[ListItem] = []
    for level, readings in by_level.items():
        resolved = [copied for reading in readings for copied in _resolve_copy(reading, by_level)]
        items += [_item(row, level, place, reading) for place, reading in enumerate(resolved, start=1)]
    return items


def with_status(item: ListItem, status: str, reason: str) -> ListItem:
    """The item with a status that is worse than its own, and the reason added; a doubtful item cuts nothing yet."""
    order = list(ListItemStatus)
    worse = max(item.status, status, key=lambda code: order.index(ListItemStatus(code)))
    joined = "; ".join(dict.fromkeys(text for text in (item.reason, reason) if text))
    return _with_cuts(replace(item, status=worse, reason=joined))


def rejected_copy(item: ListItem, reason: str) -> ListItem:
    """The item of a row that repeats another: nothing of it is valued."""
    bare = MeasureReading(item.reading.text, pattern_id=item.reading.pattern_id)
    return replace(item, reading=bare, status=ListItemStatus.REJECTED, reason=reason, cut_kg_per_d={})


def as_csv(items: Iterable[ListItem], file_name: str) -> str:
    """The items as CSV text, numbers with six significant digits."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for item in items:
        row = as_row(item, file_name)
        writer.writerow({name: _shown(value) for name, value in row.items()})
    return out.getvalue()


def as_row(item: ListItem, file_name: str) -> dict[str, str | float | int | None]:
    """The item by the names of the columns of the CSV."""
    row, reading = item.row, item.reading
    cuts = {f"cut_{name}_kg_d": item.cut_kg_per_d.get(pollutant) for pollutant, name in POLLUTANTS.items()}
    return {
        "file": file_name,
        "sheet": row.sheet,
        "excel_row": row.excel_row,
        "enterprise_name": row.name,
        "credit_code": row.credit_code,
        "county": row.county,
        "industry_code": row.industry_code,
        "grade_code": row.grade_code,
        "guarantee_category": row.guarantee_code,
        "production_line": row.line,
        "alert_level_code": item.level,
        "measure_text": reading.text,
        "pattern_id": reading.pattern_id,
        "kind": str(reading.kind),
        "affected_share": reading.affected_share,
        "cut_share": reading.cut_share,
        "applied_cut_share": reading.applied_cut_share,
        "base_value": reading.base_value,
        "target_value": reading.target_value,
        "base_unit": reading.base_unit,
        "vehicle_class_code": reading.vehicle_class_code,
        "stage_threshold_code": reading.stage_threshold_code,
        **cuts,
        "status": str(item.status),
        "reason": item.reason,
    }


def _levels(row: ListRow) -> list[str]:
    return [level for level in LEVEL_ORDER if level in row.measures]


def _read_level(row: ListRow, level: str) -> list[MeasureReading]:
    return read_measures(row.measures[level], replace(row.context, level=level))


def _resolve_copy(reading: MeasureReading, by_level: dict[str, list[MeasureReading]]) -> list[MeasureReading]:
    """The readings that `as yellow` copies; a text that does not name a level is for a person."""
    if reading.kind != MeasureKind.COPY:
        return [reading]
    level = list_words.meaning(ListWordRole.LEVEL, plain(reading.text))
    source = [other for other in by_level.get(level, []) if other.kind != MeasureKind.COPY]
    if not source:
        return [replace(reading, reason="row above or level before: the text does not name a level of this row")]
    return [
        replace(
            other, text=reading.text, pattern_id=reading.pattern_id, reason=f"as {level}: {other.reason}".strip(": ")
        )
        for other in source
    ]


def _item(row: ListRow, level: str, position: int, reading: MeasureReading) -> ListItem:
    if row.truck_trips is not None and reading.is_for_vehicles:
        reading = replace(reading, base_value=row.truck_trips, base_unit=TRIPS_UNIT)
    if row.is_idle and reading.status == ListItemStatus.ACCEPTED:
        reading = replace(reading, affected_share=0.0, applied_cut_share=0.0, reason="long stopped: no base")
    status = _status(row, reading)
    reason = "; ".join(text for text in (reading.reason, *row.remarks) if text)
    return _with_cuts(ListItem(row, level, position, reading, status, reason))


def _status(row: ListRow, reading: MeasureReading) -> str:
    """A share of trucks that the list leaves open comes from gate records: that is no question to a person."""
    is_open = reading.is_share_from_records and reading.affected_share is None and reading.cut_share is not None
    is_clear = not reading.readings and not reading.affected_range
    if is_open and is_clear and row.truck_trips is None and reading.status == ListItemStatus.ASK_PERSON:
        return ListItemStatus.ACCEPTED
    return reading.status


def _with_cuts(item: ListItem) -> ListItem:
    reading, applied = item.reading, item.reading.applied_cut_share
    if item.status != ListItemStatus.ACCEPTED or applied is None or reading.is_for_vehicles:
        return replace(item, cut_kg_per_d={})
    cuts: dict[str, float | None] = {}
    for pollutant, emission in item.row.emissions.items():
        is_cut = not reading.pollutants or pollutant in reading.pollutants
        cuts[pollutant] = None if emission is None else emission * applied if is_cut else 0.0
    return replace(item, cut_kg_per_d=cuts)


def _shown(value: str | float | int | None) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
