"""What holds between the rows of one source and hour: no pollutant is more than the one that contains it, no estimate is beyond its interval.

Belongs here: the findings. Does not: single rows against their declaration (quality), sums over sources (gate).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Integers
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.expectation_check import Finding, findings
from bigdata_emis.schema.expectations import zero
from bigdata_emis.storage import database

MEASURED = "measured"
TOLERANCE_SHARE = 1e-9
SHOWN = 3


def part_findings(emission_hourly: pa.Table, containment: Containment) -> list[Finding]:
    """Sources with an hour in which a part exceeds its whole or an estimate its interval; none when all is well.

    Excused are two monitors that contradicted each other before any audit moved them, and between them what was not measured, which cannot
    hold the measured part. Two measured hours that an audit set against each other are found.
    """
    told = emission_hourly.filter(pc.is_in(emission_hourly["pollutant_code"], pa.array(containment.codes, pa.string())))
    key, is_measured = _source_hours(told), pc.equal(told["method_code"], MEASURED).to_numpy()
    present = set(pc.unique(told["pollutant_code"]).to_pylist())
    above = {
        whole_of: _above(told, key, part=whole_of[0], whole=whole_of[1]) for whole_of in containment.every_pair(present)
    }
    before_g = pc.coalesce(told["emission_before_audit_g"], told["emission_g"]).to_numpy()
    torn = {
        pair: at[is_measured[at] & is_measured[beside] & (before_g[at] > before_g[beside])]
        for pair, (at, beside) in above.items()
    }
    parts = []
    for (part, whole), (at, beside) in above.items():
        between = [key[torn[part, larger]] for larger in containment.wholes(whole) if (part, larger) in torn]
        is_between = ~is_measured[beside] & np.isin(key[at], np.concatenate([np.empty(0, dtype=np.int64), *between]))
        is_found = ~(is_between | np.isin(at, torn[part, whole]))
        parts.append(_beyond_whole(told, at[is_found], beside[is_found], whole))
    worst = pa.concat_tables([*parts, _beyond_interval(emission_hourly)])
    return findings("sources", worst, [zero("beyond_share", TOLERANCE_SHARE)], key=("what",)) if worst.num_rows else []


def _source_hours(rows: pa.Table) -> Integers:
    """A number for each source and hour: joining millions of rows by text would cost ten times as much."""
    if not rows.num_rows:
        return np.empty(0, dtype=np.int64)
    source = np.asarray(rows["source_id"].combine_chunks().dictionary_encode().indices.to_numpy(), dtype=np.int64)
    hour = np.unique(rows["hour_utc"].cast(pa.int64()).to_numpy(), return_inverse=True)[1]
    return source * (int(hour.max()) + 1) + hour


def _above(rows: pa.Table, key: Integers, *, part: str, whole: str) -> tuple[Integers, Integers]:
    """The rows of a part that are above those of its whole, and these; of every source and hour there is one row of each."""
    ours, theirs = (np.flatnonzero(pc.equal(rows["pollutant_code"], code).to_numpy()) for code in (part, whole))
    _, one, other = np.intersect1d(key[ours], key[theirs], assume_unique=True, return_indices=True)
    at, beside = ours[one], theirs[other]
    emission_g = rows["emission_g"].to_numpy()
    is_above = emission_g[at] > emission_g[beside]
    return at[is_above], beside[is_above]


def _beyond_whole(rows: pa.Table, at: Integers, beside: Integers, whole: str) -> pa.Table:
    """The hours in which a part is furthest above its whole."""
    emission_g = rows["emission_g"].to_numpy()
    return _worst(
        rows.take(pa.array(at)), pa.chunked_array([1 - emission_g[beside] / emission_g[at]]), f"more {{}} than {whole}"
    )


def _beyond_interval(rows: pa.Table) -> pa.Table:
    """The rows whose estimate is furthest outside of its own interval."""
    value = rows["emission_g"]
    outside = pc.max_element_wise(
        pc.subtract(rows["emission_g_p05"], value), pc.subtract(value, rows["emission_g_p95"])
    )
    is_outside = pc.greater(outside, 0.0)
    share = pc.divide(
        outside.filter(is_outside),
        pc.max_element_wise(value.filter(is_outside), rows["emission_g_p05"].filter(is_outside)),
    )
    return _worst(rows.filter(is_outside), share, "{} outside of its interval")


def _worst(rows: pa.Table, beyond_share: pa.ChunkedArray, what: str) -> pa.Table:
    """The worst rows in words, with how far they are beyond."""
    order = np.argsort(-beyond_share.to_numpy(), kind="stable")[:SHOWN]
    chosen = rows.take(pa.array(order)).to_pylist()
    said = [
        f"{what.format(row['pollutant_code'])} of {row['source_id']} at {row['hour_utc']:%Y-%m-%dT%H:%MZ}"
        for row in chosen
    ]
    return pa.table(
        {"what": pa.array(said, pa.string()), "beyond_share": beyond_share.take(pa.array(order)).cast(pa.float64())}
    )


SHARE_TOLERANCE = 1e-6
# Table, its column of shares, and over what the shares sum to 1.
SHARES = (
    ("grid_weight", "weight_share", ("source_id",)),
    ("fleet_mix", "fleet_share", ("road_class_code", "local_hour")),
)


def registry_findings(region_id: str) -> list[Finding]:
    """Sources whose weights, and roads whose fleet, do not sum to 1; none when all is well."""
    worst = pa.concat_tables(
        [_furthest(database.read(name, region_id), name, column, group) for name, column, group in SHARES]
    )
    return findings("registry", worst, [zero("beyond_one", SHARE_TOLERANCE)], key=("what",)) if worst.num_rows else []


def _furthest(frame: pa.Table, name: str, column: str, group: tuple[str, ...]) -> pa.Table:
    """The sums that are furthest from 1: if they keep within the tolerance, all do."""
    sums = frame.group_by(list(group)).aggregate([(column, "sum")])
    off = sums.append_column("beyond_one", pc.subtract(sums[f"{column}_sum"], 1.0)).sort_by(
        [("beyond_one", "ascending")]
    )
    rows = [*off.slice(0, SHOWN).to_pylist(), *off.slice(max(SHOWN, off.num_rows - SHOWN)).to_pylist()]
    what = [f"{name} of {', '.join(str(row[part]) for part in group)}" for row in rows]
    return pa.table(
        {"what": pa.array(what, pa.string()), "beyond_one": pa.array([row["beyond_one"] for row in rows], pa.float64())}
    )
