"""The stage that moves the hours of a line to the audited total of their month, where an audit has been settled.

Belongs here: the hours after the audit, and their intervals. Does not: how far they move (settle), what goes with them (line_parts).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats, Positions, Ranks
from bigdata_emis.context import Context
from bigdata_emis.inventory.audits.monthly_benchmark import MOVING
from bigdata_emis.inventory.monitors.fuse_lines import MEASURED as MEASURED_CODE
from bigdata_emis.inventory.shared.audited_monitors import Monitors
from bigdata_emis.inventory.shared.size_fractions import AUDITED, MEASURED, TOLD, Lines, with_parts
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.statistics.propagation import lognormal_bounds, standard_deviation
from bigdata_emis.window import day_window

BOUNDS = ("emission_g", "emission_g_p05", "emission_g_p95")
COLUMNS = ["source_id", "sector_code", "pollutant_code", "hour_utc", *BOUNDS, "method_code"]
KEY = ["source_id", "pollutant_code", "method_code", "from_utc"]
COEFFICIENTS = ["mean_sd_g", "shared_coefficient", "own_coefficient", "audit_shift"]
INSTANT = pa.timestamp("us", tz="UTC")


def anchor_emission(
    emission_fused_hourly: pa.Table, audit_settlement: pa.Table, pollutant_part: pa.Table, *, context: Context
) -> pa.Table:
    """The emission of every line by hour, such that audited months add up to their audit; without an audit, as it was.

    e' = max(0, e + z c s) and s'² = s² (1 − c²), with c = a + b s ÷ mean s from the settlement of the line, pollutant, method and
    day: the audit makes an hour surer by the part of its error that it explains. The method stays what it was. A pollutant that is
    part of an audited one, without an audit of its own, goes with it in all hours but the measured ones; these stand, save that a
    monitor goes with an audited hour that was measured too, within its own 90 % interval, where the part would exceed its whole. Of two
    audited hours that are measured both, or neither, the part is cut; z makes up for it in other hours, and is_reconciled says so. So no
    audit puts a part above its whole: in a line that one moves, a part is above its whole only where two monitors contradicted each other
    before. What an hour was before an audit moved it is emission_before_audit_g. Lines without an audit are as they were.
    """
    moving = audit_settlement.filter(pc.is_in(audit_settlement["audit_status_code"], pa.array(MOVING)))
    hours = emission_fused_hourly.select(COLUMNS)
    if not moving.num_rows:
        return _with_before(_flagged(hours, is_anchored=False), hours["emission_g"])
    keyed = hours.append_column("from_utc", _day_starts(hours["hour_utc"], context))
    # Many hours to one settlement: KEY is the key of the settlement.
    joined = keyed.join(moving.select([*KEY, *COEFFICIENTS]), keys=KEY, join_type="left outer")
    is_anchored = joined["audit_shift"].is_valid()
    rest = joined.filter(pc.invert(is_anchored)).select(COLUMNS)
    every = pa.concat_tables(
        [_flagged(rest, is_anchored=False), _flagged(_moved(joined.filter(is_anchored)), is_anchored=True)]
    )
    before = pa.concat_tables([rest, joined.filter(is_anchored).select(COLUMNS)])
    return _with_before(_with_parts(every, before, Containment(pollutant_part)), before["emission_g"])


def _with_before(hours: pa.Table, emission_g: pa.ChunkedArray) -> pa.Table:
    """The hours with what they were before, where an audit moved them."""
    return hours.append_column(
        "emission_before_audit_g", pc.if_else(hours["is_anchored"], emission_g, pa.scalar(None, pa.float64()))
    )


def _flagged(hours: pa.Table, *, is_anchored: bool) -> pa.Table:
    """The hours before parts and wholes are held together."""
    flags = {"is_anchored": is_anchored, "is_reconciled": False}
    return pa.table(
        [*hours.columns, *(pa.repeat(value, hours.num_rows) for value in flags.values())], names=[*COLUMNS, *flags]
    )


def _day_starts(hour_utc: pa.ChunkedArray, context: Context) -> pa.Array:
    """The first instant of the local day of each hour."""
    time_zone = context.region.time_zone
    starts = pa.array([day_window(day, time_zone).from_utc for day in context.window.days(time_zone)], INSTANT)
    number = starts.cast(pa.int64()).to_numpy()
    place = np.searchsorted(number, hour_utc.cast(pa.int64()).to_numpy(), side="right") - 1
    return starts.take(pa.array(np.maximum(place, 0)))


def _moved(rows: pa.Table) -> pa.Table:
    mean_g, p05_g, p95_g, mean_sd_g, shared, own, shift = (
        np.asarray(rows[name].to_numpy(), dtype=np.float64) for name in (*BOUNDS, *COEFFICIENTS)
    )
    spread_g = standard_deviation(mean_g, p05_g, p95_g)
    explained = shared + own * spread_g / np.where(mean_sd_g > 0, mean_sd_g, 1.0)
    emission_g = np.maximum(mean_g + shift * explained * spread_g, 0.0)
    remaining_g = spread_g * np.sqrt(np.clip(1 - explained**2, 0.0, 1.0))
    lower_g, upper_g = lognormal_bounds(emission_g, remaining_g)
    moved = {"emission_g": emission_g, "emission_g_p05": lower_g, "emission_g_p95": upper_g}
    return pa.table(
        [pa.chunked_array([moved[name]]) if name in moved else rows[name] for name in COLUMNS], names=COLUMNS
    )


def _with_parts(anchored: pa.Table, before: pa.Table, containment: Containment) -> pa.Table:
    """The hours once the parts of what an audit moved go with it; before: the same rows before the audit."""
    is_kind = pc.is_in(anchored["pollutant_code"], pa.array(containment.codes, pa.string()))
    audited = pc.unique(anchored["source_id"].filter(pc.and_(is_kind, anchored["is_anchored"])))
    row = np.flatnonzero(pc.and_(is_kind, pc.is_in(anchored["source_id"], audited)).to_numpy())
    if not len(row):
        return anchored
    rows = anchored.take(pa.array(row))
    line, kind, hour = (
        rows[name].combine_chunks().dictionary_encode() for name in ("source_id", "pollutant_code", "hour_utc")
    )
    code = np.asarray(line.indices.to_numpy(), dtype=np.int64) * len(kind.dictionary) + kind.indices.to_numpy()
    pairs, series = np.unique(code, return_inverse=True)
    place, shape = (series, hour.indices.to_numpy()), (len(pairs), len(hour.dictionary))
    stands_g, told_g = (_on_hours(frame, place, shape) for frame in (rows, before.take(pa.array(row))))
    firmness, is_audited = np.full(shape, TOLD, dtype=np.int8), np.zeros(shape, dtype=np.bool_)
    firmness[place], is_audited[place] = _firmness(rows), rows["is_anchored"].to_numpy()
    kinds = kind.dictionary.take(pa.array(pairs % len(kind.dictionary))).to_pylist()
    monitors = Monitors(told_g, firmness == MEASURED, is_audited)
    lines = Lines(
        pairs // len(kind.dictionary), kinds, told_g[0], firmness, np.asarray(is_audited.any(axis=1)), monitors
    )
    return _replaced(anchored, row, with_parts(stands_g, lines, containment)[0][:, *place])


def _on_hours(rows: pa.Table, place: tuple[Positions, Positions], shape: tuple[int, int]) -> Floats:
    """Estimate, 5th and 95th percentile of the rows by series and hour, NaN where there is none."""
    found_g = np.full((len(BOUNDS), *shape), np.nan)
    for at, name in enumerate(BOUNDS):
        found_g[at][place] = rows[name].to_numpy()
    return found_g


def _firmness(rows: pa.Table) -> Ranks:
    """Measured hours stand before audited ones, these before what follows them."""
    is_audited, is_measured = rows["is_anchored"].to_numpy(), pc.equal(rows["method_code"], MEASURED_CODE).to_numpy()
    return np.select([is_measured, is_audited], [MEASURED, AUDITED], TOLD).astype(np.int8)


def _replaced(anchored: pa.Table, row: Positions, found_g: Floats) -> pa.Table:
    """The rows with these values in place of theirs; what changed agrees with an audit too, and an audited hour that changed was reconciled."""
    columns = {name: anchored[name].to_numpy().copy() for name in (*BOUNDS, "is_anchored", "is_reconciled")}
    is_changed = found_g[0] != columns["emission_g"][row]
    columns["is_reconciled"][row] = is_changed & columns["is_anchored"][row]
    columns["is_anchored"][row] |= is_changed
    for name, values_g in zip(BOUNDS, found_g, strict=True):
        columns[name][row] = values_g
    return pa.table(
        {name: pa.array(columns[name]) if name in columns else anchored[name] for name in anchored.column_names}
    )
