"""Air quality and weather measured at twelve Beijing stations in December 2015, and forecasts simulated from them.

Belongs here: the measured series in our units and the drawn error of a forecast. Does not: anything about emission.
"""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Pollutant
from bigdata_emis.demo.plan import (
    FIRST_DAY,
    LAST_DAY,
    TIME_ZONE,
    day_start_us,
    draw_autocorrelated,
    random_stream,
    read_shipped,
)
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

POLLUTANTS = (Pollutant.PM2_5, Pollutant.PM10, Pollutant.SO2, Pollutant.NO2, Pollutant.CO, Pollutant.O3)
FORECAST_DAYS = 4
ISSUE_LOCAL_HOUR = 17
ERROR_SD_FIRST, ERROR_SD_LAST = 0.1, 0.4  # of the forecast's logarithm, at the first and the last hour ahead
BIAS_SHARE = 0.5  # of the error variance, common to all hours of one forecast
MEASURED_UNTIL = LAST_DAY + timedelta(days=FORECAST_DAYS)
MAGNUS_A, MAGNUS_B_DEGC = 17.62, 243.12
"""Over water; WMO-No. 8 (2018), part I, annex 4.B.

Humidity is written twice on purpose: this series is an input of the demonstration, so a change of the equation of the
inventory (equations/air_quality.py, coefficients of Alduchov and Eskridge 1996) must not change it.
"""


@cache
def read_measurements() -> pd.DataFrame:
    """Read the measured hours; their Beijing time becomes `hour_us`, microseconds UTC."""
    frame = read_shipped("air_and_weather.csv.gz")
    local = pd.to_datetime(frame["local_time"]).dt.tz_localize(TIME_ZONE)
    frame["hour_us"] = local.dt.tz_convert("UTC").astype("datetime64[us, UTC]").astype("int64")
    return frame


def read_stations() -> pd.DataFrame:
    """Read the register of the twelve stations; they are real."""
    return read_shipped("stations.csv").assign(city_name="北京")


def day_air_quality(day: date) -> pd.DataFrame:
    """Return the measured air quality of a local day, long; hours without a value are absent."""
    wide = _select_day(day)
    long = wide.melt(
        id_vars=["station_id", "hour_us"],
        value_vars=list(POLLUTANTS),
        var_name="pollutant_code",
        value_name="concentration_ug_per_m3",
    )
    return long.dropna(subset=["concentration_ug_per_m3"]).sort_values(
        ["hour_us", "station_id", "pollutant_code"], ignore_index=True
    )


def day_weather(day: date) -> pd.DataFrame:
    """Return the measured weather of a local day, with humidity from temperature and dew point."""
    wide = _select_day(day)
    humidity = relative_humidity_share(wide["TEMP"].to_numpy(), wide["DEWP"].to_numpy())
    return pd.DataFrame(
        {
            "station_id": wide["station_id"],
            "hour_us": wide["hour_us"],
            "air_temperature_degc": wide["TEMP"],
            "dew_point_degc": wide["DEWP"],
            "relative_humidity_share": humidity.round(4),
            "pressure_hpa": wide["PRES"],
            "precipitation_mm": wide["RAIN"],
            "wind_speed_m_per_s": wide["WSPM"],
            "wind_direction_code": wide["wd"],
        }
    )


def relative_humidity_share(temperature_degc: Floats, dew_point_degc: Floats) -> Floats:
    """Compute relative humidity from air temperature and dew point by the Magnus form.

        RH = e_s(T_d) / e_s(T),  e_s ∝ exp(a × T / (b + T))

    Source: WMO-No. 8 (2018), part I, annex 4.B.
    """
    exponent = MAGNUS_A * dew_point_degc / (MAGNUS_B_DEGC + dew_point_degc)
    saturated = MAGNUS_A * temperature_degc / (MAGNUS_B_DEGC + temperature_degc)
    return np.clip(np.exp(exponent - saturated), 0, 1)


def regional_weather(day: date) -> pd.DataFrame:
    """Return the mean over the stations by local hour."""
    frame = day_weather(day)
    frame["local_hour"] = (frame["hour_us"] - day_start_us(day)) // HOUR_US
    return frame.groupby("local_hour", as_index=False)[["air_temperature_degc", "relative_humidity_share"]].mean()


def draw_forecasts(seed: int) -> pd.DataFrame:
    """Draw a forecast of Beijing for 96 hours, issued every afternoon.

    It is the later measurement with a simulated error that grows with the hours ahead.
    """
    mean = read_measurements().groupby("hour_us")[list(POLLUTANTS)].mean().interpolate(limit_direction="both")
    issues = [FIRST_DAY + timedelta(days=i) for i in range((LAST_DAY - FIRST_DAY).days + 1)]
    return pd.concat([_draw_forecast(seed, day, mean) for day in issues], ignore_index=True)


def _draw_forecast(seed: int, day: date, mean: pd.DataFrame) -> pd.DataFrame:
    random = random_stream(seed, f"forecast {day}")
    issued_us = day_start_us(day) + ISSUE_LOCAL_HOUR * HOUR_US
    lead = np.arange(1, FORECAST_DAYS * HOURS_PER_DAY + 1)
    hour_us = issued_us + lead * HOUR_US
    sd = ERROR_SD_FIRST + (ERROR_SD_LAST - ERROR_SD_FIRST) * (lead - 1) / (len(lead) - 1)
    common = random.standard_normal((len(POLLUTANTS), 1)) * 0.3 + random.standard_normal()
    wander = draw_autocorrelated(random, len(POLLUTANTS), steps=len(lead), persistence_share=0.95)
    error = sd * (np.sqrt(BIAS_SHARE) * common + np.sqrt(1 - BIAS_SHARE) * wander) - sd**2 / 2
    values = mean.reindex(hour_us)[list(POLLUTANTS)].to_numpy().T * np.exp(error)
    return pd.DataFrame(
        {
            "issued_us": issued_us,
            "pollutant_code": np.repeat(POLLUTANTS, len(lead)),
            "hour_us": np.tile(hour_us, len(POLLUTANTS)),
            "concentration_ug_per_m3": values.ravel().round(1),
        }
    )


def _select_day(day: date) -> pd.DataFrame:
    frame = read_measurements()
    start = day_start_us(day)
    return frame[(frame["hour_us"] >= start) & (frame["hour_us"] < start + HOURS_PER_DAY * HOUR_US)]
