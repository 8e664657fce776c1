"""The stage associate: strength and lag between indicators and emission or air quality.

Belongs here: the stage, its periods, and rows of the table association.
Does not: the series (association/indicator_series), the choice of pairs (association/pairs), the methods.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import AssociationReason
from bigdata_emis.context import Context
from bigdata_emis.relate.association import indicator_series
from bigdata_emis.relate.association.pairs import AssociationOptions, Comparison, compare_period
from bigdata_emis.relate.association.series_matrix import Period, build_period_series
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import HOUR, day_window

RESULT = (
    "indicator string, target string, association_method_code string, lag_h bigint, from_utc timestamp, "
    "to_utc timestamp, last_hour_utc timestamp, strength double, strength_p05 double, strength_p95 double, "
    "p_value double, q_value double, sample_count bigint, effective_sample_count double, rank_number bigint, "
    "association_reason_code string"
)
COLUMNS = tuple(part.split()[0] for part in RESULT.split(", "))
PERIOD_DAYS = 10
"""Length of a period in local days: the day itself and nine before it."""
HISTORY_DAYS = 60
"""Local days of air quality and weather that the forest is fitted on; the stage's lookback is one day less."""


def associate(
    power_hourly: DataFrame,
    meter: DataFrame,
    production_line: DataFrame,
    enterprise: DataFrame,
    stack: DataFrame,
    traffic_hourly: DataFrame,
    signalling_hourly: DataFrame,
    area_activity_hourly: DataFrame,
    activity_area: DataFrame,
    cems_hourly: DataFrame,
    air_quality_hourly: DataFrame,
    weather_hourly: DataFrame,
    emission_total_hourly: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """Each indicator against each target, over the ten days up to each day of the window.

    Indicators: energy in total, by industry, district and enterprise, and its shares by industry and fuel (the energy
    mix); speed and flow of roads; phones; activity indices. Targets: air quality, deweathered air quality, stack
    monitors, the inventory; and for an enterprise or district its own monitors. The inventory is computed from these
    indicators: its correlation with them is in part a consequence of the method. Every pair keeps its row; where a
    method has no value the strength is null. An association is a hint, never proof of cause.

    Raises:
        InputError: an option of the region that does not exist.
    """
    periods, options, zone = _periods(context), AssociationOptions.from_region(context.region), context.region.time_zone

    def recent(frame: DataFrame) -> DataFrame:
        return frame.where(F.col("hour_utc") >= F.lit(periods[0][0]))

    traffic, signalling, areas = recent(traffic_hourly), recent(signalling_hourly), recent(area_activity_hourly)
    cems = recent(cems_hourly)
    series = [
        indicator_series.power_series(recent(power_hourly), meter, production_line, enterprise),
        indicator_series.activity_series(traffic, signalling, areas, activity_area),
        indicator_series.target_series(air_quality_hourly, cems, recent(emission_total_hourly)),
        indicator_series.own_series(cems, stack, production_line, enterprise),
        indicator_series.weather_series(weather_hourly),
    ]

    def compare(everything: pa.Table) -> pa.Table:
        return compare_series(everything, periods, options=options, time_zone=zone)

    known = reduce(DataFrame.unionByName, series).where(F.col("value").isNotNull())
    return known.withColumn("everything", F.lit(1)).groupBy("everything").applyInArrow(compare, RESULT)


def compare_series(
    series: pa.Table, periods: Sequence[Period], *, options: AssociationOptions, time_zone: str
) -> pa.Table:
    """The associations of hourly series in long form, for each period."""
    tables = []
    for period in periods:
        history = (period[1] - timedelta(days=HISTORY_DAYS), period[1])
        period_series = build_period_series(series, period, history, time_zone=time_zone)
        tables.append(association_rows(compare_period(period_series, options), period))
    return pa.concat_tables(tables)


def association_rows(comparisons: Sequence[tuple[Comparison, Floats]], period: Period) -> pa.Table:
    """One row for each pair and method, in the order of the comparisons."""
    declared = arrow_schema(schema.table("association"))
    wanted = pa.schema([pa.field(name, declared.field(name).type) for name in COLUMNS])
    parts = [_comparison_rows(comparison, q_values, period, wanted) for comparison, q_values in comparisons]
    return pa.concat_tables(parts) if parts else wanted.empty_table()


def _comparison_rows(comparison: Comparison, q_values: Floats, period: Period, wanted: pa.Schema) -> pa.Table:
    result = comparison.result
    count = result.strength.size
    numbers = {
        "lag_h": result.lag_h,
        "strength": result.strength,
        "strength_p05": result.p05,
        "strength_p95": result.p95,
        "p_value": result.p_value,
        "q_value": q_values,
        "sample_count": result.count,
        "effective_sample_count": result.effective_count,
        "rank_number": comparison.ranks,
    }
    times = {"from_utc": period[0], "to_utc": period[1], "last_hour_utc": period[1] - HOUR}
    texts = _pair_names(comparison) | {
        "association_method_code": [result.method] * count,
        "association_reason_code": _reasons(comparison),
    }
    columns: dict[str, Any] = {
        name: _number_column(values, wanted.field(name).type) for name, values in numbers.items()
    }
    columns |= {name: pa.array([at] * count, wanted.field(name).type) for name, at in times.items()}
    columns |= {name: pa.array(values, pa.string()) for name, values in texts.items()}
    return pa.table([columns[name] for name in COLUMNS], schema=wanted)


def _reasons(comparison: Comparison) -> list[str | None]:
    """Why a strength has no rank: too few independent pairs, or too few hours in common with the others."""
    result = comparison.result
    is_other = np.isfinite(result.strength) & ~result.has_few_pairs & np.isnan(comparison.ranks)
    codes = np.full(result.strength.shape, None, dtype=object)
    codes[is_other] = AssociationReason.OTHER_HOURS
    codes[result.has_few_pairs] = AssociationReason.FEW_PAIRS
    reasons: list[str | None] = codes.ravel().tolist()
    return reasons


def _pair_names(comparison: Comparison) -> dict[str, list[Any]]:
    """Indicator and target of each row, in the order of a raveled matrix."""
    if comparison.is_paired:
        return {"indicator": list(comparison.indicators), "target": list(comparison.targets)}
    return {
        "indicator": [name for name in comparison.indicators for _ in comparison.targets],
        "target": [name for _ in comparison.indicators for name in comparison.targets],
    }


def _number_column(values: Floats, kind: pa.DataType) -> pa.Array:
    flat = np.asarray(values, float).ravel()
    return pa.array(flat, pa.float64(), mask=~np.isfinite(flat)).cast(kind)


def _periods(context: Context) -> list[Period]:
    """The ten local days up to each day of the window."""
    zone = context.region.time_zone
    days = context.window.days(zone)
    return [
        (day_window(day - timedelta(days=PERIOD_DAYS - 1), zone).from_utc, day_window(day, zone).to_utc) for day in days
    ]
