"""Trend of a concentration from year to year, for years beyond the fitted ones.

Belongs here: the slope of the logarithm between equal months, and how far it can be trusted. Does not: weather
(deweather), or which series have a trend.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers

MIN_MONTH_HOURS = 200
MAX_DISTANCE = 0.5
"""Slopes of single months further than that from the median count as if they lay there: one hazy January."""
MONTHS = 12


@dataclass(frozen=True)
class LevelTrend:
    """Slope of the logarithm in a year, shrunk to zero, and the standard error of the slope."""

    slope_per_year: float
    standard_error: float

    def factor(self, years: Floats) -> Floats:
        """Level over that at year zero, exp(slope × years)."""
        return np.asarray(np.exp(self.slope_per_year * years))

    def margin(self, years: Floats) -> Floats:
        """Standard deviation of the logarithm of the level so many years ahead; zero before."""
        return self.standard_error * np.maximum(years, 0.0)


def estimate_level_trend(value: Floats, year: Integers, month: Integers) -> LevelTrend:
    """Trend of hourly values from equal months of successive years; none with fewer than two such pairs.

        b = mean of ln(mean of a month ÷ mean of the same month a year before)
        slope = b × max(0, 1 − (se ÷ b)²)

    All arrays are `(hours,)`. Equal months have like sun and heating; their weather differs, which is the error. The
    shrinkage is that of a positive-part estimator, so a slope within its error is none.

    Source: James and Stein (1961), Proc. Fourth Berkeley Symp. 1, 361, for one mean and an estimated error.
    """
    slopes = np.array(_monthly_slopes(value, year, month))
    if len(slopes) < 2:
        return LevelTrend(0.0, 0.0)
    middle = float(np.median(slopes))
    bounded = np.clip(slopes, middle - MAX_DISTANCE, middle + MAX_DISTANCE)
    slope, error = float(bounded.mean()), float(bounded.std(ddof=1) / np.sqrt(len(bounded)))
    kept = max(0.0, 1 - (error / slope) ** 2) if slope else 0.0
    return LevelTrend(slope * kept, error)


def _monthly_slopes(value: Floats, year: Integers, month: Integers) -> list[float]:
    """Changes of the logarithm in a year, by month and pair of successive years that have it."""
    slopes = []
    for number in range(1, MONTHS + 1):
        levels = []
        for one in np.unique(year).tolist():
            known = value[(year == one) & (month == number) & np.isfinite(value)]
            if len(known) >= MIN_MONTH_HOURS and known.mean() > 0:
                levels.append((one, float(np.log(known.mean()))))
        slopes += [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.pairwise(levels)]
    return slopes
