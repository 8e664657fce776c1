"""Records at the gates of plants as vehicles by plant, hour, class, fuel and stage, so that no plate is stored.

Belongs here: which records are one passage, what is counted. Does not: whether a plant obeys an order (control).

Counts of a plant are no data about persons: no threshold applies, and an inspector needs single trucks.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags
from bigdata_emis.codes import GateDirection
from bigdata_emis.schema.arrow import TYPES

REPEAT_S = 60
"""A vehicle that is recorded again at the same gate in the same direction within so many seconds passed once; own
choice: cameras fire more than once for a truck that waits under them."""
KINDS = ("vehicle_class_code", "fuel_code", "emission_stage_code")
GROUP = ("enterprise_id", "hour_utc", *KINDS, "is_unreadable", "is_invalid")
US_PER_S = 1_000_000


def reduce_gate_records(records: pa.Table) -> pa.Table:
    """How many vehicles entered and left each plant in each hour, by class, fuel and stage.

    A text that is no code of ours is stored as no text, since it may be a plate of a column taken for another; these
    records are quarantined. So are those without a direction, which have neither count. Records without a vehicle all
    count, as nobody can say which of them repeat.
    """
    passed = records.filter(pa.array(_is_first(records)))
    direction = passed["gate_direction_code"]
    is_known = pc.is_in(direction, pa.array([code.value for code in GateDirection]))
    rows = {
        "enterprise_id": pc.fill_null(passed["enterprise_id"], ""),
        "hour_utc": pc.floor_temporal(passed["passed_utc"], unit="hour").cast(TYPES["instant"]),
        **{name: _known_codes(passed[name], name) for name in KINDS},
        "is_unreadable": pc.or_(passed["is_unreadable"], pc.invert(pc.fill_null(is_known, False))),
        "is_invalid": passed["is_invalid"],
        "entry_count": _ones(direction, GateDirection.IN),
        "exit_count": _ones(direction, GateDirection.OUT),
    }
    grouped = pa.table(rows).group_by(list(GROUP), use_threads=False)
    counts = grouped.aggregate([("entry_count", "sum"), ("exit_count", "sum")]).sort_by(
        [(n, "ascending") for n in GROUP]
    )
    names = {"entry_count_sum": "entry_count", "exit_count_sum": "exit_count"}
    return counts.rename_columns([names.get(name, name) for name in counts.column_names])


def _is_first(records: pa.Table) -> Flags:
    """The records that repeat none before: of the same vehicle, plant, gate and direction within REPEAT_S."""
    names = ("enterprise_id", "gate_id", "gate_direction_code", "vehicle_id")
    codes = [_numbered(records[name]) for name in names]
    time = pc.fill_null(records["passed_utc"].cast(pa.int64()), np.iinfo(np.int64).min).to_numpy()
    order = np.lexsort((time, *codes))
    is_same = np.logical_and.reduce([code[order][1:] == code[order][:-1] for code in codes])
    # Differences of numbers that stand for no time would overflow; no record without a time repeats another.
    has_time = time[order][:-1] > np.iinfo(np.int64).min
    is_soon = np.zeros(len(is_same), dtype=bool)
    is_soon[has_time] = np.diff(time[order])[has_time] <= REPEAT_S * US_PER_S
    has_vehicle = np.asarray(pc.fill_null(pc.not_equal(records["vehicle_id"], ""), False))[order]
    is_first = np.ones(records.num_rows, dtype=bool)
    is_first[order[1:]] = ~(is_same & is_soon & has_vehicle[1:])
    return is_first


def _numbered(column: Any) -> Any:
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return coded.indices.to_numpy(zero_copy_only=False)


def _known_codes(column: Any, name: str) -> Any:
    codes = pa.array(schema.codes()[schema.field(name).code_list], pa.string())
    return pc.if_else(pc.fill_null(pc.is_in(column, codes), False), column, "")


def _ones(direction: Any, wanted: GateDirection) -> Any:
    return pc.fill_null(pc.equal(direction, wanted.value), False).cast(pa.int64())
