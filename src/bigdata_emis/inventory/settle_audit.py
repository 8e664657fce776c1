"""The stage that works out, once an audited monthly total is known, how far it moves the hours of the month.

Belongs here: audits brought together with their hours. Does not: the arithmetic of one audit (audit_month) or of a part and its whole
(audit_parts), moving the hours (anchor), which days are run again (restate).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.inventory.audits.benchmark_hierarchy import reconciled
from bigdata_emis.inventory.audits.monthly_benchmark import settled
from bigdata_emis.inventory.monitors.fuse_lines import MEASURED as MEASURED_CODE
from bigdata_emis.inventory.shared.error_correlation import Correlations
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.window import Window, day_window

KEY = ["source_id", "pollutant_code", "month_start"]
AUDIT = ["audited_emission_g", "relative_sd_share"]
HOUR = ["hour_utc", "method_code", "emission_g", "emission_g_p05", "emission_g_p95"]
ROW = (
    "source_id string, pollutant_code string, method_code string, from_utc timestamp, month_start date, audited_emission_g double, "
    "made_emission_g double, relative_sd_share double, mean_sd_g double, shared_coefficient double, own_coefficient double, "
    "audit_shift double, audit_status_code string"
)
INSTANT = pa.timestamp("us", tz="UTC")


def settle_audit(
    emission_fused_hourly: DataFrame,
    audited_emission_monthly: DataFrame,
    error_correlation: DataFrame,
    pollutant_part: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """What each audited total of a month that lies whole in the window does to the hours of its line: one row a method and day.

    e' = max(0, e + z c s), with c the part of the hour's standard deviation s that the audit explains: generalised least squares in
    which the hours of one method share the class part of their error and those of different methods share nothing. Hours that are
    known well (measured) move little, modelled ones by one ratio nearly. z is such that the month adds up to the audit exactly. An
    audit that lies beyond the 95 % range of both is met all the same and called contradicts; a month with missing hours waits, and an
    audit of what the line does not emit is called so. Audits of a part and of its whole that agree in the month but not in an hour are
    reconciled; when that cannot be, they are called irreconcilable and move no hour.

    Source: reconciliation by generalised least squares, Dagum and Cholette (2006), Benchmarking, Temporal Distribution, and
    Reconciliation Methods for Time Series, chapter 3.
    """
    months = _whole_months(context.window, context.region.time_zone)
    told = [
        {"month_start": month, "start_utc": window.from_utc, "end_utc": window.to_utc}
        for month, window in months.items()
    ]
    if not told:
        return audited_emission_monthly.sparkSession.createDataFrame([], ROW)
    schema = pa.schema([("month_start", pa.date32()), ("start_utc", INSTANT), ("end_utc", INSTANT)])
    wanted = audited_emission_monthly.sparkSession.createDataFrame(pa.Table.from_pylist(told, schema))
    audits = (
        audited_emission_monthly.withColumnRenamed("production_line_id", "source_id")
        .select(*KEY, *AUDIT)
        .join(wanted, "month_start")
    )
    containment = Containment(pollutant_part.toArrow())
    work = _settler(months, context.region.time_zone, Correlations(error_correlation.toArrow()), containment)
    return _told(emission_fused_hourly, audits, containment).groupBy("source_id", "month_start").applyInArrow(work, ROW)


def _told(emission_fused_hourly: DataFrame, audits: DataFrame, containment: Containment) -> DataFrame:
    """Every audit with its month's hours, or with none: an audit is never lost; beside them, without an audit, what monitors measured of parts and wholes."""
    line = [F.col("source_id").alias("line"), F.col("pollutant_code").alias("pollutant")]
    hours = emission_fused_hourly.select(*line, *HOUR)
    inside = (
        (F.col("line") == F.col("source_id"))
        & (F.col("hour_utc") >= F.col("start_utc"))
        & (F.col("hour_utc") < F.col("end_utc"))
    )
    emitting = hours.select(F.col("line").alias("source_id"), F.lit(True).alias("is_made")).distinct()
    own = audits.join(hours, inside & (F.col("pollutant") == F.col("pollutant_code")), "left").join(
        F.broadcast(emitting), "source_id", "left"
    )
    measured = hours.where((F.col("method_code") == MEASURED_CODE) & F.col("pollutant").isin(containment.codes))
    months = (
        audits.where(F.col("pollutant_code").isin(containment.codes))
        .select("source_id", "month_start", "start_utc", "end_utc")
        .distinct()
    )
    near = (
        months.join(measured, inside)
        .withColumn("pollutant_code", F.col("pollutant"))
        .join(audits.select(*KEY), KEY, "left_anti")
    )
    nothing = [F.lit(None).cast("double").alias(name) for name in AUDIT]
    beside = near.select(*KEY, *nothing, *HOUR, F.lit(True).alias("is_made"))
    return own.select(*KEY, *AUDIT, *HOUR, "is_made").unionByName(beside)


def _whole_months(window: Window, time_zone: str) -> dict[date, Window]:
    """The local months of which every day lies in the window, by their first day."""
    days = window.days(time_zone)
    found: dict[date, Window] = {}
    for first in (day for day in days if day.day == 1):
        following = (first + timedelta(days=31)).replace(day=1)
        if following - timedelta(days=1) <= days[-1]:
            found[first] = Window(day_window(first, time_zone).from_utc, day_window(following, time_zone).from_utc)
    return found


def _settler(
    months: dict[date, Window], time_zone: str, correlations: Correlations, containment: Containment
) -> Callable[[pa.Table], pa.Table]:
    def settle_month(rows: pa.Table) -> pa.Table:
        """The audits of one line and month."""
        rows = rows.sort_by([("method_code", "ascending"), ("hour_utc", "ascending")])
        audited = rows.filter(rows["audited_emission_g"].is_valid())
        told = (
            audited.select([*KEY, *AUDIT]).group_by([*KEY, *AUDIT]).aggregate([]).sort_by("pollutant_code").to_pylist()
        )
        if not told:
            return _rows([], [])
        window = months[told[0]["month_start"]]
        mine = {
            row["pollutant_code"]: audited.filter(pc.equal(audited["pollutant_code"], row["pollutant_code"]))
            for row in told
        }
        alone = {
            row["pollutant_code"]: settled(mine[row["pollutant_code"]], row, window.hours, correlations) for row in told
        }
        beside = rows.filter(rows["audited_emission_g"].is_null())
        found = reconciled(alone, beside, containment, first=window.from_utc, hour_count=window.hours)
        starts = [day_window(day, time_zone).from_utc for day in window.days(time_zone)]
        return _rows([{**row, **one} for row in told for one in found[row["pollutant_code"]].rows()], starts)

    return settle_month


def _rows(found: list[dict[str, Any]], starts: list[datetime]) -> pa.Table:
    """The rows of every audit and method, repeated for each day of the month, so that a day is anchored from its own partition alone."""
    every = [{**row, "from_utc": start} for start in starts for row in found]
    schema = pa.schema(
        [
            ("source_id", pa.string()),
            ("pollutant_code", pa.string()),
            ("method_code", pa.string()),
            ("from_utc", INSTANT),
            ("month_start", pa.date32()),
            *(
                (name, pa.float64())
                for name in (
                    "audited_emission_g",
                    "made_emission_g",
                    "relative_sd_share",
                    "mean_sd_g",
                    "shared_coefficient",
                    "own_coefficient",
                    "audit_shift",
                )
            ),
            ("audit_status_code", pa.string()),
        ]
    )
    return pa.Table.from_pylist(every, schema)
