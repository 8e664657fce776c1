"""The JSON documents of `emis list parse` and `emis list import`.

Belongs here: keys and types on which other programs rely. Does not: how the values are computed (measure_text,
import_list).
"""

from typing import TypedDict

from bigdata_emis.codes import ListItemStatus
from bigdata_emis.control.emergency_list.import_list import ImportedList
from bigdata_emis.control.emergency_list.list_items import as_row
from bigdata_emis.control.emergency_list.list_versions import Row
from bigdata_emis.control.emergency_list.measure_text.measure_reading import MeasureReading, read_measures
from bigdata_emis.control.emergency_list.measure_text.text_context import TextContext

SHARE_DECIMALS = 6


class MeasureDocument(TypedDict):
    """One measure of a text. A share is null where it is unknown, and "0.3-0.7" where the text reads two ways."""

    text: str
    pattern_id: str
    kind: str
    affected_share: float | str | None
    cut_share: float | None
    applied_cut_share: float | None
    base_value: float | None
    target_value: float | None
    base_unit: str
    vehicle_class_code: str
    stage_threshold_code: str
    hours: str
    after_h: float | None
    exemption: str
    pollutants: list[str]
    status: str
    ask_person: bool
    reason: str
    readings: list[str]


class ParseDocument(MeasureDocument):
    """The first measure of a text, and all of them."""

    measures: list[MeasureDocument]


class ImportDocument(TypedDict):
    """What an import has read, skipped, and left to a person; measures: as they were read.

    decided: items about which a person has decided, in this version or about the same item of an earlier one.
    """

    region: str
    version: str
    is_new: bool
    file: str
    sha256: str
    rows: int
    items: int
    accepted: int
    ask_person: int
    rejected: int
    personal_columns_dropped: int
    notices: list[str]
    queue: list[Row]
    decided: list[Row]
    measures: list[dict[str, str | float | int | None]]
    out: str


def parse_document(text: str, context: TextContext) -> ParseDocument:
    """The measures of a text; where it holds several, one that needs a person makes the whole text need one."""
    measures = [measure_document(reading) for reading in read_measures(text, context)]
    first = measures[0]
    return {**first, "ask_person": any(measure["ask_person"] for measure in measures), "measures": measures}


def measure_document(reading: MeasureReading) -> MeasureDocument:
    """A reading by the keys of the document; a rejected text has no kind."""
    is_rejected = reading.status == ListItemStatus.REJECTED
    return {
        "text": reading.text,
        "pattern_id": reading.pattern_id,
        "kind": "" if is_rejected else str(reading.kind),
        "affected_share": reading.affected_range or _rounded(reading.affected_share),
        "cut_share": _rounded(reading.cut_share),
        "applied_cut_share": _rounded(reading.applied_cut_share),
        "base_value": _rounded(reading.base_value),
        "target_value": _rounded(reading.target_value),
        "base_unit": reading.base_unit,
        "vehicle_class_code": reading.vehicle_class_code,
        "stage_threshold_code": reading.stage_threshold_code,
        "hours": reading.hours,
        "after_h": reading.after_h,
        "exemption": reading.exemption,
        "pollutants": list(reading.pollutants),
        "status": str(reading.status),
        "ask_person": reading.status != ListItemStatus.ACCEPTED,
        "reason": reading.reason,
        "readings": list(reading.readings),
    }


def import_document(imported: ImportedList, review: Row, *, is_new: bool, out: str = "") -> ImportDocument:
    """What was read of a workbook, and the state of the version under which it is stored (review_queue)."""
    return {
        "region": review["region"],
        "version": review["version"],
        "is_new": is_new,
        "file": imported.file_name,
        "sha256": imported.sha256,
        "rows": len(imported.rows),
        "items": review["items"],
        "accepted": review["items"] - len(review["queue"]),
        "ask_person": len(review["queue"]) - review["rejected"],
        "rejected": review["rejected"],
        "personal_columns_dropped": imported.personal_columns,
        "notices": imported.notices,
        "queue": review["queue"],
        "decided": review["decided"],
        "measures": [as_row(item, imported.file_name) for item in imported.items],
        "out": out,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, SHARE_DECIMALS)
