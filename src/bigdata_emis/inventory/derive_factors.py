"""The stage that derives emission factors from stack monitors and activity, once a week.

Belongs here: the factor of a monitored line, how far an hour deviates from it, and its ratio to the factor without
monitor. Does not: which factor applies (industry/emission_factor), classes (industry/class_factor).
"""

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.equations.functions import maximum, minimum
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.fuse_monitors import sum_monitors_by_line
from bigdata_emis.inventory.industry.class_factor import MonitoredFactor, pool_class_factors
from bigdata_emis.inventory.industry.emission_factor import FactorTables, select_line_factors
from bigdata_emis.schema.arrow import arrow_schema

MIN_HOURS_PARAMETER = "least_factor_h"
HOURS_PER_DAY = 24
MAX_RELATIVE_SD_SHARE = 5.0
"""Bound of the field relative_sd_share."""


def derive_factors(
    cems_hourly: DataFrame,
    stack: DataFrame,
    activity_hourly: DataFrame,
    fusion_parameter: DataFrame,
    production_line: DataFrame,
    emission_factor: DataFrame,
    abatement_device: DataFrame,
    industrial_emission_factor: DataFrame,
    control_efficiency: DataFrame,
    particle_size_share: DataFrame,
    condensable_pm: DataFrame,
    uncertainty_rating: DataFrame,
    pollutant_part: DataFrame,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Factor of each monitored line and pollutant, measured emission over activity, and what they say of their class.

        EF = Σ G ÷ Σ A,   relative sd = √(mean (G − EF × A)²) ÷ mean G

    over valid hours that have an activity, so the spread is that of one hour. A line with too few such hours gets no
    factor. The activity is the estimate (the expected one) with which the factor will be used, so that a constant error
    of that estimate cancels. `class_factor` has the ratio of these factors to those that the lines would be given
    without monitor, by industry and pollutant, for lines without (pool_class_factors).

    Raises:
        InputError: fusion_parameter does not say how many hours are enough.
    """
    derived = _derive_line_factors(cems_hourly, stack, activity_hourly, _min_hours(fusion_parameter), context)
    lines = (production_line, emission_factor)
    others = (abatement_device, industrial_emission_factor, control_efficiency, particle_size_share, condensable_pm)
    frames = (frame.toArrow() for frame in (*lines, *others, uncertainty_rating, pollutant_part))
    line, own, *references = frames
    empty = {name: arrow_schema(schema.table(name)).empty_table() for name in ("derived_factor", "class_factor")}
    tables = FactorTables(*[line, own, empty["derived_factor"], *references, empty["class_factor"]])
    rows = pool_class_factors(_monitored_factors(derived, tables, context), context.known_utc)
    declared = pa.schema([(field.name, field.type) for field in empty["class_factor"].schema])
    return {"derived_factor": derived, "class_factor": pa.Table.from_pylist(rows, declared)}


def _monitored_factors(derived: pa.Table, tables: FactorTables, context: Context) -> list[MonitoredFactor]:
    """The derived factors over those that the lines would be given without monitor, where there is one."""
    year = context.window.from_utc.astimezone(ZoneInfo(context.region.time_zone)).year
    monitored = pc.is_in(tables.production_line["production_line_id"], value_set=derived["source_id"].combine_chunks())
    lines = tables.production_line.filter(monitored)
    without = select_line_factors(replace(tables, production_line=lines), year=year).to_pylist()
    stated = {(row["source_id"], row["pollutant_code"]): row for row in without}
    behind = {key: row["emission_factor_g_per_unit"] * (1 - row["removal_share"]) for key, row in stated.items()}
    by_line = {row["production_line_id"]: row for row in lines.to_pylist()}
    return [
        MonitoredFactor(
            by_line[row["source_id"]]["enterprise_id"],
            by_line[row["source_id"]]["industry_code"],
            row["pollutant_code"],
            row["emission_factor_g_per_unit"] / behind[key],
            row["relative_sd_share"] / float(np.sqrt(max(row["sample_count"] / HOURS_PER_DAY, 1.0))),
            stated[key]["factor_relative_sd_share"],
        )
        for row in derived.to_pylist()
        if behind.get(key := (row["source_id"], row["pollutant_code"]), 0.0) > 0
    ]


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
