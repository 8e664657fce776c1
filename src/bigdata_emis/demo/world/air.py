"""Air quality and weather, measured at twelve Beijing stations in December 2015, and forecasts simulated from them.

Belongs here: the real series in our units and the drawn error of a forecast. Does not: anything about emission.
"""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats
from bigdata_emis.demo.plan import (
    FIRST_DAY,
    HOUR_US,
    HOURS_PER_DAY,
    LAST_DAY,
    TIME_ZONE,
    autocorrelated,
    day_start_us,
    shipped,
    stream,
)

POLLUTANTS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")
FORECAST_DAYS = 4
ISSUE_LOCAL_HOUR = 17
ERROR_SD_FIRST, ERROR_SD_LAST = 0.1, 0.4  # of the forecast's logarithm, at the first and the last hour ahead
BIAS_SHARE = 0.5  # of the error is common to a whole issue
MEASURED_UNTIL = LAST_DAY + timedelta(days=FORECAST_DAYS)
MAGNUS_A, MAGNUS_B_DEGC = 17.62, 243.12  # over water; WMO-No. 8 (2018), part I, annex 4.B


@cache
def measured() -> pd.DataFrame:
    """The measured hours with `hour_us`, the start of the hour in microseconds UTC. The source gives Beijing time."""
    frame = shipped("air_and_weather.csv.gz")
    local = pd.to_datetime(frame["local_time"]).dt.tz_localize(TIME_ZONE)
    frame["hour_us"] = local.dt.tz_convert("UTC").astype("datetime64[us, UTC]").astype("int64")
    return frame


def stations() -> pd.DataFrame:
    """The register of the twelve stations; they are real."""
    return shipped("stations.csv").assign(city_name="北京")


def day_air_quality(day: date) -> pd.DataFrame:
    """What the stations measured on a local day, long; hours without a value are absent."""
    wide = _of_day(day)
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
    """The weather at the stations on a local day; humidity follows from temperature and dew point (Magnus)."""
    wide = _of_day(day)
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
    """Vapour pressure at the dew point over saturation vapour pressure, by the Magnus form. Source: WMO-No. 8, annex 4.B."""
    exponent = MAGNUS_A * dew_point_degc / (MAGNUS_B_DEGC + dew_point_degc)
    saturated = MAGNUS_A * temperature_degc / (MAGNUS_B_DEGC + temperature_degc)
    return np.clip(np.exp(exponent - saturated), 0, 1)


def regional_weather(day: date) -> pd.DataFrame:
    """Mean over the stations by local hour."""
    frame = day_weather(day)
    frame["local_hour"] = (frame["hour_us"] - day_start_us(day)) // HOUR_US
    return frame.groupby("local_hour", as_index=False)[["air_temperature_degc", "relative_humidity_share"]].mean()


def forecasts(seed: int) -> pd.DataFrame:
    """A forecast of Beijing issued every afternoon for 96 hours: what was measured later, with an error that grows with lead."""
    mean = measured().groupby("hour_us")[list(POLLUTANTS)].mean().interpolate(limit_direction="both")
    issues = [FIRST_DAY + timedelta(days=i) for i in range((LAST_DAY - FIRST_DAY).days + 1)]
    return pd.concat([_issue(seed, day, mean) for day in issues], ignore_index=True)


def _issue(seed: int, day: date, mean: pd.DataFrame) -> pd.DataFrame:
    random = stream(seed, f"forecast {day}")
    issued_us = day_start_us(day) + ISSUE_LOCAL_HOUR * HOUR_US
    lead = np.arange(1, FORECAST_DAYS * HOURS_PER_DAY + 1)
    hour_us = issued_us + lead * HOUR_US
    sd = ERROR_SD_FIRST + (ERROR_SD_LAST - ERROR_SD_FIRST) * (lead - 1) / (len(lead) - 1)
    common = random.standard_normal((len(POLLUTANTS), 1)) * 0.3 + random.standard_normal()
    wander = autocorrelated(random, len(POLLUTANTS), steps=len(lead), persistence_share=0.95)
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


def _of_day(day: date) -> pd.DataFrame:
    frame = measured()
    start = day_start_us(day)
    return frame[(frame["hour_us"] >= start) & (frame["hour_us"] < start + HOURS_PER_DAY * HOUR_US)]
