"""The stage that computes the emission of production lines from activity, with abatement on or off.

Belongs here: activity × factor × (1 − removal), and its uncertainty. Does not: which factor applies
(industry/emission_factor), monitors (fuse_monitors), audits (anchor_emission).
"""

from zoneinfo import ZoneInfo

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import Method, Rating
from bigdata_emis.context import Context
from bigdata_emis.equations import industry, uncertainty
from bigdata_emis.errors import RefusedError
from bigdata_emis.inventory.industry.abatement_off import find_hours_without_abatement
from bigdata_emis.inventory.industry.emission_factor import FACTOR, FactorTables, select_line_factors

UNCONTROLLED_RATING = Rating.C
"""Uncertainty of a factor divided by what devices let through: no less than that of a permit value."""
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
    class_factor: DataFrame,
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
    """Emission of every line, pollutant and hour, with CO2 and condensable particulate.

        E = activity × emission factor × (1 − removal)

    The activity is the expected one, since the emission of sources is summed; the typical one where no other was
    estimated. Where a line produces while its abatement is off, nothing is removed: "uncontrolled", for the pollutants
    that its devices remove. Condensable particulate is a separate pollutant and part of no other: PM2.5 and PM10 are
    what filters and monitors measure.

    Raises:
        RefusedError: a line has activity but neither a factor nor a monitor, so that its emission would be missing.
        InputError: a line has an unknown device.
    """
    frames = (
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
        class_factor,
    )
    tables = FactorTables(*(frame.toArrow() for frame in frames))
    local_start = context.window.from_utc.astimezone(ZoneInfo(context.region.time_zone))
    factors = select_line_factors(tables, year=local_start.year)
    activity = _in_window(activity_hourly, context)
    _check_factors(activity, factors, stack)
    off = _in_window(find_hours_without_abatement(line_energy_hourly, production_line, abatement_rule), context)
    sector = production_line.select(F.col("production_line_id").alias("source_id"), "sector_code")
    hours = _mark_abatement_off(activity, off).join(F.broadcast(sector), "source_id")  # many hours to one line
    return _multiply_by_factor(_join_factors(hours, factors), _uncontrolled_sd_share(tables.uncertainty_rating))


def _in_window(frame: DataFrame, context: Context) -> DataFrame:
    """The rows of the days of the window; earlier rows only serve as a reference."""
    window = context.window.whole_days(context.region.time_zone)
    return frame.where((F.col("hour_utc") >= F.lit(window.from_utc)) & (F.col("hour_utc") < F.lit(window.to_utc)))


def _check_factors(activity: DataFrame, factors: pa.Table, stack: DataFrame) -> None:
    monitored = {row["production_line_id"] for row in stack.select("production_line_id").distinct().collect()}
    active = {row["source_id"] for row in activity.select("source_id").distinct().collect()}
    missing = sorted(active - monitored - set(factors["source_id"].to_pylist()))
    if missing:
        raise RefusedError(
            f"table emission_factor: {len(missing)} lines with activity have neither a factor nor a monitor, "
            f"first {missing[0]}",
            "add their rows to registry/emission_factor, or their industry to reference/industrial_emission_factor",
        )


def _join_factors(hours: DataFrame, factors: pa.Table) -> DataFrame:
    """Many hours to many pollutants of one line: (source_id, pollutant_code) is the key of the factors."""
    factor_frame = hours.sparkSession.createDataFrame(_non_empty(factors))
    return hours.join(F.broadcast(factor_frame), "source_id")


def _non_empty(factors: pa.Table) -> pa.Table:
    """The factors, or a factor of no line where there are none: an engine infers no types from an empty table."""
    if factors.num_rows:
        return factors
    values = {
        name: 0.0 if pa.types.is_floating(kind) else "" for name, kind in zip(FACTOR.names, FACTOR.types, strict=True)
    }
    return pa.Table.from_pylist([values], factors.schema)


def _mark_abatement_off(activity: DataFrame, off: DataFrame) -> DataFrame:
    """Each hour of activity, and whether abatement was off; (source_id, hour_utc) is unique on both sides."""
    marked = off.select("source_id", "hour_utc", F.lit(True).alias("is_off"))
    hours = activity.select(
        "source_id",
        "hour_utc",
        "activity",
        F.coalesce("expected_activity", "activity").alias("expected_activity"),
        "activity_p05",
        "activity_p95",
        F.col("method_code").alias("activity_method_code"),
    )
    return hours.join(F.broadcast(marked), ["source_id", "hour_utc"], "left").withColumn(
        "is_off", F.coalesce("is_off", F.lit(False))
    )


def _uncontrolled_sd_share(uncertainty_rating: pa.Table) -> float:
    shares = {row["rating_code"]: row["relative_sd_share"] for row in uncertainty_rating.to_pylist()}
    return float(shares[UNCONTROLLED_RATING])


def _multiply_by_factor(hours: DataFrame, uncontrolled_sd_share: float) -> DataFrame:
    """E = activity × EF × (1 − removal), lognormal with the combined spread of activity and factor.

    The interval is never narrower than that of the activity alone: where the activity is zero, or small compared with
    its own interval, a lognormal about the mean would be narrower.
    """
    column = F.col
    is_uncontrolled = column("is_off") & (column("removal_share") > 0)
    removal = F.when(is_uncontrolled, 0.0).otherwise(column("removal_share"))
    emission, emission_low, emission_high = (
        industry.emission_g(column(name), column("emission_factor_g_per_unit"), removal_share=removal)
        for name in ("expected_activity", "activity_p05", "activity_p95")
    )
    with_emission = hours.withColumn("emission_g", emission).withColumn(
        "relative_sd_share",
        uncertainty.relative_sd_share(
            _activity_relative_sd(), _factor_relative_sd(is_uncontrolled, uncontrolled_sd_share)
        ),
    )
    lower, upper = (
        bound(column("emission_g"), column("relative_sd_share"))
        for bound in (uncertainty.emission_g_p05, uncertainty.emission_g_p95)
    )
    is_profile = column("activity_method_code") == Method.PROFILE
    method = F.when(is_uncontrolled, Method.UNCONTROLLED).when(is_profile, Method.PROFILE).otherwise(Method.MODELLED)
    bounded = {
        "emission_g_p05": F.least(lower, emission_low),
        "emission_g_p95": F.greatest(upper, emission_high),
        "method_code": method,
    }
    return with_emission.withColumns(bounded).select(*COLUMNS)


def _activity_relative_sd() -> Column:
    """From the width of the interval of the activity; zero where there is no activity."""
    activity = F.col("activity")
    is_active = activity > 0
    width = (F.col("activity_p95") - F.col("activity_p05")) / (2 * uncertainty.NINETY_FIFTH)
    return F.when(is_active, width / F.when(is_active, activity)).otherwise(F.lit(0.0))


def _factor_relative_sd(is_uncontrolled: Column, uncontrolled_sd_share: float) -> Column:
    of_factor = F.col("factor_relative_sd_share")
    widened = uncertainty.relative_sd_share(of_factor, F.lit(uncontrolled_sd_share))
    return F.when(is_uncontrolled, widened).otherwise(of_factor)
