"""The gate: what is about to be published is held against its contract, and published only when it keeps it.

Belongs here: which frames are held against which expectations, and the refusal. Does not: the manifest's content (manifest.py), what
holds between rows of a source (part_guard.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.errors import RefusedError
from bigdata_emis.publish.manifest import publish_days
from bigdata_emis.publish.pollutant_checks import part_findings, registry_findings
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.arrow import repeated_key_count
from bigdata_emis.schema.expectation_check import Finding, declared_findings, findings
from bigdata_emis.schema.expectations import zero

PUBLISHED = ("emission_hourly", "emission_gridded_hourly", "emission_total_hourly", "emission_total_daily")
ALL_SECTORS = "all"
TOTALS = ("emission_total_hourly", "emission_total_daily")
MASS_TOLERANCE_SHARE = 1e-9
Frames = Mapping[str, pa.Table]
SHOWN = 3


def publish(
    emission_hourly: pa.Table,
    emission_gridded_hourly: pa.Table,
    emission_total_hourly: pa.Table,
    emission_total_daily: pa.Table,
    pollutant_part: pa.Table,
    *,
    context: Context,
) -> pa.Table:
    """Publish the days of the window: every table or none, the manifest last.

    Raises RefusedError when the gate finds anything; what was published before stays.
    """
    frames = (emission_hourly, emission_gridded_hourly, emission_total_hourly, emission_total_daily)
    judge([dict(zip(PUBLISHED, frames, strict=True))], pollutant_part, region_id=context.region.region_id)
    return publish_days(PUBLISHED, context)


def judge(days: Sequence[Frames], pollutant_part: pa.Table, *, region_id: str) -> None:
    """Hold the tables that are to be published against their contract; by name for each day (or other window), in the order of PUBLISHED.

    Several days are held against it together, since each check costs more than the rows of a day, but no day makes up for another.

    Raises RefusedError when a table breaks its declaration, repeats a key, is empty on any day, when the cells or the totals of a day do not
    hold what its sources emit, when a source emits more of a part than of its whole, or when shares of the registry do not sum to 1.
    """
    whole = {name: pa.concat_tables([frames[name] for frames in days]) for name in PUBLISHED}
    alone = [(name, frame) for frames in days for name, frame in frames.items() if len(days) > 1 and not frame.num_rows]
    found = [
        finding for name, frame in (*whole.items(), *alone) for finding in declared_findings(frame, schema.table(name))
    ]
    parts = Containment(pollutant_part)
    refuse(
        found
        or _findings_across(days, whole) + part_findings(whole["emission_hourly"], parts) + registry_findings(region_id)
    )


def refuse(found: list[Finding]) -> None:
    """Raise RefusedError when anything was found."""
    if found:
        more = f" (and {len(found) - SHOWN} more)" if len(found) > SHOWN else ""
        raise RefusedError(
            "; ".join(map(str, found[:SHOWN])) + more,
            "what was published before stays; mend the rows at their source and run the day again",
        )


def mass_difference_by_pollutant(emission_hourly: pa.Table, emission_gridded_hourly: pa.Table) -> pa.Table:
    """Mass at the sources and in the cells by pollutant, and their difference as a share of the larger."""
    source, cell = (
        _mass(frame, name) for frame, name in ((emission_hourly, "source_g"), (emission_gridded_hourly, "cell_g"))
    )
    both = source.join(cell, keys="pollutant_code", join_type="full outer").sort_by("pollutant_code")
    one, other = (pc.fill_null(both[name], 0.0) for name in ("source_g", "cell_g"))
    largest = pc.max_element_wise(one, other)
    difference = pc.if_else(pc.equal(largest, 0.0), 0.0, pc.divide(pc.subtract(other, one), largest))
    return pa.table(
        {"pollutant_code": both["pollutant_code"], "source_g": one, "cell_g": other, "difference_share": difference}
    )


def _mass(frame: pa.Table, name: str) -> pa.Table:
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")])
    return pa.table({"pollutant_code": sums["pollutant_code"], name: sums["emission_g_sum"]})


def _findings_across(days: Sequence[Frames], whole: Frames) -> list[Finding]:
    """What no single row can tell: keys that repeat, and mass that was lost on a day between sources and cells or totals."""
    repeated = [
        {"what": name, "repeated_key_count": repeated_key_count(frame, schema.table(name))}
        for name, frame in whole.items()
    ]
    mass = [row for frames in days for row in _mass_rows(frames)]
    names = ("what", "repeated_key_count", "source_g", "cell_g", "difference_share")
    facts = pa.table({name: [row.get(name) for row in [*repeated, *mass]] for name in names})
    expected = [zero("repeated_key_count"), zero("difference_share", MASS_TOLERANCE_SHARE)]
    return findings("sources, cells and totals", facts, expected, key=("what", "source_g", "cell_g"))


def _mass_rows(frames: Frames) -> list[dict[str, Any]]:
    """Mass at the sources beside that in each other table, by pollutant."""
    sources, *sums = frames.values()
    whole = (
        frame.filter(pc.equal(frame["sector_code"], ALL_SECTORS)) if name in TOTALS else frame
        for name, frame in zip(list(frames)[1:], sums, strict=True)
    )
    return [
        row
        for part in whole
        for row in mass_difference_by_pollutant(sources, part).rename_columns({"pollutant_code": "what"}).to_pylist()
    ]
