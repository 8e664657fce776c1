"""Rules between the rows of one source and hour: no size fraction exceeds its total, no estimate leaves its interval.

Belongs here: the facts and their checks. Does not: single rows against their declaration (schema), sums over sources
(mass_checks).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Integers
from bigdata_emis.codes import Method
from bigdata_emis.publish.gate.checks import Check, expect_zero
from bigdata_emis.reference.pollutant_hierarchy import Containment

TOLERANCE_SHARE = 1e-9
WORST = 4


def fraction_check(emission_hourly: pa.Table, containment: Containment) -> Check:
    """Sources with an hour in which a size fraction exceeds its total, or an estimate its interval.

    Two monitors that contradicted each other before any audit are excused, and with them what was not measured between
    them, which cannot contain the measured fraction. Two measured hours that an audit set against each other are not.
    """
    rows = emission_hourly.filter(pc.is_in(emission_hourly["pollutant_code"], pa.array(containment.codes, pa.string())))
    key, is_measured = _source_hours(rows), pc.equal(rows["method_code"], Method.MEASURED).to_numpy()
    present = set(pc.unique(rows["pollutant_code"]).to_pylist())
    above = {pair: _rows_above(rows, key, part=pair[0], whole=pair[1]) for pair in containment.every_pair(present)}
    before_g = pc.coalesce(rows["emission_before_audit_g"], rows["emission_g"]).to_numpy()
    contradicting = {
        pair: part[is_measured[part] & is_measured[whole] & (before_g[part] > before_g[whole])]
        for pair, (part, whole) in above.items()
    }
    facts = [_beyond_interval(emission_hourly)]
    for (part, whole), (part_rows, whole_rows) in above.items():
        larger = [key[contradicting[part, w]] for w in containment.wholes(whole) if (part, w) in contradicting]
        between = np.concatenate([np.empty(0, dtype=np.int64), *larger])
        is_between = ~is_measured[whole_rows] & np.isin(key[part_rows], between)
        is_wrong = ~(is_between | np.isin(part_rows, contradicting[part, whole]))
        facts.append(_beyond_total(rows, part_rows[is_wrong], whole_rows[is_wrong], whole))
    meaning = "no size fraction may exceed its total, no estimate its interval"
    expected = expect_zero("beyond_share", meaning, tolerance=TOLERANCE_SHARE)
    return Check("pollutants of a source", pa.concat_tables(facts), ("what",), (expected,))


def _source_hours(rows: pa.Table) -> Integers:
    """A number for each source and hour: joining millions of rows by text would cost ten times as much."""
    if not rows.num_rows:
        return np.empty(0, dtype=np.int64)
    source = np.asarray(rows["source_id"].combine_chunks().dictionary_encode().indices.to_numpy(), dtype=np.int64)
    hour = np.unique(rows["hour_utc"].cast(pa.int64()).to_numpy(), return_inverse=True)[1]
    return source * (int(hour.max()) + 1) + hour


def _rows_above(rows: pa.Table, key: Integers, *, part: str, whole: str) -> tuple[Integers, Integers]:
    """The rows of a fraction that exceed those of its total, and these; a source and hour has one row of each."""
    part_rows, whole_rows = (
        np.flatnonzero(pc.equal(rows["pollutant_code"], code).to_numpy()) for code in (part, whole)
    )
    _, in_part, in_whole = np.intersect1d(key[part_rows], key[whole_rows], assume_unique=True, return_indices=True)
    part_rows, whole_rows = part_rows[in_part], whole_rows[in_whole]
    emission_g = rows["emission_g"].to_numpy()
    is_above = emission_g[part_rows] > emission_g[whole_rows]
    return part_rows[is_above], whole_rows[is_above]


def _beyond_total(rows: pa.Table, part_rows: Integers, whole_rows: Integers, whole: str) -> pa.Table:
    """The hours in which a fraction exceeds its total most."""
    emission_g = rows["emission_g"].to_numpy()
    share = pa.chunked_array([1 - emission_g[whole_rows] / emission_g[part_rows]])
    return _worst_rows(rows.take(pa.array(part_rows)), share, f"more {{}} than {whole}")


def _beyond_interval(rows: pa.Table) -> pa.Table:
    """The rows whose estimate is furthest outside of its own interval."""
    value = rows["emission_g"]
    outside = pc.max_element_wise(
        pc.subtract(rows["emission_g_p05"], value), pc.subtract(value, rows["emission_g_p95"])
    )
    is_outside = pc.greater(outside, 0.0)
    scale = pc.max_element_wise(value.filter(is_outside), rows["emission_g_p05"].filter(is_outside))
    share = pc.divide(outside.filter(is_outside), scale)
    return _worst_rows(rows.filter(is_outside), share, "{} outside of its interval")


def _worst_rows(rows: pa.Table, beyond_share: pa.ChunkedArray, text: str) -> pa.Table:
    """The worst rows as text, with how far they are beyond."""
    order = np.argsort(-beyond_share.to_numpy(), kind="stable")[:WORST]
    chosen = rows.take(pa.array(order)).to_pylist()
    what = [
        f"{text.format(row['pollutant_code'])} of {row['source_id']} at {row['hour_utc']:%Y-%m-%dT%H:%MZ}"
        for row in chosen
    ]
    share = beyond_share.take(pa.array(order)).cast(pa.float64())
    return pa.table({"what": pa.array(what, pa.string()), "beyond_share": share})
