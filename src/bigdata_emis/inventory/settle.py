"""The stage that works out, once an audited monthly total is known, how far it moves the hours of the month.

Belongs here: one line, pollutant and month against its audit. Does not: moving the hours (anchor), which days are run again (restate).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.equations.propagation import standard_deviation
from bigdata_emis.inventory.correlation import Correlations
from bigdata_emis.window import Window, day_window

Floats = NDArray[np.float64]
SETTLED, CONTRADICTS, INCOMPLETE, NOTHING = "settled", "contradicts", "incomplete", "nothing_to_move"
NOT_EMITTED = "not_emitted"
NO_METHOD = "none"
CONTRADICTS_FROM = 1.96
"""Standard deviations of the difference of made and audited (95 % of a normal) beyond which they contradict each other."""
BEYOND = 1 + 1e-9
"""So much further than needed, so that rounding leaves nothing where the audit says nothing."""
KEY = ["source_id", "pollutant_code", "month_start"]
AUDIT = ["audited_emission_g", "relative_sd_share"]
ROW = (
    "source_id string, pollutant_code string, method_code string, from_utc timestamp, month_start date, audited_emission_g double, "
    "made_emission_g double, relative_sd_share double, mean_sd_g double, shared_coefficient double, own_coefficient double, "
    "audit_shift double, audit_status_code string"
)
INSTANT = pa.timestamp("us", tz="UTC")


def settle_audit(emission_fused_hourly: DataFrame, audited_emission_monthly: DataFrame, error_correlation: DataFrame, *, context: Context) -> DataFrame:
    """What each audited total of a month that lies whole in the window does to the hours of its line: one row a method and day.

    e' = max(0, e + z c s), with c the part of the hour's standard deviation s that the audit explains: generalised least squares in
    which the hours of one method share the class part of their error and those of different methods share nothing. Hours that are
    known well (measured) move little, modelled ones by one ratio nearly. z is such that the month adds up to the audit exactly. An
    audit that lies beyond the 95 % range of both is met all the same and called contradicts; a month with missing hours waits, and an
    audit of what the line does not emit is called so.

    Source: reconciliation by generalised least squares, Dagum and Cholette (2006), Benchmarking, Temporal Distribution, and
    Reconciliation Methods for Time Series, chapter 3.
    """
    months = _whole_months(context.window, context.region.time_zone)
    told = [{"month_start": month, "start_utc": window.from_utc, "end_utc": window.to_utc} for month, window in months.items()]
    if not told:
        return audited_emission_monthly.sparkSession.createDataFrame([], ROW)
    schema = pa.schema([("month_start", pa.date32()), ("start_utc", INSTANT), ("end_utc", INSTANT)])
    wanted = audited_emission_monthly.sparkSession.createDataFrame(pa.Table.from_pylist(told, schema))
    audits = audited_emission_monthly.withColumnRenamed("production_line_id", "source_id").select(*KEY, *AUDIT).join(wanted, "month_start")
    line = [F.col("source_id").alias("line"), F.col("pollutant_code").alias("pollutant")]
    hours = emission_fused_hourly.select(*line, "hour_utc", "method_code", "emission_g", "emission_g_p05", "emission_g_p95")
    # One audit to its month's hours, or to none: an audit is never lost.
    mine = (F.col("line") == F.col("source_id")) & (F.col("pollutant") == F.col("pollutant_code"))
    inside = (F.col("hour_utc") >= F.col("start_utc")) & (F.col("hour_utc") < F.col("end_utc"))
    emitting = hours.select(F.col("line").alias("source_id"), F.lit(True).alias("is_made")).distinct()
    both = audits.join(hours, mine & inside, "left").drop("line", "pollutant", "start_utc", "end_utc").join(F.broadcast(emitting), "source_id", "left")
    work = _settler(months, context.region.time_zone, Correlations(error_correlation.toArrow()))
    return both.groupBy(*KEY).applyInArrow(work, ROW)


def _whole_months(window: Window, time_zone: str) -> dict[date, Window]:
    """The local months of which every day lies in the window, by their first day."""
    days = window.days(time_zone)
    found: dict[date, Window] = {}
    for first in (day for day in days if day.day == 1):
        following = (first + timedelta(days=31)).replace(day=1)
        if following - timedelta(days=1) <= days[-1]:
            found[first] = Window(day_window(first, time_zone).from_utc, day_window(following, time_zone).from_utc)
    return found


def _settler(months: dict[date, Window], time_zone: str, correlations: Correlations) -> Callable[[pa.Table], pa.Table]:
    def settle_month(rows: pa.Table) -> pa.Table:
        rows = rows.sort_by([("method_code", "ascending"), ("hour_utc", "ascending")])
        told = rows.slice(0, 1).select([*KEY, *AUDIT]).to_pylist()[0]
        window = months[told["month_start"]]
        starts = [day_window(day, time_zone).from_utc for day in window.days(time_zone)]
        return _rows(told, settled(rows, told, window.hours, correlations), starts)

    return settle_month


def settled(rows: pa.Table, audit: dict[str, Any], hours: int, correlations: Correlations) -> list[dict[str, Any]]:
    """What an audit makes of the hours of its month: one row a method, all of one line and pollutant."""
    known = rows.filter(rows["emission_g"].is_valid())
    method = known["method_code"].to_numpy()
    emission, lower, upper = (known[name].to_numpy() for name in ("emission_g", "emission_g_p05", "emission_g_p95"))
    spread = standard_deviation(emission, lower, upper)
    methods = sorted(set(method)) or [NO_METHOD]
    made = float(emission.sum())
    is_absent = not len(emission) and bool(rows["is_made"][0].as_py())
    status, shift, moves, total = NOT_EMITTED if is_absent else INCOMPLETE, 0.0, np.zeros(len(spread)), 1.0
    shared = {m: correlations.of(None, m)[0] if m != NO_METHOD else 0.0 for m in methods}
    if len(emission) == hours:
        moves = np.concatenate([shared[m] * spread[method == m] * spread[method == m].sum() + (1 - shared[m]) * spread[method == m] ** 2 for m in methods])
        total = float(moves.sum()) + (audit["relative_sd_share"] * audit["audited_emission_g"]) ** 2
        status, shift = _shift(emission, moves, float(audit["audited_emission_g"]), total)
    root = total**0.5 or 1.0
    found = []
    for one in methods:
        mine = spread[method == one]
        mean = float(mine.mean()) if len(mine) else 0.0
        told = {"method_code": one, "made_emission_g": made, "mean_sd_g": mean, "audit_shift": shift, "audit_status_code": status}
        found.append({**told, "shared_coefficient": shared[one] * float(mine.sum()) / root, "own_coefficient": (1 - shared[one]) * mean / root})
    return found


def _shift(emission: Floats, moves: Floats, audited_g: float, total_variance: float) -> tuple[str, float]:
    """Status, and the shift z with Σ max(0, e + z m / √Q) = audit: hours that would fall below zero stay at zero, the others take their part."""
    difference = audited_g - float(emission.sum())
    status = CONTRADICTS if abs(difference) > CONTRADICTS_FROM * total_variance**0.5 else SETTLED
    if not difference:
        return SETTLED, 0.0
    if not audited_g and (moves[emission > 0] > 0).all():
        return status, -float((emission[moves > 0] / moves[moves > 0]).max()) * total_variance**0.5 * BEYOND
    stays = np.ones(len(emission), dtype=bool)
    while True:
        weight = float(moves[stays].sum())
        if not weight:
            return NOTHING, 0.0
        step = (audited_g - float(emission[stays].sum())) / weight
        negative = stays & (emission + step * moves < 0)
        if not negative.any():
            break
        stays &= ~negative
    return status, step * total_variance**0.5


def _rows(audit: dict[str, Any], found: list[dict[str, Any]], starts: list[datetime]) -> pa.Table:
    """The rows of every method, repeated for each day of the month, so that a day is anchored from its own partition alone."""
    every = [{**audit, **row, "from_utc": start} for start in starts for row in found]
    schema = pa.schema([
        ("source_id", pa.string()), ("pollutant_code", pa.string()), ("method_code", pa.string()), ("from_utc", INSTANT), ("month_start", pa.date32()),
        *((name, pa.float64()) for name in ("audited_emission_g", "made_emission_g", "relative_sd_share", "mean_sd_g", "shared_coefficient", "own_coefficient",
                                            "audit_shift")), ("audit_status_code", pa.string()),
    ])  # fmt: skip
    return pa.Table.from_pylist(every, schema)
