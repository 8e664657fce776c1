"""Station weather by the hour, with relative humidity from the dew point where it was not sent.

Belongs here: what is particular to weather. Does not: the humidity equation (equations.air_quality).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.clean.readings.hour_grid import Clock, clock_of
from bigdata_emis.clean.readings.imputation import CODES, INTERPOLATED, NONE, fill_gaps
from bigdata_emis.clean.readings.judged import Judged, judge_readings
from bigdata_emis.clean.readings.partitions import clean_in_one_pass, lists_of
from bigdata_emis.clean.readings.rules import Rule, compile_rules
from bigdata_emis.clean.readings.thresholds import Options, options_of
from bigdata_emis.context import Context
from bigdata_emis.equations.air_quality import relative_humidity_share

SMOOTH = ("air_temperature_degc", "dew_point_degc", "relative_humidity_share", "pressure_hpa", "wind_speed_m_per_s")
AS_MEASURED = "precipitation_mm"
DIRECTION = "wind_direction_code"


def clean_weather(weather_reading: Any, station: Any, *, context: Context) -> dict[str, pa.Table]:
    """The hours of every station, and the readings set aside.

    A row with one impossible variable is set aside whole, since its neighbours in the row come from the same message. Variables that
    change smoothly are interpolated over short gaps; precipitation and wind direction are not.
    """
    known = {"station_id": sorted(station.toArrow()["station_id"].to_pylist())}
    rules = compile_rules("weather_reading", known=known, filled=())
    work = partial(weather_hours, rules=rules, clock=clock_of(context, lookback_days=0), options=options_of(context))
    return clean_in_one_pass(
        weather_reading, work, by="station_id", reads="weather_reading", writes=("weather_hourly", "weather_quarantine")
    )


def weather_hours(
    rows: pa.Table, *, rules: tuple[Rule, ...], clock: Clock, options: Options
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined readings of some stations, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="weather_reading", clock=clock)
    judged.keep_latest()
    return _hourly(judged, options), judged.set_aside("weather_quarantine")


def _hourly(judged: Judged, options: Options) -> pa.Table:
    count = judged.per_hour().astype(np.int64)
    imputed = np.zeros(judged.shape, dtype=bool)
    columns: dict[str, Any] = {AS_MEASURED: judged.one_per_hour(AS_MEASURED)}
    for name in SMOOTH:
        columns[name], code = fill_gaps(
            judged.one_per_hour(name), judged.clock, longest_h=options.interpolation_h, from_profile=False
        )
        imputed |= code == INTERPOLATED
    derived = np.asarray(relative_humidity_share(columns["air_temperature_degc"], columns["dew_point_degc"]))
    humidity = columns["relative_humidity_share"]
    columns["relative_humidity_share"] = np.where(np.isnan(humidity), derived, humidity)
    columns |= {"reading_count": count, "imputation_code": np.where(imputed, CODES[INTERPOLATED], CODES[NONE])}
    columns["row"] = _row_of(judged)
    hours = judged.own_rows(columns, (count > 0) | imputed)
    row = pc.if_else(pc.less(hours["row"], 0), pa.scalar(None, pa.int64()), hours["row"])
    hours = hours.drop_columns(["row"]).append_column(DIRECTION, judged.rows[DIRECTION].take(row))
    return hours.append_column("flag_codes", lists_of("gap", np.asarray(hours["reading_count"]) == 0))


def _row_of(judged: Judged) -> Any:
    """Which reading each hour rests on, −1 for none."""
    matrix = np.full(judged.shape, -1, dtype=np.int64)
    rows = judged.usable
    matrix[judged.source[rows], judged.hour[rows]] = rows
    return matrix
