"""Mass between tables: what the sources of a day emit is what its cells and totals hold, to 1e-9.

Belongs here: the facts and their check. Does not: rows of one source (pollutant_checks), other days (history_checks).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.codes import Sector
from bigdata_emis.publish.gate.checks import Check, expect_between, expect_zero

PUBLISHED = ("emission_hourly", "emission_gridded_hourly", "emission_total_hourly", "emission_total_daily")
TOTALS = ("emission_total_hourly", "emission_total_daily")
MASS_TOLERANCE_SHARE = 1e-9

Frames = Mapping[str, pa.Table]


def mass_check(days: Sequence[Frames]) -> Check:
    """Mass of the sources against cells and totals, by day, table and pollutant: no day compensates for another."""
    rows = [row for number, frames in enumerate(days) for row in _mass_rows(number, frames)]
    names = ("day_number", "table", "pollutant_code", "source_g", "table_g", "difference_share")
    facts = pa.table({name: [row[name] for row in rows] for name in names})
    same = "the mass of the table must be that of the sources"
    return Check(
        "mass of sources, cells and totals",
        facts,
        ("table", "pollutant_code"),
        (expect_zero("difference_share", same, tolerance=MASS_TOLERANCE_SHARE),),
    )


def row_check(days: Sequence[Frames]) -> Check:
    """Every table has rows on every day."""
    counts = [{"table": name, "row_count": frame.num_rows} for frames in days for name, frame in frames.items()]
    facts = pa.Table.from_pylist(counts, pa.schema([("table", pa.string()), ("row_count", pa.int64())]))
    return Check("rows", facts, ("table",), (expect_between("row_count", 1, None, "a table must have rows every day"),))


def mass_difference_by_pollutant(emission_hourly: pa.Table, other: pa.Table) -> pa.Table:
    """Mass at the sources and in another table by pollutant, and their difference as a share of the larger."""
    source, table = (_mass(frame, name) for frame, name in ((emission_hourly, "source_g"), (other, "table_g")))
    both = source.join(table, keys="pollutant_code", join_type="full outer").sort_by("pollutant_code")
    source_g, table_g = (pc.fill_null(both[name], 0.0) for name in ("source_g", "table_g"))
    largest = pc.max_element_wise(source_g, table_g)
    difference = pc.if_else(pc.equal(largest, 0.0), 0.0, pc.divide(pc.subtract(table_g, source_g), largest))
    return pa.table(
        {
            "pollutant_code": both["pollutant_code"],
            "source_g": source_g,
            "table_g": table_g,
            "difference_share": difference,
        }
    )


def _mass(frame: pa.Table, name: str) -> pa.Table:
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")])
    return pa.table({"pollutant_code": sums["pollutant_code"], name: sums["emission_g_sum"]})


def _mass_rows(day_number: int, frames: Frames) -> list[dict[str, Any]]:
    rows = []
    for name in PUBLISHED[1:]:
        frame = frames[name]
        if name in TOTALS:
            frame = frame.filter(pc.equal(frame["sector_code"], Sector.ALL))
        facts = mass_difference_by_pollutant(frames["emission_hourly"], frame).to_pylist()
        rows += [{"day_number": day_number, "table": name, **fact} for fact in facts]
    return rows
