"""The stage that derives emission factors from stack monitors and activity, once a week.

Belongs here: the factor of a monitored line, how far an hour deviates from it, and the evidence for classes. Does not:
which factor applies (industry/emission_factor), what evidence says (industry/class_factor).
"""

from zoneinfo import ZoneInfo

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.equations.functions import maximum, minimum
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.fuse_monitors import sum_monitors_by_line
from bigdata_emis.inventory.industry.class_factor import pool_class_factors
from bigdata_emis.inventory.industry.emission_factor import FactorTables
from bigdata_emis.inventory.industry.factor_evidence import gather_evidence, unmonitored_factors
from bigdata_emis.schema.arrow import arrow_schema

MIN_HOURS_PARAMETER = "least_factor_h"
MAX_RELATIVE_SD_SHARE = 5.0
"""Bound of the field relative_sd_share."""


def derive_factors(
    cems_hourly: DataFrame,
    stack: DataFrame,
    activity_hourly: DataFrame,
    fusion_parameter: DataFrame,
    production_line: DataFrame,
    enterprise: DataFrame,
    emission_factor: DataFrame,
    abatement_device: DataFrame,
    audited_emission_monthly: DataFrame,
    district_emission_annual: DataFrame,
    industrial_emission_factor: DataFrame,
    control_efficiency: DataFrame,
    particle_size_share: DataFrame,
    condensable_pm: DataFrame,
    uncertainty_rating: DataFrame,
    pollutant_part: DataFrame,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Factor of each monitored line and pollutant, measured emission over activity, and what is known of classes.

        EF = Σ G ÷ Σ A,   relative sd = √(mean (G − EF × A)²) ÷ mean G

    over valid hours that have an activity, so the spread is that of one hour. A line with too few such hours gets no
    factor. The activity is the estimate (the expected one) with which the factor will be used, so that a constant error
    of that estimate cancels. `class_factor` has the ratio of such factors, of audited months that state their activity,
    and of totals of districts, to those that the lines would be given without, for lines without monitor
    (pool_class_factors).

    Raises:
        InputError: fusion_parameter does not say how many hours are enough.
    """
    derived = _derive_line_factors(cems_hourly, stack, activity_hourly, _min_hours(fusion_parameter), context)
    lines = (production_line, emission_factor)
    others = (abatement_device, industrial_emission_factor, control_efficiency, particle_size_share, condensable_pm)
    line, own, *references = (frame.toArrow() for frame in (*lines, *others, uncertainty_rating, pollutant_part))
    empty = {name: arrow_schema(schema.table(name)).empty_table() for name in ("derived_factor", "class_factor")}
    tables = FactorTables(*[line, own, empty["derived_factor"], *references, empty["class_factor"]])
    year = context.window.from_utc.astimezone(ZoneInfo(context.region.time_zone)).year
    factors = unmonitored_factors(tables, year)
    reports = (audited_emission_monthly, district_emission_annual, enterprise)
    audits, totals, owners = (frame.toArrow().to_pylist() for frame in reports)
    evidence = gather_evidence(derived.to_pylist(), audits, totals, owners, factors, year=year)
    rows = pool_class_factors(evidence, factors, context.known_utc)
    declared = pa.schema([(field.name, field.type) for field in empty["class_factor"].schema])
    return {"derived_factor": derived, "class_factor": pa.Table.from_pylist(rows, declared)}


def _derive_line_factors(
    cems_hourly: DataFrame, stack: DataFrame, activity_hourly: DataFrame, min_hours: float, context: Context
) -> pa.Table:
    """The rows of derived_factor."""
    measured = sum_monitors_by_line(cems_hourly, stack)
    hours = measured.join(
        activity_hourly.select(
            "source_id", "hour_utc", F.coalesce("expected_activity", "activity").alias("activity")
        ).where(F.col("activity") > 0),
        ["source_id", "hour_utc"],
    )
    emission, activity = F.col("measured_emission_g"), F.col("activity")
    sums = hours.groupBy("source_id", "pollutant_code").agg(
        exact_sum(emission).alias("e"),
        exact_sum(activity).alias("a"),
        exact_sum(emission * emission).alias("ee"),
        exact_sum(emission * activity).alias("ea"),
        exact_sum(activity * activity).alias("aa"),
        F.count("*").alias("sample_count"),
        F.min("hour_utc").alias("from_utc"),
        F.max("hour_utc").alias("last_utc"),
    )
    factor = F.col("e") / F.col("a")
    enough = sums.where((F.col("sample_count") >= min_hours) & (F.col("e") > 0)).withColumn("factor", factor)
    # Not `greatest` with a literal: the embedded engine types that as a column that is never null.
    square = maximum(
        F.col("ee") - 2 * F.col("factor") * F.col("ea") + F.col("factor") * F.col("factor") * F.col("aa"), 0.0
    )
    relative_sd = F.sqrt(square / F.col("sample_count")) / (F.col("e") / F.col("sample_count"))
    return enough.select(
        "source_id",
        "pollutant_code",
        F.col("factor").alias("emission_factor_g_per_unit"),
        minimum(relative_sd, MAX_RELATIVE_SD_SHARE).alias("relative_sd_share"),
        "sample_count",
        "from_utc",
        (F.col("last_utc") + F.expr("INTERVAL 1 HOUR")).alias("to_utc"),
        F.lit(context.known_utc).alias("known_utc"),
    ).toArrow()


def _min_hours(fusion_parameter: DataFrame) -> float:
    is_wanted = F.col("parameter_name") == MIN_HOURS_PARAMETER
    row = fusion_parameter.where(is_wanted).select("parameter_value").first()
    if row is None:
        raise InputError(
            f"reference table fusion_parameter has no row {MIN_HOURS_PARAMETER}",
            "add the row; the table of the project has it",
        )
    return float(row[0])
