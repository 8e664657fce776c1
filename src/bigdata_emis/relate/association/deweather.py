"""Air quality as it would have been in average weather, by a random forest that knows clock and weather.

Belongs here: the forest's predictors, its fit, and the average over resampled weather. Does not: stations, files or tables.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats

TREES = 300
DRAWS = 300
LEAST_IN_LEAF = 5
"""Trees, draws and leaf of rmweather (Grange et al. 2018, Atmos. Chem. Phys. 18, 6223), whose method this is."""
SEED = 20151222
SECTORS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
MEMORY_H = (12, 48)
ROWS_AT_ONCE = 200_000
SECONDS_PER_DAY = 86_400.0


def clock_columns(local: Sequence[datetime]) -> Floats:
    """What the forest knows of the time of each hour: days since 1970, day of the year, weekday, hour of the day.

    Source: Grange et al. (2018), section 2.3: date_unix, day_julian, weekday, hour.
    """
    rows = [(at.timestamp() / SECONDS_PER_DAY, at.timetuple().tm_yday, at.isoweekday(), at.hour) for at in local]
    return np.array(rows, float).reshape(len(rows), 4)


def wind_columns(sector: Sequence[str | None], speed_m_per_s: Floats) -> Floats:
    """The part of the wind that comes from the east and from the north; NaN where the direction is not one of 16."""
    angle = {code: 2 * np.pi * number / len(SECTORS) for number, code in enumerate(SECTORS)}
    radian = np.array([angle.get(code or "", np.nan) for code in sector], float)
    parts: Floats = np.column_stack([np.sin(radian), np.cos(radian)]) * np.asarray(speed_m_per_s, float)[:, None]
    return parts


def with_memory(weather: Floats, *, memory_h: Sequence[int] = MEMORY_H) -> Floats:
    """The weather of each hour (rows) and beside it its means over the hours that end with it, of what is known of them.

    What is in the air has been gathering for days: on Beijing's hours of 2015, foretold from 2013 and 2014, means over 12 and 48 h
    raised R² by 0.1 over the weather of the hour alone.
    """
    known = np.isfinite(weather)
    parts = [weather]
    for hours in memory_h:
        sums, counts = (_trailing(part, hours) for part in (np.where(known, weather, 0.0), known.astype(float)))
        parts.append(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
    return np.hstack(parts)


def fitted_forest(predictors: Floats, target: Floats, *, trees: int = TREES, sample_share: float | None = None) -> Any:
    """A random forest of the hours in which the target is known; weather that is missing is a branch of its own.

    `sample_share` is the share of the hours that each tree sees; all, drawn with replacement, when it is not given.

    Source: Breiman (2001), Machine Learning 45, 5; settings of Grange et al. (2018).
    """
    from sklearn.ensemble import RandomForestRegressor

    known = np.isfinite(target)
    tried = max(1, int(np.sqrt(predictors.shape[1])))
    forest = RandomForestRegressor(
        trees, min_samples_leaf=LEAST_IN_LEAF, max_features=tried, max_samples=sample_share, random_state=SEED, n_jobs=1
    )
    return forest.fit(predictors[known], target[known])


def normalised(forest: Any, clock: Floats, weather_pool: Floats, *, draws: int = DRAWS) -> Floats:
    """The mean estimate for each hour over so many draws of weather from the pool, the clock kept.

    Source: Grange et al. (2018), section 2.4 (meteorological normalisation).
    """
    random = np.random.default_rng(SEED)
    hours = len(clock)
    total = np.zeros(hours)
    at_once = max(1, ROWS_AT_ONCE // max(hours, 1))
    for first in range(0, draws, at_once):
        count = min(at_once, draws - first)
        drawn = weather_pool[random.integers(0, len(weather_pool), size=count * hours)]
        estimates = forest.predict(np.hstack([np.tile(clock, (count, 1)), drawn]))
        total += estimates.reshape(count, hours).sum(axis=0)
    return total / draws


def weather_normalised(
    target: Floats, clock: Floats, weather: Floats, *, trees: int = TREES, draws: int = DRAWS
) -> Floats:
    """A series with the weather taken out, where it was measured; NaN elsewhere, and all over when there are too few hours."""
    known = np.isfinite(target)
    usable = known & np.isfinite(weather).any(axis=1)
    if usable.sum() < LEAST_IN_LEAF * 10 or np.ptp(target[usable]) == 0:
        return np.full(len(target), np.nan)
    forest = fitted_forest(np.hstack([clock, weather])[usable], target[usable], trees=trees)
    found = normalised(forest, clock, weather[usable], draws=draws)
    return np.where(known, found, np.nan)


def _trailing(columns: Floats, hours: int) -> Floats:
    """The sums over the hours that end with each row."""
    total = np.cumsum(columns, axis=0)
    before = np.vstack([np.zeros((min(hours, len(columns)), columns.shape[1])), total[:-hours]])
    sums: Floats = total - before
    return sums
