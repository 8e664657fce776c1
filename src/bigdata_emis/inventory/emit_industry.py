"""The stage that turns activity into the emission of production lines, by the factor of each and with abatement on or off.

Belongs here: activity × factor × (1 − removal), and the uncertainty of it. Does not: which factor (factors), monitors (fuse), audits.
"""

from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.equations import industry, uncertainty
from bigdata_emis.errors import RefusedError
from bigdata_emis.inventory.industry.abatement_off import hours_without_abatement
from bigdata_emis.inventory.industry.emission_factor import FactorTables, line_factors

MODELLED, UNCONTROLLED, PROFILE = "modelled", "uncontrolled", "profile"
UNCONTROLLED_RATING = "C"
COLUMNS = (
    "source_id",
    "sector_code",
    "pollutant_code",
    "hour_utc",
    "emission_g",
    "emission_g_p05",
    "emission_g_p95",
    "method_code",
    "factor_source_code",
)


def emit_industry(
    activity_hourly: DataFrame,
    production_line: DataFrame,
    line_energy_hourly: DataFrame,
    emission_factor: DataFrame,
    derived_factor: DataFrame,
    abatement_device: DataFrame,
    stack: DataFrame,
    industrial_emission_factor: DataFrame,
    control_efficiency: DataFrame,
    particle_size_share: DataFrame,
    condensable_pm: DataFrame,
    abatement_rule: DataFrame,
    uncertainty_rating: DataFrame,
    pollutant_part: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """Emission of every line, pollutant and hour of the window: activity × factor × (1 − removal), CO2 and condensable particulate beside.

    Where a line produces while its abatement stands still nothing is removed: "uncontrolled", for the pollutants that its devices
    remove. Condensable particulate is a pollutant of its own and in no other one: PM2.5 and PM10 are what filters and monitors see.

    Raises:
        RefusedError: a line has activity but neither a factor nor a monitor, so that its emission would be missing.
        InputError: a line has an unknown device.
    """
    tables = FactorTables(
        *(
            frame.toArrow()
            for frame in (
                production_line,
                emission_factor,
                derived_factor,
                abatement_device,
                industrial_emission_factor,
                control_efficiency,
                particle_size_share,
                condensable_pm,
                uncertainty_rating,
                pollutant_part,
            )
        )
    )
    factors = line_factors(tables, year=context.window.from_utc.astimezone(ZoneInfo(context.region.time_zone)).year)
    activity = _of_window(activity_hourly, context)
    _check_factors(activity, factors, stack)
    off = _of_window(hours_without_abatement(line_energy_hourly, production_line, abatement_rule), context)
    sector = production_line.select(F.col("production_line_id").alias("source_id"), "sector_code")
    hours = _with_abatement(activity, off).join(F.broadcast(sector), "source_id")  # many hours to one line
    # Many hours to many pollutants of one line: (source_id, pollutant_code) is the key of the factors.
    known = activity.sparkSession.createDataFrame(_filled(factors))
    return _emitted(hours.join(F.broadcast(known), "source_id"), _uncontrolled_sd(tables.uncertainty_rating))


def _of_window(frame: DataFrame, context: Context) -> DataFrame:
    """The window's own days: what was looked back on told what is normal."""
    window = context.window.whole_days(context.region.time_zone)
    return frame.where((F.col("hour_utc") >= F.lit(window.from_utc)) & (F.col("hour_utc") < F.lit(window.to_utc)))


def _check_factors(activity: DataFrame, factors: pa.Table, stack: DataFrame) -> None:
    known = set(factors["source_id"].to_pylist()) | {
        row["production_line_id"] for row in stack.select("production_line_id").distinct().collect()
    }
    active = {row["source_id"] for row in activity.select("source_id").distinct().collect()}
    lacking = sorted(active - known)
    if lacking:
        raise RefusedError(
            f"table emission_factor: {len(lacking)} lines with activity have neither a factor nor a monitor, first {lacking[0]}",
            "add their rows to registry/emission_factor, or their industry to reference/industrial_emission_factor",
        )


def _filled(factors: pa.Table) -> pa.Table:
    """The factors, or one of no line where there are none: an engine takes no types from an empty table."""
    if factors.num_rows:
        return factors
    nothing: dict[str, Any] = {
        "source_id": "",
        "pollutant_code": "",
        "emission_factor_g_per_unit": 0.0,
        "removal_share": 0.0,
        "factor_relative_sd_share": 0.0,
        "factor_source_code": "",
    }
    return pa.Table.from_pylist([nothing], factors.schema)


def _with_abatement(activity: DataFrame, off: DataFrame) -> DataFrame:
    """Each hour of activity, and whether abatement stood still in it; (source_id, hour_utc) is unique on both sides."""
    named = off.select("source_id", "hour_utc", F.lit(True).alias("is_off"))
    hours = activity.select(
        "source_id",
        "hour_utc",
        "activity",
        "activity_p05",
        "activity_p95",
        F.col("method_code").alias("activity_method_code"),
    )
    return hours.join(F.broadcast(named), ["source_id", "hour_utc"], "left").withColumn(
        "is_off", F.coalesce("is_off", F.lit(False))
    )


def _uncontrolled_sd(uncertainty_rating: pa.Table) -> float:
    """A factor divided by what devices let through is known no better than a permit value."""
    return float(
        {row["rating_code"]: row["relative_sd_share"] for row in uncertainty_rating.to_pylist()}[UNCONTROLLED_RATING]
    )


def _emitted(hours: DataFrame, uncontrolled_sd_share: float) -> DataFrame:
    """E = A × EF × (1 − removal), lognormal with the spreads of activity and factor together.

    The interval is never narrower than that of the activity alone: where the activity is small beside its own interval, or zero,
    a lognormal about the mean would be.
    """
    column = F.col
    is_raised = column("is_off") & (column("removal_share") > 0)
    removal = F.when(is_raised, 0.0).otherwise(column("removal_share"))
    amount, least, most = (
        industry.emission_g(column(name), column("emission_factor_g_per_unit"), removal_share=removal)
        for name in ("activity", "activity_p05", "activity_p95")
    )
    raised_sd = uncertainty.relative_sd_share(column("factor_relative_sd_share"), F.lit(uncontrolled_sd_share))
    factor_sd = F.when(is_raised, raised_sd).otherwise(column("factor_relative_sd_share"))
    runs = column("activity") > 0
    width = (column("activity_p95") - column("activity_p05")) / (2 * uncertainty.NINETY_FIFTH)
    activity_sd = F.when(runs, width / F.when(runs, column("activity"))).otherwise(F.lit(0.0))
    stated = hours.withColumn("emission_g", amount).withColumn(
        "relative_sd_share", uncertainty.relative_sd_share(activity_sd, factor_sd)
    )
    lower, upper = (
        bound(column("emission_g"), column("relative_sd_share"))
        for bound in (uncertainty.emission_g_p05, uncertainty.emission_g_p95)
    )
    method = (
        F.when(is_raised, UNCONTROLLED).when(column("activity_method_code") == PROFILE, PROFILE).otherwise(MODELLED)
    )
    bounded = {
        "emission_g_p05": F.least(lower, least),
        "emission_g_p95": F.greatest(upper, most),
        "method_code": method,
    }
    return stated.withColumns(bounded).select(*COLUMNS)
