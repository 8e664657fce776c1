"""True emission of the simulated area sources: annual totals with a course over year, week and day of their own.

Belongs here: the hidden course of an industry (demo/data/area_shapes.csv). Does not: profiles of the inventory, which
the truth must not read: a source that gets a wrong profile would then be wrong in both and nobody could see it.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats
from bigdata_emis.demo.plan import FIRST_DAY, read_shipped
from bigdata_emis.demo.world.activity import Shares
from bigdata_emis.demo.world.air import day_weather
from bigdata_emis.demo.world.areas import G_PER_TONNE, Areas
from bigdata_emis.window import HOURS_PER_DAY

DAYS_PER_YEAR = 365
SATURDAY, SUNDAY = 6, 7  # isoweekday
# Own assumptions of the demonstration about true weather effects; another form than that of the inventory.
USUAL_DEGC = -1.0  # of Beijing in December
FUEL_SHARE_PER_DEGC = {"residential_coal": 0.045, "residential_biomass": 0.03}
DUST, DUST_IN_RAIN, RAIN_HOURS = ("construction_site", "road_dust"), 0.15, 3
AMMONIA, Q10 = ("livestock", "fertiliser_use"), 1.25


@dataclass(frozen=True)
class Course:
    """One row of area_shapes.csv: the true course of an industry.

    bells: `centre:width:height` in local hours, separated by semicolons. saturday, sunday: weight against a workday.
    """

    season_amplitude: float
    season_power: float
    peak_day: int
    saturday: float
    sunday: float
    base: float
    bells: str


def day_area_emission(day_number: int, *, areas: Areas, index: Shares) -> tuple[pd.DataFrame, Shares]:
    """Return the true emission of a day in grams, `(rows of the frame, hours)`."""
    area_row = np.searchsorted(
        areas.activity_area["activity_area_id"].to_numpy(dtype=str),
        areas.true_annual["activity_area_id"].to_numpy(dtype=str),
    )
    day = FIRST_DAY + timedelta(days=day_number)
    industries = areas.activity_area["industry_code"].astype(str)
    courses = {
        industry: true_hourly_share(industry, day) * true_weather_factor(industry, day) for industry in set(industries)
    }
    share = np.stack([courses[industry] for industry in industries]) * areas.profile_error
    factor = index[:, day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY] * share
    grams = areas.true_annual["true_annual_t"].to_numpy()[:, None] * G_PER_TONNE * factor[area_row]
    return areas.true_annual[["activity_area_id", "sector_code", "pollutant_code"]], np.asarray(grams, dtype=np.float32)


def true_hourly_share(industry_code: str, day: date) -> Floats:
    """Return the true share of the annual total in each local hour of a day, `(24,)`.

    The weight of a day is its season times its day of the week; the hours of a calendar year sum to one.

    Raises KeyError when area_shapes.csv has no such industry.
    """
    shape = _shapes()[industry_code]
    hours = _hour_weights(shape.base, shape.bells)
    return np.asarray(_day_weight(shape, day) / _year_weight(industry_code, day.year) * hours / hours.sum())


def true_weather_factor(industry_code: str, day: date) -> Floats:
    """Return how the measured weather multiplies the true emission in each local hour, `(24,)`.

    Fuel of homes follows the mean temperature of today and, with the warmth in the walls, of yesterday; dust lies still
    in an hour of rain and in the three after it; animals and fields follow the temperature of the day.
    """
    hours = _regional_weather(day)
    degc = hours["air_temperature_degc"].to_numpy()
    if industry_code in FUEL_SHARE_PER_DEGC:
        yesterday = _regional_weather(day - timedelta(days=1)) if day > FIRST_DAY else hours
        mean_degc = 0.7 * degc.mean() + 0.3 * yesterday["air_temperature_degc"].mean()
        colder = USUAL_DEGC - mean_degc
        return np.full(HOURS_PER_DAY, max(0.2, 1 + FUEL_SHARE_PER_DEGC[industry_code] * colder))
    if industry_code in DUST:
        rain = hours["precipitation_mm"].to_numpy()
        wet = np.array([rain[max(0, hour - RAIN_HOURS) : hour + 1].sum() > 0 for hour in range(HOURS_PER_DAY)])
        return np.where(wet, DUST_IN_RAIN, 1.0)
    if industry_code in AMMONIA:
        return np.full(HOURS_PER_DAY, Q10 ** ((degc.mean() - USUAL_DEGC) / 10))
    return np.ones(HOURS_PER_DAY)


@cache
def _regional_weather(day: date) -> pd.DataFrame:
    frame = day_weather(day)
    return frame.groupby("hour_us")[["air_temperature_degc", "precipitation_mm"]].mean()


@cache
def _shapes() -> dict[str, Course]:
    table = read_shipped("area_shapes.csv").drop(columns="source")
    return {str(industry): Course(*shape) for industry, *shape in table.itertuples(index=False)}


@cache
def _year_weight(industry_code: str, year: int) -> float:
    days = [date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    return sum(_day_weight(_shapes()[industry_code], day) for day in days)


def _day_weight(shape: Course, day: date) -> float:
    phase = 2 * math.pi * (day.timetuple().tm_yday - shape.peak_day) / DAYS_PER_YEAR
    season = max(0.0, 1 + shape.season_amplitude * math.cos(phase))
    of_week = {SATURDAY: shape.saturday, SUNDAY: shape.sunday}.get(day.isoweekday(), 1.0)
    return float(season**shape.season_power * of_week)


def _hour_weights(base: float, bells: str) -> Floats:
    """Return the weight of each local hour, `(24,)`: a constant and bells that run over midnight."""
    weights = np.full(HOURS_PER_DAY, base)
    middle = np.arange(HOURS_PER_DAY) + 0.5
    for bell in bells.split(";"):
        centre, width, height = (float(number) for number in bell.split(":"))
        away = np.abs(middle - centre)
        weights += height * np.exp(-0.5 * np.square(np.minimum(away, HOURS_PER_DAY - away) / width))
    return weights
