"""The stage that estimates the hourly activity of production lines from their energy, with a 90 % interval.

Belongs here: lines with a stored model and lines with a prior only. Does not: which model a line has
(activity/model_choice), the models themselves (activity_model), emission (emit_industry).
"""

from collections.abc import Callable
from dataclasses import fields
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis.activity_model.inputs.weather import read_region_weather
from bigdata_emis.activity_model.stored.champion import BLEND, CORRECTIONS, SOURCE_KEY, select_model_texts
from bigdata_emis.codes import EnergyMethod, Imputation, Method
from bigdata_emis.context import Context
from bigdata_emis.equations import industry, uncertainty
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.activity.model_choice import ModelChoice
from bigdata_emis.inventory.activity.predict_lines import (
    COLUMN_TYPES,
    COLUMNS,
    NOT_IMPUTED,
    ROW,
    EnergyRule,
    make_line_estimator,
)
from bigdata_emis.inventory.activity.prior_spread import HOUR_SPREAD, RatedSpread, learn_hour_spread
from bigdata_emis.reference.named_values import Parameters

PRIOR_VERSION = "prior"
"""The model_version_id of a line without a model, which is estimated by the prior of its registry row."""
PRIOR_FIELDS = ("capacity_per_h", "base_load_share", "power_elasticity", "reference_energy_kwh")
ENERGY = ("hour_utc", "energy_kwh", "energy_sd_kwh", "energy_method_code", "imputation_code")
WORKING = ("working_energy_kwh", "working_energy_sd_kwh")
LINE = "production_line_id"
ROWS = pa.schema([(name, COLUMN_TYPES.get(name, pa.string())) for name in COLUMNS])
EstimateLines = Callable[[pa.Table, pa.Table], pa.Table]
BATCHES = 16
"""Groups of enterprises: a call of the engine costs more than a model, and a group must fit in memory."""


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
    """Activity of every line with energy: by its model, that of its industry, or its prior.

    `activity` is the typical value of the line, and `expected_activity` its mean, which sums over lines need: larger
    where the model is that of an industry, whose plants are skewed. The prior, with b the base load share and eps the
    power elasticity, is

        A = capacity × ((P ÷ P_ref − b) ÷ (1 − b)) ^ (1 ÷ eps)

    lognormal; its spread over eps is what lines with a model of their own show of the prior on the day, beside rating C
    (activity/prior_spread). Its model_version_id is "prior" and its method is "profile" where the energy itself is
    estimated. The uncertainty of the energy widens the interval, so a line that was allocated a part of a district
    total is less certain than a metered one. The last hours of the window are estimated without the knowledge whether
    a stop follows; hours before the window are only inputs of their neighbours. A line whose stored model cannot be
    parsed is estimated as one without a model; imputation_code marks its hours, and those that lack the weather or the
    energy of another line of the enterprise that their model needs.

    Raises:
        InputError: a line without a model lacks a prior, or its reference energy is zero or its base load share is 1;
            activity_parameter lacks a row.
    """
    rule = _read_energy_rule(activity_parameter)
    energy = line_energy_hourly.select(LINE, *ENERGY, *WORKING)
    estimate_lines = make_line_estimator(
        context.region.time_zone, rule, read_region_weather(weather_hourly), from_utc=context.window.from_utc
    )
    choice = ModelChoice.load(production_line, model_version, model_watch, context.known_utc)
    by_model = _estimate_by_models(energy, choice, select_model_texts(model_version), production_line, estimate_lines)
    without_model = _without_lines(production_line, by_model.lines)
    _check_priors(without_model.join(energy.select(LINE).distinct(), LINE, "left_semi"))
    rated = RatedSpread.read(uncertainty_rating.toArrow())
    hour_spread = HOUR_SPREAD.empty_table()
    if by_model.own_lines and len(by_model.lines) < len(choice.lines):
        hours = _prior_beside_models(energy, production_line, by_model)
        hour_spread = learn_hour_spread(hours, rated, context.region.time_zone)
    by_prior = _estimate_by_prior(energy, without_model, hour_spread, rated)
    if not by_model.lines and not by_model.with_substitute:
        return by_prior
    rows = by_prior.toArrow().select(COLUMNS).cast(by_model.rows.schema)
    return _mark_substitutes(pa.concat_tables([rows, by_model.rows]), by_model.with_substitute)


def _without_lines(production_line: DataFrame, lines: list[str]) -> DataFrame:
    if not lines:
        return production_line
    excluded = production_line.sparkSession.createDataFrame(pa.table({LINE: lines}))
    return production_line.join(excluded, LINE, "left_anti")


def _read_energy_rule(activity_parameter: DataFrame) -> EnergyRule:
    values = Parameters("activity_parameter", activity_parameter.toArrow())
    return EnergyRule(**{field.name: values[field.name] for field in fields(EnergyRule)})


class _ModelEstimates(NamedTuple):
    """Hours by models, the lines that have a model, those with one of their own, and those with a substitute."""

    rows: pa.Table
    lines: list[str]
    own_lines: list[str]
    with_substitute: set[str]


def _estimate_by_models(
    energy: DataFrame, choice: ModelChoice, texts: DataFrame, production_line: DataFrame, estimate_lines: EstimateLines
) -> _ModelEstimates:
    """The lines by their models; lines with an unreadable model are estimated again without it.

    The models are read once, where they are used: to test all of them in advance would take as long as the whole day.
    """
    unreadable: set[tuple[str, str]] = set()
    chosen, parts = choice.choose_models(unreadable), [ROWS.empty_table()]
    remaining = chosen
    while remaining.num_rows:
        batch = _apply_models(energy, remaining, texts, production_line, estimate_lines)
        rows = batch.toArrow().cast(ROWS)
        parts.append(rows.filter(rows["activity"].is_valid()))
        failed = rows.filter(rows["activity"].is_null())["source_id"].combine_chunks()
        source_of = dict(zip(remaining[LINE].to_pylist(), remaining["source_id"].to_pylist(), strict=True))
        unreadable |= {(line, source_of[line]) for line in failed.to_pylist()}
        chosen = choice.choose_models(unreadable)
        remaining = chosen.filter(pc.is_in(chosen[LINE], value_set=failed))
    own = chosen.filter(pc.equal(chosen[LINE], chosen["source_id"]))[LINE].to_pylist()
    return _ModelEstimates(pa.concat_tables(parts), chosen[LINE].to_pylist(), own, {line for line, _ in unreadable})


def _mark_substitutes(rows: pa.Table, lines: set[str]) -> pa.Table:
    """The hours with "unreadable_model" as imputation code of these lines, where the energy was not imputed."""
    is_plain = pc.is_in(pc.fill_null(rows["imputation_code"], ""), value_set=pa.array(NOT_IMPUTED))
    is_marked = pc.and_(is_plain, pc.is_in(rows["source_id"], value_set=pa.array(sorted(lines), pa.string())))
    codes = pc.if_else(is_marked, Imputation.UNREADABLE_MODEL, rows["imputation_code"])
    return rows.set_column(rows.column_names.index("imputation_code"), "imputation_code", codes)


def _check_priors(lines: DataFrame) -> None:
    is_unusable = (
        F.col("reference_energy_kwh").isNull() | (F.col("reference_energy_kwh") <= 0) | (F.col("base_load_share") >= 1)
    )
    for name in PRIOR_FIELDS:
        is_unusable = is_unusable | F.col(name).isNull()
    unusable = lines.where(is_unusable | (F.col("power_elasticity") <= 0)).select(F.min(LINE), F.count("*")).toArrow()
    first, count = unusable.column(0)[0].as_py(), unusable.column(1)[0].as_py()
    if count:
        raise InputError(
            f"table production_line: {count} lines with energy have neither a model nor a usable prior, first {first}",
            f"fill {', '.join(PRIOR_FIELDS)}",
        )


def _prior_beside_models(energy: DataFrame, production_line: DataFrame, by_model: _ModelEstimates) -> pa.Table:
    """The hours of lines with a model of their own: its activity, and that which their prior would give, if any."""
    registered = production_line.where(F.col(LINE).isin(by_model.own_lines)).select(
        LINE, "industry_code", *PRIOR_FIELDS
    )
    # Many hours to one line: production_line_id is the key of the registry table.
    by_prior = energy.join(F.broadcast(registered), LINE).select(
        F.col(LINE).alias("source_id"),
        "hour_utc",
        "industry_code",
        "power_elasticity",
        _prior_activity(F.col("energy_kwh")).alias("prior_activity"),
    )
    of_models = by_model.rows.select(["source_id", "hour_utc", "activity"])
    return (
        by_prior.where(F.col("prior_activity").isNotNull())
        .toArrow()
        .join(of_models, ["source_id", "hour_utc"], join_type="inner")
    )


def _estimate_by_prior(energy: DataFrame, lines: DataFrame, hour_spread: pa.Table, rated: RatedSpread) -> DataFrame:
    spread = energy.sparkSession.createDataFrame(hour_spread, from_arrow_schema(HOUR_SPREAD))
    prior = lines.select(LINE, "activity_unit_code", *PRIOR_FIELDS)
    # Many hours to one line: production_line_id is the key of the registry table; at most one spread an hour.
    hours = (
        energy.join(F.broadcast(prior), LINE)
        .join(F.broadcast(spread), "hour_utc", "left")
        .withColumn("activity", _prior_activity(F.col("energy_kwh")))
        .withColumn("activity_relative_sd_share", _prior_relative_sd(rated))
    )
    value, relative_sd = F.col("activity"), F.col("activity_relative_sd_share")
    lower, upper = uncertainty.activity_p05(value, relative_sd), uncertainty.activity_p95(value, relative_sd)
    low, high = _activity_at_energy_bounds()
    return hours.select(
        F.col(LINE).alias("source_id"),
        "hour_utc",
        value,
        _floor_at_zero(value - _add_in_quadrature(value - lower, value - low)).alias("activity_p05"),
        (value + _add_in_quadrature(upper - value, high - value)).alias("activity_p95"),
        value.alias("expected_activity"),  # the prior is the mean of its log-normal
        "activity_unit_code",
        _method_code().alias("method_code"),
        F.lit(PRIOR_VERSION).alias("model_version_id"),
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


def _prior_relative_sd(rated: RatedSpread) -> Column:
    log_sd = industry.prior_log_sd(
        F.coalesce("working_power_log_sd", F.lit(rated.prior)),
        power_elasticity=F.col("power_elasticity"),
        largest_log_sd=F.lit(rated.widest),
    )
    relative_sd: Column = industry.prior_relative_sd_share(log_sd)
    return relative_sd


def _activity_at_energy_bounds() -> tuple[Column, Column]:
    """Activity at the 5th and 95th percentile of the energy.

    From the working energy, which excludes the base load, where it is given.
    """
    margin = F.col("energy_sd_kwh") * uncertainty.NINETY_FIFTH
    working_margin = (
        F.col("working_energy_sd_kwh")
        * uncertainty.NINETY_FIFTH
        * F.col("capacity_per_h")
        / F.col("reference_energy_kwh")
    )
    activity, energy = F.col("activity"), F.col("energy_kwh")
    low = F.coalesce(activity - working_margin, _prior_activity(_floor_at_zero(energy - margin)))
    return low, F.coalesce(activity + working_margin, _prior_activity(energy + margin))


def _floor_at_zero(value: Column) -> Column:
    """The larger of a value and zero.

    The embedded engine types `greatest` with a literal as never null, and then refuses a column that may be null.
    """
    return F.when(value > 0, value).otherwise(F.when(value.isNotNull(), 0.0))


def _add_in_quadrature(first: Column, second: Column) -> Column:
    """The root of the sum of squares of two independent errors (IPCC 2006 guidelines, vol. 1, ch. 3, equation 3.2)."""
    return (first * first + second * second) ** 0.5


def _method_code() -> Column:
    is_estimated = F.col("energy_method_code") == EnergyMethod.PRIOR
    return F.when(is_estimated, Method.PROFILE).otherwise(Method.MODELLED)


def _apply_models(
    energy: DataFrame, chosen: pa.Table, texts: DataFrame, production_line: DataFrame, estimate_lines: EstimateLines
) -> DataFrame:
    """Pass the hours and the models of each batch of enterprises to the estimator, one cogroup for each batch.

    A line without a model is included when another line of its enterprise has one, which may use its energy. A model
    receives the working energy, which excludes the base load, where the registry gives it, as in its training. The
    embedded engine refuses nulls in cogrouped frames, so an hour without imputation carries an empty text.
    """
    batch = (F.crc32("enterprise_id") % BATCHES).alias("batch_number")
    models = energy.sparkSession.createDataFrame(chosen)
    lines = production_line.select(LINE, "enterprise_id", batch).join(
        models.select("enterprise_id").distinct(), "enterprise_id", "left_semi"
    )
    # Many hours to one line of the registry, whose key is production_line_id.
    hours = energy.join(F.broadcast(lines.select(LINE, "batch_number")), LINE).select(
        "batch_number",
        LINE,
        "hour_utc",
        F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh"),
        F.coalesce("working_energy_sd_kwh", "energy_sd_kwh").alias("energy_sd_kwh"),
        _method_code().alias("method_code"),
        F.coalesce(F.col("imputation_code"), F.lit("")).alias("imputation_code"),
    )
    # At most one text for each version; the model of an industry is that of many lines.
    partner_texts = texts.select(
        "source_id", F.col("model_version_id").alias("blend_version_id"), F.col("parameters_json").alias("blend_json")
    )
    with_text = (
        models.join(texts, SOURCE_KEY)
        .join(partner_texts, ["source_id", "blend_version_id"], "left")
        .select(
            batch,
            LINE,
            "activity_unit_code",
            "model_version_id",
            "parameters_json",
            F.coalesce(F.col("blend_json"), F.lit("")).alias("blend_json"),
            *CORRECTIONS,
            *BLEND,
        )
    )
    return hours.groupBy("batch_number").cogroup(with_text.groupBy("batch_number")).applyInArrow(estimate_lines, ROW)
