"""The stage that turns the energy of production lines into their activity, hour by hour, with a 90 % interval.

Belongs here: lines with a model and lines that go by their prior. Does not: which model a line has (model_choice), the models (proxy), emission (industry).
"""

from collections.abc import Callable
from dataclasses import fields
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.activity_model.inputs.weather import weather_of
from bigdata_emis.activity_model.stored.champion import CORRECTIONS, SOURCE, model_texts
from bigdata_emis.context import Context
from bigdata_emis.equations import industry, uncertainty
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.activity.model_choice import ModelChoice
from bigdata_emis.inventory.activity.predict_lines import COLUMNS, KINDS, MEASURED, ROW, EnergyRule, estimator

MODELLED, PROFILE = "modelled", "profile"
PRIOR = "prior"
"""Stands where the version of a model would: the line goes by the prior of its registry row. Also the method of energy that is a guess."""
UNREADABLE = "unreadable_model"
PRIOR_RATING = "C"
PRIOR_FIELDS = ("capacity_per_h", "base_load_share", "power_elasticity", "reference_energy_kwh")
ENERGY = ("hour_utc", "energy_kwh", "energy_sd_kwh", "energy_method_code", "imputation_code")
WORKING = ("working_energy_kwh", "working_energy_sd_kwh")
LINE = "production_line_id"
ROWS = pa.schema([(name, KINDS.get(name, pa.string())) for name in COLUMNS])
EstimateLines = Callable[[pa.Table, pa.Table], pa.Table]
PORTIONS = 16
"""Lines handed over together: a call of the engine costs more than a model, and a portion must fit in memory."""


def estimate_activity(
    line_energy_hourly: DataFrame,
    production_line: DataFrame,
    model_version: DataFrame,
    model_watch: DataFrame,
    uncertainty_rating: DataFrame,
    weather_hourly: DataFrame,
    activity_parameter: DataFrame,
    *,
    context: Context,
) -> DataFrame | pa.Table:
    """Activity of every line whose energy is known: by its own model where one was learnt, else by that of its industry, else by its prior.

    The prior is A = capacity × ((P / P_ref − b) / (1 − b)) ^ (1 / eps), lognormal with the spread of rating C; its
    model_version_id is "prior". What the energy itself leaves open widens the interval, so a line that was allocated a part of a
    district's total is less sure than a metered one. The method is "profile" where the energy is a guess. The last hours of
    the window are estimated without knowing whether a stop follows; to a model, hours before the window tell of their neighbours only.
    A line whose stored model cannot be read goes as one without a model, and its hours say so in imputation_code; so do hours without
    the weather or the load of another line of the enterprise that their model asks for.

    Raises:
        InputError: a line without a model lacks a prior, or its reference energy is zero or its base load one; activity_parameter
            lacks a row.
    """
    rule = _energy_rule(activity_parameter)
    energy = line_energy_hourly.select(LINE, *ENERGY, *WORKING)
    estimate_lines = estimator(
        context.region.time_zone, rule, weather_of(weather_hourly), from_utc=context.window.from_utc
    )
    choice = ModelChoice.of(production_line, model_version, model_watch, context.known_utc)
    by_model = _by_readable_models(energy, choice, model_texts(model_version), production_line, estimate_lines)
    unlearnt = _others(production_line, by_model.lines)
    _check_priors(unlearnt.join(energy.select(LINE).distinct(), LINE, "left_semi"))
    by_prior = _by_prior(energy, unlearnt, uncertainty_rating)
    if not by_model.lines and not by_model.substituted:
        return by_prior
    rows = by_prior.toArrow().select(COLUMNS).cast(by_model.rows.schema)
    return _flagged(pa.concat_tables([rows, by_model.rows]), by_model.substituted)


def _others(production_line: DataFrame, lines: list[str]) -> DataFrame:
    if not lines:
        return production_line
    return production_line.join(
        production_line.sparkSession.createDataFrame(pa.table({LINE: lines})), LINE, "left_anti"
    )


def _energy_rule(activity_parameter: DataFrame) -> EnergyRule:
    rows = activity_parameter.select("parameter_name", "parameter_value").toArrow().to_pylist()
    told = {row["parameter_name"]: float(row["parameter_value"]) for row in rows}
    lacking = [field.name for field in fields(EnergyRule) if field.name not in told]
    if lacking:
        raise InputError(f"reference activity_parameter has no row {', '.join(lacking)}", "add it, with its source")
    return EnergyRule(**{field.name: told[field.name] for field in fields(EnergyRule)})


class _ByModel(NamedTuple):
    """Hours by models, the lines that have a model, and those that have a substitute for one that cannot be read."""

    rows: pa.Table
    lines: list[str]
    substituted: set[str]


def _by_readable_models(
    energy: DataFrame, choice: ModelChoice, texts: DataFrame, production_line: DataFrame, estimate_lines: EstimateLines
) -> _ByModel:
    """The lines by their models; those whose model turns out not to be readable again without it, until every model that is left is.

    The models are read once, where they are used: to try them all beforehand would take as long as the day itself.
    """
    unreadable: set[tuple[str, str]] = set()
    chosen, parts = choice.without(unreadable), [ROWS.empty_table()]
    wanted = chosen
    while wanted.num_rows:
        rows = _by_model(energy, wanted, texts, production_line, estimate_lines).toArrow().cast(ROWS)
        parts.append(rows.filter(rows["activity"].is_valid()))
        broken = rows.filter(rows["activity"].is_null())["source_id"].combine_chunks()
        source_of = dict(zip(wanted[LINE].to_pylist(), wanted["source_id"].to_pylist(), strict=True))
        unreadable |= {(line, source_of[line]) for line in broken.to_pylist()}
        chosen = choice.without(unreadable)
        wanted = chosen.filter(pc.is_in(chosen[LINE], value_set=broken))
    return _ByModel(pa.concat_tables(parts), chosen[LINE].to_pylist(), {line for line, _ in unreadable})


def _flagged(rows: pa.Table, substituted: set[str]) -> pa.Table:
    """The hours with the substitute named in imputation_code, where nothing else is."""
    is_plain = pc.is_in(pc.fill_null(rows["imputation_code"], ""), value_set=pa.array(MEASURED))
    is_marked = pc.and_(is_plain, pc.is_in(rows["source_id"], value_set=pa.array(sorted(substituted), pa.string())))
    said = pc.if_else(is_marked, UNREADABLE, rows["imputation_code"])
    return rows.set_column(rows.column_names.index("imputation_code"), "imputation_code", said)


def _check_priors(lines: DataFrame) -> None:
    bad = (
        F.col("reference_energy_kwh").isNull() | (F.col("reference_energy_kwh") <= 0) | (F.col("base_load_share") >= 1)
    )
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
    spread = uncertainty_rating.where(F.col("rating_code") == PRIOR_RATING).select(
        F.col("relative_sd_share").alias("activity_relative_sd_share")
    )
    prior = lines.select(LINE, "activity_unit_code", *PRIOR_FIELDS).crossJoin(F.broadcast(spread))
    # Many hours to one line: production_line_id is the key of the registry table.
    hours = energy.join(F.broadcast(prior), LINE).withColumn("activity", _prior_activity(F.col("energy_kwh")))
    value, deviation = F.col("activity"), F.col("activity_relative_sd_share")
    lower, upper = uncertainty.activity_p05(value, deviation), uncertainty.activity_p95(value, deviation)
    least, most = _reach_of_energy()
    return hours.select(
        F.col(LINE).alias("source_id"),
        "hour_utc",
        value,
        _not_below_zero(value - _together(value - lower, value - least)).alias("activity_p05"),
        (value + _together(upper - value, most - value)).alias("activity_p95"),
        "activity_unit_code",
        _method().alias("method_code"),
        F.lit(PRIOR).alias("model_version_id"),
        "imputation_code",
    )


def _prior_activity(energy: Column) -> Column:
    column = F.col
    value: Column = industry.activity(
        energy,
        column("reference_energy_kwh"),
        base_load_share=column("base_load_share"),
        power_elasticity=column("power_elasticity"),
        capacity_per_h=column("capacity_per_h"),
    )
    return value


def _reach_of_energy() -> tuple[Column, Column]:
    """Activity at the 5th and 95th percentile of the energy: by the working energy, which knows of the base load, where it is told."""
    reach = F.col("energy_sd_kwh") * uncertainty.NINETY_FIFTH
    working = (
        F.col("working_energy_sd_kwh")
        * uncertainty.NINETY_FIFTH
        * F.col("capacity_per_h")
        / F.col("reference_energy_kwh")
    )
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


def _by_model(
    energy: DataFrame, chosen: pa.Table, texts: DataFrame, production_line: DataFrame, estimate_lines: EstimateLines
) -> DataFrame:
    """One group a portion of the enterprises on either side: the hours of their lines, and the one row a line with its model.

    A line without a model rides along when another of its enterprise has one, which may ask for its load.
    A model sees the energy that goes with the work alone, where the registry tells of the line's base load, as its training did.
    The embedded engine refuses nulls in cogrouped frames, so an hour without imputation rides with an empty text.
    """
    portion = (F.crc32("enterprise_id") % PORTIONS).alias("portion_number")
    models = energy.sparkSession.createDataFrame(chosen)
    lines = production_line.select(LINE, "enterprise_id", portion).join(
        models.select("enterprise_id").distinct(), "enterprise_id", "left_semi"
    )
    # Many hours to one line of the registry, whose key is production_line_id.
    mine = energy.join(F.broadcast(lines.select(LINE, "portion_number")), LINE)
    hours = mine.select(
        "portion_number",
        LINE,
        "hour_utc",
        F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh"),
        F.coalesce("working_energy_sd_kwh", "energy_sd_kwh").alias("energy_sd_kwh"),
        _method().alias("method_code"),
        F.coalesce(F.col("imputation_code"), F.lit("")).alias("imputation_code"),
    )
    # At most one text a version; the model of an industry speaks for many lines.
    told = models.join(texts, SOURCE).select(
        portion, LINE, "activity_unit_code", "model_version_id", "parameters_json", *CORRECTIONS
    )
    return hours.groupBy("portion_number").cogroup(told.groupBy("portion_number")).applyInArrow(estimate_lines, ROW)
