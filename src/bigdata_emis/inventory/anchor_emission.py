"""The stage that benchmarks the hours of a line to the audited total of their month.

Belongs here: the hours after the audit, and their intervals. Does not: how far they move (settle_audit), how size
fractions follow (shared/size_fractions).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats, Positions, Ranks
from bigdata_emis.codes import Method
from bigdata_emis.context import Context
from bigdata_emis.inventory.audits.monthly_benchmark import APPLIED_STATUSES
from bigdata_emis.inventory.shared.audited_monitors import MonitoredHours
from bigdata_emis.inventory.shared.size_fractions import PollutantSeries, SourcePriority, align_size_fractions
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.statistics.propagation import lognormal_bounds, standard_deviation
from bigdata_emis.window import day_window

BOUNDS = ("emission_g", "emission_g_p05", "emission_g_p95")
COLUMNS = ["source_id", "sector_code", "pollutant_code", "hour_utc", *BOUNDS, "method_code"]
KEY = ["source_id", "pollutant_code", "method_code", "from_utc"]
COEFFICIENTS = ["mean_sd_g", "shared_coefficient", "own_coefficient", "audit_shift"]


def anchor_emission(
    emission_fused_hourly: pa.Table, audit_settlement: pa.Table, pollutant_part: pa.Table, *, context: Context
) -> pa.Table:
    """The hourly emission of every line, benchmarked to the audited totals of its months.

        e' = max(0, e + z c s),   s'² = s² (1 − c²),   c = a + b s ÷ mean s

    with z, a and b from table audit_settlement by line, pollutant, method and day: the audit narrows the interval of an
    hour by the share of its error that it explains. The method code remains. Lines without an audit are unchanged.

    A size fraction of an audited total that has no audit of its own is scaled with it, except in its measured hours.
    A measured hour only moves within its own 90 % interval, with an audited hour that was measured too, when the
    fraction would exceed its total. Of two audited hours that are both measured, or both modelled, the fraction is
    capped; z makes up for it in other hours, and is_reconciled marks it. So in a line with an audit a fraction is
    above its total only where two monitors contradicted each other before. emission_before_audit_g is the emission
    before the audit.
    """
    applied = audit_settlement.filter(pc.is_in(audit_settlement["audit_status_code"], pa.array(APPLIED_STATUSES)))
    hours = emission_fused_hourly.select(COLUMNS)
    if not applied.num_rows:
        return _append_before_audit(_append_flags(hours, is_anchored=False), hours["emission_g"])
    with_day = hours.append_column("from_utc", _day_starts(hours["hour_utc"], context))
    # Many hours to one settlement: KEY is the key of the settlement.
    joined = with_day.join(applied.select([*KEY, *COEFFICIENTS]), keys=KEY, join_type="left outer")
    is_audited = joined["audit_shift"].is_valid()
    unaudited, audited = joined.filter(pc.invert(is_audited)).select(COLUMNS), joined.filter(is_audited)
    after = pa.concat_tables(
        [_append_flags(unaudited, is_anchored=False), _append_flags(_benchmark_hours(audited), is_anchored=True)]
    )
    before = pa.concat_tables([unaudited, audited.select(COLUMNS)])
    aligned = _align_fractions(after, before, Containment(pollutant_part))
    return _append_before_audit(aligned, before["emission_g"])


def _append_before_audit(hours: pa.Table, emission_g: pa.ChunkedArray) -> pa.Table:
    """The hours with their emission before the audit, null where no audit moved them."""
    before_g = pc.if_else(hours["is_anchored"], emission_g, pa.scalar(None, pa.float64()))
    return hours.append_column("emission_before_audit_g", before_g)


def _append_flags(hours: pa.Table, *, is_anchored: bool) -> pa.Table:
    flags = {"is_anchored": is_anchored, "is_reconciled": False}
    return pa.table(
        [*hours.columns, *(pa.repeat(value, hours.num_rows) for value in flags.values())], names=[*COLUMNS, *flags]
    )


def _day_starts(hour_utc: pa.ChunkedArray, context: Context) -> pa.Array:
    """The first instant of the local day of each hour."""
    time_zone = context.region.time_zone
    starts = pa.array([day_window(day, time_zone).from_utc for day in context.window.days(time_zone)], INSTANT)
    number = starts.cast(pa.int64()).to_numpy()
    position = np.searchsorted(number, hour_utc.cast(pa.int64()).to_numpy(), side="right") - 1
    return starts.take(pa.array(np.maximum(position, 0)))


def _benchmark_hours(rows: pa.Table) -> pa.Table:
    mean_g, p05_g, p95_g, mean_sd_g, shared, own, shift = (
        np.asarray(rows[name].to_numpy(), dtype=np.float64) for name in (*BOUNDS, *COEFFICIENTS)
    )
    sd_g = standard_deviation(mean_g, p05_g, p95_g)
    explained_share = shared + own * sd_g / np.where(mean_sd_g > 0, mean_sd_g, 1.0)
    emission_g = np.maximum(mean_g + shift * explained_share * sd_g, 0.0)
    remaining_sd_g = sd_g * np.sqrt(np.clip(1 - explained_share**2, 0.0, 1.0))
    lower_g, upper_g = lognormal_bounds(emission_g, remaining_sd_g)
    benchmarked = {"emission_g": emission_g, "emission_g_p05": lower_g, "emission_g_p95": upper_g}
    columns = [pa.chunked_array([benchmarked[name]]) if name in benchmarked else rows[name] for name in COLUMNS]
    return pa.table(columns, names=COLUMNS)


def _align_fractions(after: pa.Table, before: pa.Table, containment: Containment) -> pa.Table:
    """The hours once size fractions follow the audited pollutants of their line; before: the same rows, unaudited."""
    is_related = pc.is_in(after["pollutant_code"], pa.array(containment.codes, pa.string()))
    audited_lines = pc.unique(after["source_id"].filter(pc.and_(is_related, after["is_anchored"])))
    row = np.flatnonzero(pc.and_(is_related, pc.is_in(after["source_id"], audited_lines)).to_numpy())
    if not len(row):
        return after
    rows = after.take(pa.array(row))
    line, pollutant, hour = (
        rows[name].combine_chunks().dictionary_encode() for name in ("source_id", "pollutant_code", "hour_utc")
    )
    pollutant_count = len(pollutant.dictionary)
    code = np.asarray(line.indices.to_numpy(), dtype=np.int64) * pollutant_count + pollutant.indices.to_numpy()
    pairs, series = np.unique(code, return_inverse=True)
    position, shape = (series, hour.indices.to_numpy()), (len(pairs), len(hour.dictionary))
    after_g, before_g = (_by_series_and_hour(table, position, shape) for table in (rows, before.take(pa.array(row))))
    priority, is_audited = np.full(shape, SourcePriority.MODELLED, dtype=np.int8), np.zeros(shape, dtype=np.bool_)
    priority[position], is_audited[position] = _source_priority(rows), rows["is_anchored"].to_numpy()
    every_series = PollutantSeries(
        line_number=pairs // pollutant_count,
        pollutant_codes=pollutant.dictionary.take(pa.array(pairs % pollutant_count)).to_pylist(),
        original_g=before_g[0],
        source_priority=priority,
        is_revised=np.asarray(is_audited.any(axis=1)),
        monitors=MonitoredHours(before_g, priority == SourcePriority.MEASURED, is_audited),
    )
    aligned_g, _ = align_size_fractions(after_g, every_series, containment)
    return _replace_values(after, row, aligned_g[:, *position])


def _by_series_and_hour(rows: pa.Table, position: tuple[Positions, Positions], shape: tuple[int, int]) -> Floats:
    """Estimate, 5th and 95th percentile of the rows (3, series, hours), NaN where there is no row."""
    values_g = np.full((len(BOUNDS), *shape), np.nan)
    for kind, name in enumerate(BOUNDS):
        values_g[kind][position] = rows[name].to_numpy()
    return values_g


def _source_priority(rows: pa.Table) -> Ranks:
    is_audited, is_measured = rows["is_anchored"].to_numpy(), pc.equal(rows["method_code"], Method.MEASURED).to_numpy()
    choices = [SourcePriority.MEASURED, SourcePriority.AUDITED]
    return np.select([is_measured, is_audited], choices, SourcePriority.MODELLED).astype(np.int8)


def _replace_values(hours: pa.Table, row: Positions, values_g: Floats) -> pa.Table:
    """The hours with new values in these rows.

    A row that changes agrees with an audit too (is_anchored); an audited row that changes was reconciled.
    """
    columns = {name: hours[name].to_numpy().copy() for name in (*BOUNDS, "is_anchored", "is_reconciled")}
    is_changed = values_g[0] != columns["emission_g"][row]
    columns["is_reconciled"][row] = is_changed & columns["is_anchored"][row]
    columns["is_anchored"][row] |= is_changed
    for name, new_g in zip(BOUNDS, values_g, strict=True):
        columns[name][row] = new_g
    return pa.table({name: pa.array(columns[name]) if name in columns else hours[name] for name in hours.column_names})
