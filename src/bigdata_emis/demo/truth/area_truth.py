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
from bigdata_emis.demo.plan import FIRST_DAY, HOURS_PER_DAY, read_shipped
from bigdata_emis.demo.world.activity import Shares
from bigdata_emis.demo.world.areas import G_PER_TONNE, Areas

DAYS_PER_YEAR = 365
SATURDAY, SUNDAY = 6, 7  # isoweekday


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
    courses = {industry: true_hourly_share(industry, day) for industry in set(industries)}
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
