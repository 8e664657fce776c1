"""Why a day's emission differs from an earlier day's: activity, structure, intensity and control.

Belongs here: the stage, and with which day a day is compared. Does not: the factors (change), or the arithmetic (equations).
"""

from datetime import timedelta
from functools import reduce

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.relate.lmdi_factors import ACTIVITY, EMISSION, ENERGY, TRAVEL, by_source, day_terms
from bigdata_emis.window import Window, day_window

WEEK_DAYS = 7
"""The same weekday is the fairest comparison, so a week before goes first; the stage looks back as far."""
RESULT = (
    "sector_code string, pollutant_code string, change_factor_code string, base_from_utc timestamp, from_utc timestamp, "
    "base_emission_g double, change_g double"
)
INSTANT = pa.timestamp("us", tz="UTC")
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
    """The change of each sector and pollutant from a week before, or else from the latest earlier day that has an inventory.

    Of a production line E = energy of all lines × its share × activity per energy × emission per activity; of a road link
    E = vehicle-kilometres of all links × its share × emission per vehicle-kilometre; of any other source all change is activity.
    The four terms of a sector add up to its change. No row where no earlier day of the week has an inventory.
    """
    days = context.window.days(context.region.time_zone)
    span = [days[0] + timedelta(days=n) for n in range(-WEEK_DAYS, len(days))]
    windows = [day_window(day, context.region.time_zone) for day in span]
    number = _day_number(windows)
    travel = traffic_hourly.join(road_link.select("link_id", "length_km"), "link_id")  # many hours to one link
    sums = reduce(
        DataFrame.unionByName,
        (
            _sums(
                emission_hourly,
                EMISSION,
                number,
                F.col("emission_g"),
                sector=F.col("sector_code"),
                pollutant=F.col("pollutant_code"),
            ),
            _sums(
                line_energy_hourly.withColumnRenamed("production_line_id", "source_id"),
                ENERGY,
                number,
                F.col("energy_kwh"),
            ),
            _sums(activity_hourly, ACTIVITY, number, F.col("activity")),
            _sums(
                travel.withColumnRenamed("link_id", "source_id"),
                TRAVEL,
                number,
                F.col("flow_veh_per_h") * F.col("length_km"),
            ),
        ),
    )

    def explain(everything: pa.Table) -> pa.Table:
        return explained(everything, windows, wanted=range(WEEK_DAYS, len(windows)))

    return sums.groupBy("everything").applyInArrow(explain, RESULT)


def explained(sums: pa.Table, windows: list[Window], *, wanted: range) -> pa.Table:
    """The terms by sector and pollutant of each wanted day, from sums a source and day."""
    held = {kind: by_source(sums, kind, len(windows)) for kind in (EMISSION, ENERGY, ACTIVITY, TRAVEL)}
    days = np.flatnonzero(np.isfinite(held[EMISSION].values).any(axis=0)).tolist()
    found: list[pa.Table] = [RESULT_ARROW.empty_table()]
    for day in wanted:
        earlier = [other for other in days if day - WEEK_DAYS <= other < day]
        if day in days and earlier:
            base = day - WEEK_DAYS if day - WEEK_DAYS in earlier else earlier[-1]
            rows = day_terms(held, (base, day))
            about = {"base_from_utc": windows[base].from_utc, "from_utc": windows[day].from_utc}
            found.append(pa.Table.from_pylist([{**row, **about} for row in rows], RESULT_ARROW))
    return pa.concat_tables(found)


def _day_number(windows: list[Window]) -> Column:
    """Which of the local days an hour lies in."""
    inside = ((F.col("hour_utc") >= F.lit(w.from_utc)) & (F.col("hour_utc") < F.lit(w.to_utc)) for w in windows)
    return F.coalesce(*(F.when(hour, F.lit(number)) for number, hour in enumerate(inside)))


def _sums(
    frame: DataFrame,
    kind: str,
    number: Column,
    value: Column,
    *,
    sector: Column | None = None,
    pollutant: Column | None = None,
) -> DataFrame:
    """One sum a source (sector and pollutant) and local day."""
    of_none = F.lit("")
    codes = {
        "sector_code": of_none if sector is None else sector,
        "pollutant_code": of_none if pollutant is None else pollutant,
    }
    named = frame.withColumns({"day_number": number, **codes})
    kept = ("source_id", "sector_code", "pollutant_code", "day_number")
    summed = named.where(F.col("day_number").isNotNull()).groupBy(*kept).agg(exact_sum(value).alias("value"))
    return summed.select(F.lit(1).alias("everything"), F.lit(kind).alias("kind"), *kept, "value")
