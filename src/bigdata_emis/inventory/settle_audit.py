"""The stage that computes how far an audited monthly total moves the hours of its line and month.

Belongs here: joining audits with their hours. Does not: the arithmetic of one audit (audits/monthly_benchmark) or of a
size fraction and its total (audits/benchmark_hierarchy), moving the hours (anchor_emission), which days run again
(workflow/restatement).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import Method
from bigdata_emis.context import Context
from bigdata_emis.inventory.audits.benchmark_hierarchy import reconcile_audits
from bigdata_emis.inventory.audits.monthly_benchmark import benchmark_month
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import Window, day_window

KEY = ["source_id", "pollutant_code", "month_start"]
AUDIT = ["audited_emission_g", "relative_sd_share"]
HOUR = ["hour_utc", "method_code", "emission_g", "emission_g_p05", "emission_g_p95"]
NUMBERS = [
    "audited_emission_g",
    "made_emission_g",
    "relative_sd_share",
    "mean_sd_g",
    "shared_coefficient",
    "own_coefficient",
    "audit_shift",
]
ROW = (
    "source_id string, pollutant_code string, method_code string, from_utc timestamp, month_start date, "
    + ", ".join(f"{name} double" for name in NUMBERS)
    + ", audit_status_code string"
)
SETTLEMENT = pa.schema(
    [
        *((name, pa.string()) for name in ("source_id", "pollutant_code", "method_code")),
        ("from_utc", INSTANT),
        ("month_start", pa.date32()),
        *((name, pa.float64()) for name in NUMBERS),
        ("audit_status_code", pa.string()),
    ]
)


def settle_audit(
    emission_fused_hourly: DataFrame,
    audited_emission_monthly: DataFrame,
    error_correlation: DataFrame,
    pollutant_part: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """Benchmark coefficients of the audited totals of whole months, by method and day.

        e' = max(0, e + z c s)

    with c the share of the standard deviation s of an hour that the audit explains: generalised least squares in which
    the hours of one method share the class part of their error and those of different methods share nothing. Certain
    hours (measured) move little, modelled ones nearly by one ratio. z closes the month exactly.

    The status codes: an audit beyond the 95 % range of estimate and audit is applied all the same (contradicts); a
    month with missing hours waits (incomplete); the line does not emit the pollutant (not_emitted). Audits of a size
    fraction and of its total that agree in the month but not in an hour are reconciled; where that is impossible,
    they are irreconcilable and move no hour.

    Source: reconciliation by generalised least squares, Dagum and Cholette (2006), Benchmarking, Temporal
    Distribution, and Reconciliation Methods for Time Series, chapter 3.
    """
    session, time_zone = audited_emission_monthly.sparkSession, context.region.time_zone
    months = _whole_months(context.window, time_zone)
    if not months:
        return session.createDataFrame([], ROW)
    month_rows = [
        {"month_start": month, "start_utc": window.from_utc, "end_utc": window.to_utc}
        for month, window in months.items()
    ]
    schema = pa.schema([("month_start", pa.date32()), ("start_utc", INSTANT), ("end_utc", INSTANT)])
    audits = (
        audited_emission_monthly.withColumnRenamed("production_line_id", "source_id")
        .select(*KEY, *AUDIT)
        .join(session.createDataFrame(pa.Table.from_pylist(month_rows, schema)), "month_start")
    )
    containment = Containment(pollutant_part.toArrow())
    benchmark = _line_month_benchmark(months, time_zone, ErrorCorrelations(error_correlation.toArrow()), containment)
    hours = _join_hours(emission_fused_hourly, audits, containment)
    return hours.groupBy("source_id", "month_start").applyInArrow(benchmark, ROW)


def _join_hours(emission_fused_hourly: DataFrame, audits: DataFrame, containment: Containment) -> DataFrame:
    """Every audit with the hours of its month, and the measured hours of related pollutants without an audit.

    An audit without hours keeps one row. Rows without an audit have null in the columns of the audit.
    """
    line = [F.col("source_id").alias("line"), F.col("pollutant_code").alias("pollutant")]
    hours = emission_fused_hourly.select(*line, *HOUR)
    is_in_month = (
        (F.col("line") == F.col("source_id"))
        & (F.col("hour_utc") >= F.col("start_utc"))
        & (F.col("hour_utc") < F.col("end_utc"))
    )
    emitting = hours.select(F.col("line").alias("source_id"), F.lit(True).alias("is_made")).distinct()
    audited = audits.join(hours, is_in_month & (F.col("pollutant") == F.col("pollutant_code")), "left").join(
        F.broadcast(emitting), "source_id", "left"
    )
    measured = hours.where((F.col("method_code") == Method.MEASURED) & F.col("pollutant").isin(containment.codes))
    line_months = (
        audits.where(F.col("pollutant_code").isin(containment.codes))
        .select("source_id", "month_start", "start_utc", "end_utc")
        .distinct()
    )
    related = (
        line_months.join(measured, is_in_month)
        .withColumn("pollutant_code", F.col("pollutant"))
        .join(audits.select(*KEY), KEY, "left_anti")
    )
    no_audit = [F.lit(None).cast("double").alias(name) for name in AUDIT]
    unaudited = related.select(*KEY, *no_audit, *HOUR, F.lit(True).alias("is_made"))
    return audited.select(*KEY, *AUDIT, *HOUR, "is_made").unionByName(unaudited)


def _whole_months(window: Window, time_zone: str) -> dict[date, Window]:
    """The local months of which every day is in the window, by their first day."""
    days = window.days(time_zone)
    months: dict[date, Window] = {}
    for first in (day for day in days if day.day == 1):
        next_month = (first + timedelta(days=31)).replace(day=1)
        if next_month - timedelta(days=1) <= days[-1]:
            months[first] = Window(day_window(first, time_zone).from_utc, day_window(next_month, time_zone).from_utc)
    return months


def _line_month_benchmark(
    months: dict[date, Window], time_zone: str, correlations: ErrorCorrelations, containment: Containment
) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with the audits and hours of one line and month."""

    def benchmark_line_month(rows: pa.Table) -> pa.Table:
        rows = rows.sort_by([("method_code", "ascending"), ("hour_utc", "ascending")])
        audited = rows.filter(rows["audited_emission_g"].is_valid())
        audits = (
            audited.select([*KEY, *AUDIT]).group_by([*KEY, *AUDIT]).aggregate([]).sort_by("pollutant_code").to_pylist()
        )
        if not audits:
            return _settlement_table([], [])
        window = months[audits[0]["month_start"]]
        independent = {}
        for audit in audits:
            code = audit["pollutant_code"]
            hours = audited.filter(pc.equal(audited["pollutant_code"], code))
            independent[code] = benchmark_month(hours, audit, window.hours, correlations)
        unaudited = rows.filter(rows["audited_emission_g"].is_null())
        reconciled = reconcile_audits(
            independent, unaudited, containment, first=window.from_utc, hour_count=window.hours
        )
        settlement = [
            {**audit, **row} for audit in audits for row in reconciled[audit["pollutant_code"]].settlement_rows()
        ]
        return _settlement_table(settlement, [day_window(day, time_zone).from_utc for day in window.days(time_zone)])

    return benchmark_line_month


def _settlement_table(rows: list[dict[str, Any]], day_starts: list[datetime]) -> pa.Table:
    """The rows of every audit and method, repeated for each day of the month.

    So a day is benchmarked from its own partition alone.
    """
    return pa.Table.from_pylist([{**row, "from_utc": start} for start in day_starts for row in rows], SETTLEMENT)
