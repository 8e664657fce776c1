"""Clean station air quality: the measured hours, doubtful ones marked; missing hours stay missing.

Belongs here: what is particular to air quality stations. Does not: the steps (readings.hourly_recipe), or the air
quality index (equations.air_quality).
"""

from functools import partial

import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hourly_recipe import HourlyRecipe, clean_hourly
from bigdata_emis.clean.readings.rules import compile_validity
from bigdata_emis.clean.readings.station_rules import apply_station_rules, compile_station_bounds, read_station_rules
from bigdata_emis.context import Context


def clean_air_quality(
    air_quality_reading: DataFrame, station: DataFrame, station_rule: DataFrame, *, context: Context
) -> dict[str, pa.Table]:
    """The measured hours of every station and pollutant, and the quarantined readings.

    Nothing is imputed and no peak is called an outlier: heavy pollution is what the measurements are for. A value that
    stays the same for a day, or that no outdoor air can have, is quarantined; zeros and fine particles above PM10 are
    used and marked (station_rule).
    """
    stations, rules = station.toArrow(), station_rule.toArrow()
    validity = compile_validity(stations, "station_id", time_field="hour_utc", time_zone=context.region.time_zone)
    recipe = HourlyRecipe(
        feed="air_quality",
        by="station_id",
        value="concentration_ug_per_m3",
        mark_doubtful=partial(apply_station_rules, rules=read_station_rules(rules)),
        registered={"station_id": sorted(stations["station_id"].to_pylist())},
        row_rules=validity + compile_station_bounds(rules),
    )
    return clean_hourly(air_quality_reading, recipe, context=context)
