"""Which indicators go with emission and air quality, how strongly, and with how many hours between.

Belongs here: which series are compared, and the table of the result. Does not: statistics (lags, equations/statistics).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from scipy import stats

from bigdata_emis import schema
from bigdata_emis.columns import exact_mean, exact_sum
from bigdata_emis.context import Context
from bigdata_emis.equations.statistics import grey_relational_grade, pearson, spearman
from bigdata_emis.relate import lags
from bigdata_emis.relate.lags import Floats
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import HOUR, day_window

PERIOD_DAYS = 10
"""Length of a period in local days: the day itself and the nine that the stage looks back on."""
NOT_PRODUCTION = "abatement"
RESULT = (
    "indicator string, target string, association_method_code string, lag_h bigint, from_utc timestamp, to_utc timestamp, "
    "last_hour_utc timestamp, strength double, strength_p05 double, strength_p95 double, p_value double, sample_count bigint, "
    "rank_number bigint"
)
Period = tuple[datetime, datetime]
Row = dict[str, Any]
Method = Callable[[Floats, Floats], tuple[float, float]]


def associate(
    power_hourly: DataFrame,
    meter: DataFrame,
    production_line: DataFrame,
    traffic_hourly: DataFrame,
    signalling_hourly: DataFrame,
    area_activity_hourly: DataFrame,
    cems_hourly: DataFrame,
    air_quality_hourly: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """Each indicator against each target over the ten days that end with each day of the window, by three methods.

    Indicators: energy by industry and in total (not of abatement), mean speed and flow, moving devices, mean activity index.
    Targets: mean air quality by pollutant, total stack emission by pollutant (best estimate). The lag, 0 to 48 hours, is that of the
    strongest correlation (of ranks for Spearman; the grey grade takes Pearson's). Intervals and p count hours for what they are
    worth given autocorrelation, and p is corrected for the lags tried. A pair without a day of common hours, or without
    variation, keeps its row with an empty strength. An association is a hint, never proof of cause.
    """
    series = [
        *_power_series(power_hourly, meter, production_line),
        _series(traffic_hourly, "traffic", F.lit("speed"), exact_mean(F.col("speed_km_per_h"))),
        _series(traffic_hourly, "traffic", F.lit("flow"), exact_mean(F.col("flow_veh_per_h"))),
        _series(signalling_hourly, "signalling", F.lit("moving"), exact_sum(F.col("moving_device_count"))),
        _series(area_activity_hourly, "area_activity", F.lit("index"), exact_mean(F.col("activity_index"))),
        _series(air_quality_hourly, "air_quality", F.col("pollutant_code"), exact_mean(F.col("concentration_ug_per_m3")), is_target=True),
        _series(cems_hourly, "stack", F.col("pollutant_code"), exact_sum(F.col("best_emission_g")), is_target=True),
    ]
    periods = _periods(context)

    def compare(everything: pa.Table) -> pa.Table:
        return compared(everything, periods)

    return reduce(DataFrame.unionByName, series).groupBy("everything").applyInArrow(compare, RESULT)


def compared(series: pa.Table, periods: Sequence[Period]) -> pa.Table:
    """The associations of hourly series in long form, for each period: a small matrix, compared in NumPy."""
    rows: list[Row] = []
    for period in periods:
        indicators, targets = (_by_name(series.filter(pc.equal(series["is_target"], wanted)), period) for wanted in (False, True))
        for name, target in sorted(targets.items()):
            rows.extend({**row, "target": name} for row in _against(indicators, target, period))
    declared = arrow_schema(schema.table("association"))
    fields = [pa.field(name, declared.field(name).type) for name in declared.names]
    return pa.Table.from_pylist(rows, pa.schema(fields)).select([part.split()[0] for part in RESULT.split(", ")])


def _power_series(power_hourly: DataFrame, meter: DataFrame, production_line: DataFrame) -> list[DataFrame]:
    """Energy by industry and in total, of every meter but those of abatement."""
    meters = meter.where(F.col("meter_role_code") != NOT_PRODUCTION).select("meter_id", "production_line_id")
    lines = meters.join(production_line.select("production_line_id", "industry_code"), "production_line_id")  # many meters to one line
    power = power_hourly.join(lines, "meter_id")  # many hours to one meter
    energy_kwh = exact_sum(F.col("energy_kwh"))
    return [_series(power, "power", name, energy_kwh) for name in (F.col("industry_code"), F.lit("total"))]


def _series(frame: DataFrame, kind: str, name: Column, value: Column, *, is_target: bool = False) -> DataFrame:
    """One hourly series a name; hours without a value stay away."""
    grouped = frame.withColumn("series", F.concat(F.lit(f"{kind}:"), name)).groupBy("series", "hour_utc").agg(value.alias("value"))
    return grouped.select(F.lit(1).alias("everything"), F.lit(is_target).alias("is_target"), "series", "hour_utc", "value")


def _periods(context: Context) -> list[Period]:
    """The ten local days up to each day of the window."""
    zone = context.region.time_zone
    days = context.window.days(zone)
    return [(day_window(day - timedelta(days=PERIOD_DAYS - 1), zone).from_utc, day_window(day, zone).to_utc) for day in days]


def _by_name(series: pa.Table, period: Period) -> dict[str, Floats]:
    """Each series over every hour of the period, NaN where it has no value."""
    start, end = (pa.scalar(instant, pa.timestamp("us", tz="UTC")) for instant in period)
    hours = series["hour_utc"].cast(start.type)
    inside = series.filter(pc.and_(pc.and_(pc.greater_equal(hours, start), pc.less(hours, end)), pc.is_valid(series["value"])))
    number = pc.hours_between(start, inside["hour_utc"].cast(start.type)).to_numpy()
    names, values = np.array(inside["series"].to_pylist(), dtype=object), inside["value"].to_numpy()
    found = {str(name): np.full(int((period[1] - period[0]) / HOUR), np.nan) for name in set(names)}
    for name, filled in found.items():
        filled[number[names == name]] = values[names == name]
    return found


def _against(indicators: dict[str, Floats], target: Floats, period: Period) -> list[Row]:
    """All indicators against one target, by each method, ranked within it."""
    names = sorted(indicators)
    by_value = [_correlated(indicators[name], target, pearson) for name in names]
    ranked = _ranked(target)
    by_rank = [_correlated(_ranked(indicators[name]), ranked, spearman, variance_factor=lags.SPEARMAN_VARIANCE) for name in names]
    by_grey = _grey([indicators[name] for name in names], target, by_value)
    about = {"from_utc": period[0], "to_utc": period[1], "last_hour_utc": period[1] - HOUR}
    return [
        {**about, **row, "indicator": name, "association_method_code": method, "rank_number": rank}
        for method, rows in (("pearson", by_value), ("spearman", by_rank), ("grey", by_grey))
        for name, row, rank in zip(names, rows, lags.ranks([row["strength"] for row in rows]), strict=True)
    ]


def _correlated(indicator: Floats, target: Floats, method: Method, *, variance_factor: float = 1.0) -> Row:
    lag_h = lags.best_lag_h(indicator, target)
    shifted = lags.lagged(indicator, lag_h)
    pairs = int((np.isfinite(shifted) & np.isfinite(target)).sum())
    strength = method(shifted, target)[0] if pairs >= lags.LEAST_PAIRS else np.nan
    if not np.isfinite(strength):
        return {"lag_h": 0, "strength": None, "sample_count": pairs}
    count = lags.effective_count(shifted, target)
    low, high = lags.fisher_interval(strength, count, variance_factor=variance_factor)
    chance = lags.p_value(strength, count, tried=lags.LONGEST_LAG_H + 1)
    return {"lag_h": lag_h, "strength": strength, "strength_p05": low, "strength_p95": high, "p_value": chance, "sample_count": pairs}


def _ranked(series: Floats) -> Floats:
    ranked: Floats = stats.rankdata(series, nan_policy="omit")
    return ranked


def _grey(indicators: Sequence[Floats], target: Floats, by_value: Sequence[Row]) -> list[Row]:
    """The grades of the indicators that have a correlation, each at its lag, compared together; the others stay empty."""
    rows: list[Row] = [{"lag_h": row["lag_h"], "strength": None, "sample_count": row["sample_count"]} for row in by_value]
    used = [number for number, row in enumerate(by_value) if row["strength"] is not None]
    if not used:
        return rows
    together = np.column_stack([lags.lagged(indicators[number], by_value[number]["lag_h"]) for number in used])
    hours = np.isfinite(together).all(axis=1) & np.isfinite(target)
    if hours.sum() < lags.LEAST_PAIRS:
        return rows
    grades = grey_relational_grade(together[hours], target[hours])
    low, high = lags.grey_interval(together[hours], target[hours])
    for place, number in enumerate(used):
        rows[number] |= {"strength": float(grades[place]), "strength_p05": float(low[place]), "strength_p95": float(high[place]),
                         "sample_count": int(hours.sum())}  # fmt: skip
    return rows
