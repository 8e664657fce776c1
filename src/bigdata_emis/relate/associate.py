"""Which indicators go with emission and air quality, how strongly, and with how many hours between.

Belongs here: the stage, and which series are compared by which method. Does not: the series (indicator_series), the methods.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.context import Context
from bigdata_emis.relate.association import indicator_series
from bigdata_emis.relate.association.pairs import AssociationOptions, Compared, compare_period
from bigdata_emis.relate.association.series_matrix import matrices
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import HOUR, day_window

Period = tuple[datetime, datetime]
RESULT = (
    "indicator string, target string, association_method_code string, lag_h bigint, from_utc timestamp, to_utc timestamp, "
    "last_hour_utc timestamp, strength double, strength_p05 double, strength_p95 double, p_value double, q_value double, "
    "sample_count bigint, effective_sample_count double, rank_number bigint, association_reason_code string"
)
FEW_PAIRS = "few_pairs"
COLUMNS = tuple(part.split()[0] for part in RESULT.split(", "))


def result_table(found: Sequence[tuple[Compared, Floats]], period: Period) -> pa.Table:
    """One row a pair and method, in the order of the comparisons."""
    declared = arrow_schema(schema.table("association"))
    wanted = pa.schema([pa.field(name, declared.field(name).type) for name in COLUMNS])
    parts = [_rows(compared, false_share, period, wanted) for compared, false_share in found]
    return pa.concat_tables(parts) if parts else wanted.empty_table()


def _rows(compared: Compared, false_share: Floats, period: Period, wanted: pa.Schema) -> pa.Table:
    finding = compared.finding
    count = finding.strength.size
    numbers = {
        "lag_h": finding.lag_h,
        "strength": finding.strength,
        "strength_p05": finding.low,
        "strength_p95": finding.high,
        "p_value": finding.chance,
        "q_value": false_share,
        "sample_count": finding.count,
        "effective_sample_count": finding.worth,
        "rank_number": compared.ranks,
    }
    times = {"from_utc": period[0], "to_utc": period[1], "last_hour_utc": period[1] - HOUR}
    reasons = [FEW_PAIRS if few else None for few in finding.is_few.ravel().tolist()]
    names = _pairs(compared) | {"association_method_code": [finding.method] * count, "association_reason_code": reasons}
    columns: dict[str, Any] = {name: _column(values, wanted.field(name).type) for name, values in numbers.items()}
    columns |= {name: pa.array([at] * count, wanted.field(name).type) for name, at in times.items()}
    columns |= {name: pa.array(values, pa.string()) for name, values in names.items()}
    return pa.table([columns[name] for name in COLUMNS], schema=wanted)


def _pairs(compared: Compared) -> dict[str, list[Any]]:
    if compared.is_paired:
        return {"indicator": list(compared.indicators), "target": list(compared.targets)}
    return {
        "indicator": [name for name in compared.indicators for _ in compared.targets],
        "target": [name for _ in compared.indicators for name in compared.targets],
    }


def _column(values: Floats, kind: pa.DataType) -> pa.Array:
    flat = np.asarray(values, float).ravel()
    return pa.array(flat, pa.float64(), mask=~np.isfinite(flat)).cast(kind)


PERIOD_DAYS = 10
"""Length of a period in local days: the day itself and nine before it."""
HISTORY_DAYS = 60
"""Local days of air quality and weather that teach the forest; the stage's lookback is one day less."""


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
    """Each indicator against each target over the ten days that end with each day of the window, by several methods.

    Indicators: energy in total, by industry, district and enterprise, its shares by industry and fuel (the energy mix); speed and
    flow; devices; activity indices. Targets: air quality, the same with the weather taken out, stack monitors, the inventory;
    and for an enterprise or district its own monitors. The inventory is itself made from these indicators: what it shares
    with them is partly of our making. Every pair keeps its row; where a method has nothing to say the strength is empty.
    An association is a hint, never proof of cause.
    """
    periods, options, zone = _periods(context), AssociationOptions.of(context.region), context.region.time_zone
    first = periods[0][0]
    recent = [
        frame.where(F.col("hour_utc") >= F.lit(first))
        for frame in (
            power_hourly,
            traffic_hourly,
            signalling_hourly,
            area_activity_hourly,
            cems_hourly,
            emission_total_hourly,
        )
    ]
    power, traffic, signalling, areas, cems, emission = recent
    series = [
        indicator_series.power_series(power, meter, production_line, enterprise),
        indicator_series.activity_series(traffic, signalling, areas, activity_area),
        indicator_series.target_series(air_quality_hourly, cems, emission),
        indicator_series.own_series(cems, stack, production_line, enterprise),
        indicator_series.weather_series(weather_hourly),
    ]

    def compare(everything: pa.Table) -> pa.Table:
        return compared(everything, periods, options=options, time_zone=zone)

    together = (
        reduce(DataFrame.unionByName, series).where(F.col("value").isNotNull()).withColumn("everything", F.lit(1))
    )
    return together.groupBy("everything").applyInArrow(compare, RESULT)


def compared(series: pa.Table, periods: Sequence[Period], *, options: AssociationOptions, time_zone: str) -> pa.Table:
    """The associations of hourly series in long form, for each period."""
    found = []
    for period in periods:
        history = (period[1] - timedelta(days=HISTORY_DAYS), period[1])
        held = matrices(series, period, history, time_zone=time_zone)
        found.append(result_table(compare_period(held, options), period))
    return pa.concat_tables(found)


def _periods(context: Context) -> list[Period]:
    """The ten local days up to each day of the window."""
    zone = context.region.time_zone
    days = context.window.days(zone)
    return [
        (day_window(day - timedelta(days=PERIOD_DAYS - 1), zone).from_utc, day_window(day, zone).to_utc) for day in days
    ]
