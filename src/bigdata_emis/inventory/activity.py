"""The stage that turns the energy of production lines into their activity, hour by hour, with a 90 % interval.

Belongs here: which line goes by its model, by that of its industry, or by its prior. Does not: the models (proxy), or emission (industry).
"""

from collections.abc import Callable

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.equations import industry, uncertainty
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.line_estimate import ROW, estimator
from bigdata_emis.proxy.in_use import INDUSTRY_SOURCE, models_in_use, unreadable_sources
from bigdata_emis.proxy.weather_table import weather_of

MODELLED, PROFILE = "modelled", "profile"
PRIOR = "prior"
"""Stands where the version of a model would: the line goes by the prior of its registry row. Also the method of energy that is a guess."""
UNREADABLE = "unreadable_model"
PRIOR_RATING = "C"
PRIOR_FIELDS = ("capacity_per_h", "base_load_share", "power_elasticity", "reference_energy_kwh")
ENERGY = ("hour_utc", "energy_kwh", "energy_sd_kwh", "energy_method_code", "imputation_code")
WORKING = ("working_energy_kwh", "working_energy_sd_kwh")
LINE = "production_line_id"
PORTIONS = 16
"""Lines handed over together: a call of the engine costs more than a model, and a portion must fit in memory."""


def estimate_activity(
    line_energy_hourly: DataFrame, production_line: DataFrame, model_version: DataFrame, model_watch: DataFrame, uncertainty_rating: DataFrame,
    weather_hourly: DataFrame, *, context: Context,
) -> DataFrame:  # fmt: skip
    """Activity of every line whose energy is known: by its own model where one was learnt, else by that of its industry, else by its prior.

    The prior is A = capacity × ((P / P_ref − b) / (1 − b)) ^ (1 / eps), lognormal with the spread of rating C; its
    model_version_id is "prior". What the energy itself leaves open widens the interval, so a line that was allocated a part of a
    district's total is less sure than a metered one. The method is "profile" where the energy is a guess. The last hours of
    the window are estimated without knowing whether a stop follows. A line whose stored model cannot be read goes as one without a
    model, and its hours say so in imputation_code; so do hours without the weather or the load of
    another line of the enterprise that their model asks for.

    Raises:
        InputError: a line without a model lacks a prior, or its reference energy is zero or its base load one.
    """
    energy = line_energy_hourly.select(LINE, *ENERGY, *WORKING)
    in_use = models_in_use(model_version, model_watch, context.known_utc)
    unreadable = unreadable_sources(in_use)
    readable = in_use.where(~F.col("source_id").isin(unreadable)) if unreadable else in_use
    models = _chosen_models(readable, production_line)
    unlearnt = production_line.join(models.select(LINE), LINE, "left_anti")
    _check_priors(unlearnt.join(energy.select(LINE).distinct(), LINE, "left_semi"))
    by_prior = _by_prior(energy, unlearnt, uncertainty_rating)
    found = by_prior.unionByName(_by_model(energy, models, production_line, estimator(context.region.time_zone, weather_of(weather_hourly))))
    return _flagged(found, _substituted(production_line, readable, unreadable)) if unreadable else found


def _substituted(production_line: DataFrame, readable: DataFrame, unreadable: list[str]) -> DataFrame:
    """The lines that would go by a model which cannot be read: their own, or without an own that of their industry."""
    sources = [F.col(LINE), F.concat(F.lit(INDUSTRY_SOURCE), F.col("industry_code"))]
    concerned = production_line.where(sources[0].isin(unreadable) | sources[1].isin(unreadable)).select(F.col(LINE).alias("source_id"))
    return concerned.join(readable.select("source_id"), "source_id", "left_anti")


def _flagged(found: DataFrame, substituted: DataFrame) -> DataFrame:
    """The hours with the substitute named in imputation_code, where nothing else is; many hours to at most one line."""
    is_plain = F.coalesce(F.col("imputation_code"), F.lit("")).isin("", "none")
    marked = found.join(F.broadcast(substituted.withColumn("is_substituted", F.lit(True))), "source_id", "left")
    said = F.when(F.col("is_substituted") & is_plain, UNREADABLE).otherwise(F.col("imputation_code"))
    return marked.withColumn("imputation_code", said).drop("is_substituted")


def _chosen_models(in_use: DataFrame, production_line: DataFrame) -> DataFrame:
    """One row a line that has a model: its own, else that of its industry when it counts in the unit of the line."""
    sources = F.array(F.col(LINE), F.concat(F.lit(INDUSTRY_SOURCE), F.col("industry_code")))
    lines = production_line.select(LINE, "activity_unit_code", F.posexplode(sources).alias("choice_number", "source_id"))
    unit = F.get_json_object("parameters_json", "$.activity_unit_code")
    # One model a source, so at most two a line; a model of its own need not say in which unit it counts.
    found = lines.join(in_use, "source_id").where((F.col("choice_number") == 0) | (unit == F.col("activity_unit_code")))
    first = found.groupBy(LINE).agg(F.min("choice_number").alias("choice_number"))
    columns = [LINE, "activity_unit_code", "model_version_id", "parameters_json", "activity_correction", "interval_correction"]
    return found.join(first, [LINE, "choice_number"]).select(*columns)


def _check_priors(lines: DataFrame) -> None:
    bad = F.col("reference_energy_kwh").isNull() | (F.col("reference_energy_kwh") <= 0) | (F.col("base_load_share") >= 1)
    for name in PRIOR_FIELDS:
        bad = bad | F.col(name).isNull()
    found = lines.where(bad | (F.col("power_elasticity") <= 0)).select(F.min(LINE), F.count("*")).toArrow()
    first, count = found.column(0)[0].as_py(), found.column(1)[0].as_py()
    if count:
        raise InputError(
            f"table production_line: {count} lines with energy have neither a model nor a usable prior, first {first}",
            f"fill {', '.join(PRIOR_FIELDS)}",
        )


def _by_prior(energy: DataFrame, lines: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    spread = uncertainty_rating.where(F.col("rating_code") == PRIOR_RATING).select(F.col("relative_sd_share").alias("activity_relative_sd_share"))
    prior = lines.select(LINE, "activity_unit_code", *PRIOR_FIELDS).crossJoin(F.broadcast(spread))
    # Many hours to one line: production_line_id is the key of the registry table.
    hours = energy.join(F.broadcast(prior), LINE).withColumn("activity", _prior_activity(F.col("energy_kwh")))
    value, deviation = F.col("activity"), F.col("activity_relative_sd_share")
    lower, upper = uncertainty.activity_p05(value, deviation), uncertainty.activity_p95(value, deviation)
    least, most = _reach_of_energy()
    return hours.select(
        F.col(LINE).alias("source_id"), "hour_utc", value,
        _not_below_zero(value - _together(value - lower, value - least)).alias("activity_p05"),
        (value + _together(upper - value, most - value)).alias("activity_p95"), "activity_unit_code",
        _method().alias("method_code"), F.lit(PRIOR).alias("model_version_id"), "imputation_code",
    )  # fmt: skip


def _prior_activity(energy: Column) -> Column:
    column = F.col
    value: Column = industry.activity(
        energy, column("reference_energy_kwh"), base_load_share=column("base_load_share"),
        power_elasticity=column("power_elasticity"), capacity_per_h=column("capacity_per_h"),
    )  # fmt: skip
    return value


def _reach_of_energy() -> tuple[Column, Column]:
    """Activity at the 5th and 95th percentile of the energy: by the working energy, which knows of the base load, where it is told."""
    reach = F.col("energy_sd_kwh") * uncertainty.NINETY_FIFTH
    working = F.col("working_energy_sd_kwh") * uncertainty.NINETY_FIFTH * F.col("capacity_per_h") / F.col("reference_energy_kwh")
    least = F.coalesce(F.col("activity") - working, _prior_activity(_not_below_zero(F.col("energy_kwh") - reach)))
    return least, F.coalesce(F.col("activity") + working, _prior_activity(F.col("energy_kwh") + reach))


def _not_below_zero(value: Column) -> Column:
    """The embedded engine takes `greatest` with a literal for a column that is never null, and then refuses one that may be."""
    return F.when(value > 0, value).otherwise(F.when(value.isNotNull(), 0.0))


def _together(one: Column, other: Column) -> Column:
    """The reach of two independent errors: the root of the sum of their squares (IPCC 2006 guidelines volume 1 chapter 3, equation 3.2)."""
    return (one * one + other * other) ** 0.5


def _method() -> Column:
    return F.when(F.col("energy_method_code") == PRIOR, PROFILE).otherwise(MODELLED)


def _by_model(energy: DataFrame, models: DataFrame, production_line: DataFrame, estimate_lines: Callable[[pa.Table, pa.Table], pa.Table]) -> DataFrame:
    """One group a portion of the enterprises on either side: the hours of their lines, and the one row a line with its model.

    A line without a model rides along when another of its enterprise has one, which may ask for its load.
    A model sees the energy that goes with the work alone, where the registry tells of the line's base load, as its training did.
    The embedded engine refuses nulls in cogrouped frames, so an hour without imputation rides with an empty text.
    """
    portion = (F.crc32("enterprise_id") % PORTIONS).alias("portion_number")
    placed = models.join(production_line.select(LINE, "enterprise_id", portion), LINE)
    lines = production_line.select(LINE, "enterprise_id", portion).join(placed.select("enterprise_id").distinct(), "enterprise_id", "left_semi")
    # Many hours to one line of the registry, whose key is production_line_id.
    mine = energy.join(F.broadcast(lines.select(LINE, "portion_number")), LINE)
    hours = mine.select(
        "portion_number", LINE, "hour_utc", F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh"),
        F.coalesce("working_energy_sd_kwh", "energy_sd_kwh").alias("energy_sd_kwh"), _method().alias("method_code"),
        F.coalesce(F.col("imputation_code"), F.lit("")).alias("imputation_code"),
    )  # fmt: skip
    of_models = placed.select("portion_number", *models.columns)
    return hours.groupBy("portion_number").cogroup(of_models.groupBy("portion_number")).applyInArrow(estimate_lines, ROW)
