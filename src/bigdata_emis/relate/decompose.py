"""The stage decompose: the emission change between two days, by LMDI driving factor.

Belongs here: the stage, daily sums by source, and the choice of the day compared with.
Does not: the driving factors (lmdi_factors), or the arithmetic of the decomposition (statistics/lmdi).
"""

from datetime import timedelta
from functools import reduce

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.relate.lmdi_factors import ACTIVITY, EMISSION, ENERGY, TRAVEL, decompose_sectors, pivot_by_source
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import Window, day_window

DAYS_PER_WEEK = 7
"""The same weekday is the fairest comparison, so a week before is preferred; the stage looks back as far."""
RESULT = (
    "sector_code string, pollutant_code string, change_factor_code string, base_from_utc timestamp, "
    "from_utc timestamp, base_emission_g double, change_g double"
)
RESULT_ARROW = pa.schema(
    [
        ("sector_code", pa.string()),
        ("pollutant_code", pa.string()),
        ("change_factor_code", pa.string()),
        ("base_from_utc", INSTANT),
        ("from_utc", INSTANT),
        ("base_emission_g", pa.float64()),
        ("change_g", pa.float64()),
    ]
)


def decompose(
    emission_hourly: DataFrame,
    line_energy_hourly: DataFrame,
    activity_hourly: DataFrame,
    traffic_hourly: DataFrame,
    road_link: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """The emission change of each sector and pollutant, by driving factor, from a week before.

        line:  E = energy of all lines × share of the line × activity ÷ energy × emission ÷ activity
        link:  E = vehicle-kilometres of all links × share of the link × emission ÷ vehicle-kilometre
        other: all change is activity

    Where a week before has no inventory, the latest earlier day of the week with one is compared; without any there is
    no row. The four terms of a sector add up to its change.
    """
    days = context.window.days(context.region.time_zone)
    span = [days[0] + timedelta(days=n) for n in range(-DAYS_PER_WEEK, len(days))]
    windows = [day_window(day, context.region.time_zone) for day in span]
    number = _day_number(windows)
    travel = traffic_hourly.join(road_link.select("link_id", "length_km"), "link_id")  # many hours to one link
    travel = travel.withColumnRenamed("link_id", "source_id")
    line_energy = line_energy_hourly.withColumnRenamed("production_line_id", "source_id")
    sector, pollutant = F.col("sector_code"), F.col("pollutant_code")
    sums = reduce(
        DataFrame.unionByName,
        (
            _daily_sums(emission_hourly, EMISSION, number, F.col("emission_g"), sector=sector, pollutant=pollutant),
            _daily_sums(line_energy, ENERGY, number, F.col("energy_kwh")),
            _daily_sums(activity_hourly, ACTIVITY, number, F.col("activity")),
            _daily_sums(travel, TRAVEL, number, F.col("flow_veh_per_h") * F.col("length_km")),
        ),
    )

    def explain(everything: pa.Table) -> pa.Table:
        return decompose_days(everything, windows, wanted=range(DAYS_PER_WEEK, len(windows)))

    return sums.groupBy("everything").applyInArrow(explain, RESULT)


def decompose_days(sums: pa.Table, windows: list[Window], *, wanted: range) -> pa.Table:
    """The LMDI terms of each wanted day by sector and pollutant, from daily sums by source.

    `wanted` numbers the days of `windows`; a wanted day without inventory, or without one to compare with, has no row.
    """
    matrices = {kind: pivot_by_source(sums, kind, len(windows)) for kind in (EMISSION, ENERGY, ACTIVITY, TRAVEL)}
    days = np.flatnonzero(np.isfinite(matrices[EMISSION].values).any(axis=0)).tolist()
    tables: list[pa.Table] = [RESULT_ARROW.empty_table()]
    for day in wanted:
        earlier = [number for number in days if day - DAYS_PER_WEEK <= number < day]
        if day in days and earlier:
            base = day - DAYS_PER_WEEK if day - DAYS_PER_WEEK in earlier else earlier[-1]
            rows = decompose_sectors(matrices, (base, day))
            about = {"base_from_utc": windows[base].from_utc, "from_utc": windows[day].from_utc}
            tables.append(pa.Table.from_pylist([{**row, **about} for row in rows], RESULT_ARROW))
    return pa.concat_tables(tables)


def _day_number(windows: list[Window]) -> Column:
    """The number of the local day in which an hour lies; null outside."""
    is_inside = ((F.col("hour_utc") >= F.lit(w.from_utc)) & (F.col("hour_utc") < F.lit(w.to_utc)) for w in windows)
    return F.coalesce(*(F.when(hour, F.lit(number)) for number, hour in enumerate(is_inside)))


def _daily_sums(
    frame: DataFrame,
    kind: str,
    number: Column,
    value: Column,
    *,
    sector: Column | None = None,
    pollutant: Column | None = None,
) -> DataFrame:
    """One sum for each source (sector and pollutant) and local day."""
    no_code = F.lit("")
    codes = {
        "sector_code": no_code if sector is None else sector,
        "pollutant_code": no_code if pollutant is None else pollutant,
    }
    named = frame.withColumns({"day_number": number, **codes})
    key = ("source_id", "sector_code", "pollutant_code", "day_number")
    summed = named.where(F.col("day_number").isNotNull()).groupBy(*key).agg(exact_sum(value).alias("value"))
    return summed.select(F.lit(1).alias("everything"), F.lit(kind).alias("kind"), *key, "value")
