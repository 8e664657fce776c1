"""Clean station weather by the hour, with relative humidity from the dew point where it was not sent.

Belongs here: what is particular to weather. Does not: the humidity equation (equations.air_quality).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.imputation import INTERPOLATED_RANK, fill_gaps
from bigdata_emis.clean.readings.judged_readings import JudgedReadings, judge_readings
from bigdata_emis.clean.readings.partitions import build_flag_lists, clean_partitions
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules, compile_validity
from bigdata_emis.clean.readings.thresholds import CleaningOptions, read_cleaning_options
from bigdata_emis.codes import Flag, Imputation
from bigdata_emis.context import Context
from bigdata_emis.equations.air_quality import relative_humidity_share

SMOOTH = ("air_temperature_degc", "dew_point_degc", "relative_humidity_share", "pressure_hpa", "wind_speed_m_per_s")
PRECIPITATION = "precipitation_mm"
WIND_DIRECTION = "wind_direction_code"


def clean_weather(weather_reading: DataFrame, station: DataFrame, *, context: Context) -> dict[str, pa.Table]:
    """The hours of every station, and the quarantined readings.

    A row with one impossible variable is quarantined whole, since its other variables come from the same message.
    Variables that change smoothly are interpolated over short gaps; precipitation and wind direction are not.
    """
    stations = station.toArrow()
    registered = {"station_id": sorted(stations["station_id"].to_pylist())}
    validity = compile_validity(stations, "station_id", time_field="hour_utc", time_zone=context.region.time_zone)
    clean_rows = partial(
        clean_weather_rows,
        rules=compile_rules("weather_reading", registered=registered, filled=()) + validity,
        grid=build_hour_grid(context),
        options=read_cleaning_options(context),
    )
    return clean_partitions(weather_reading, clean_rows, feed="weather", by="station_id")


def clean_weather_rows(
    rows: pa.Table, *, rules: tuple[ReadingRule, ...], grid: HourGrid, options: CleaningOptions
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and quarantined readings of stations, from all of their readings."""
    judged = judge_readings(rows, rules, reading_table="weather_reading", grid=grid)
    judged.mark_superseded()
    return _hourly_rows(judged, options), judged.quarantined_rows("weather_quarantine")


def _hourly_rows(judged: JudgedReadings, options: CleaningOptions) -> pa.Table:
    count = judged.count_by_hour().astype(np.int64)
    is_imputed = np.zeros(judged.shape, dtype=bool)
    columns: dict[str, Any] = {PRECIPITATION: judged.value_by_hour(PRECIPITATION)}
    for name in SMOOTH:
        columns[name], rank = fill_gaps(
            judged.value_by_hour(name), judged.grid, longest_h=options.interpolation_h, from_profile=False
        )
        is_imputed |= rank == INTERPOLATED_RANK
    derived = np.asarray(relative_humidity_share(columns["air_temperature_degc"], columns["dew_point_degc"]))
    humidity = columns["relative_humidity_share"]
    columns["relative_humidity_share"] = np.where(np.isnan(humidity), derived, humidity)
    columns["imputation_code"] = np.where(is_imputed, Imputation.INTERPOLATED, Imputation.NONE)
    columns |= {"reading_count": count, "row": judged.row_by_hour()}
    hours = judged.hourly_rows(columns, (count > 0) | is_imputed)
    row = pc.if_else(pc.less(hours["row"], 0), pa.scalar(None, pa.int64()), hours["row"])
    hours = hours.drop_columns(["row"]).append_column(WIND_DIRECTION, judged.rows[WIND_DIRECTION].take(row))
    has_gap = np.asarray(hours["reading_count"]) == 0
    return hours.append_column("flag_codes", build_flag_lists(Flag.GAP, has_gap))
