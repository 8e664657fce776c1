"""Deweathering: air quality in average weather, from a random forest on time and weather.

Belongs here: predictors, the fit of forest and boosted trees, and the average over resampled weather.
Does not: stations, files or tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats

TREES = 300
DRAWS = 300
MIN_LEAF_HOURS = 5
"""Trees, draws and leaf size of rmweather (Grange et al. 2018, Atmos. Chem. Phys. 18, 6223), whose method this is."""
SEED = 20151222
SECTORS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
MEMORY_H = (12, 48)
BOOSTING_MEMORY_H = (3, 6, 12, 24, 48, 72)
BOOSTING = {
    "objective": "l2",
    "num_leaves": 15,
    "learning_rate": 0.03,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "seed": 1,
}
BOOSTING_TREES = 400
"""Many small trees: hours of a week have one weather and are not independent, so large trees learn single weeks."""
ROWS_AT_ONCE = 200_000
SECONDS_PER_DAY = 86_400.0


def clock_columns(local: Sequence[datetime]) -> Floats:
    """Time predictors of each hour: days since 1970, day of the year, weekday, hour.

    Source: Grange et al. (2018), section 2.3: date_unix, day_julian, weekday, hour.
    """
    rows = [(at.timestamp() / SECONDS_PER_DAY, at.timetuple().tm_yday, at.isoweekday(), at.hour) for at in local]
    return np.array(rows, float).reshape(len(rows), 4)


def wind_components(sector: Sequence[str | None], speed_m_per_s: Floats) -> Floats:
    """Wind from the east and from the north, `(hours, 2)`; NaN without one of 16 directions."""
    angle = {code: 2 * np.pi * number / len(SECTORS) for number, code in enumerate(SECTORS)}
    radian = np.array([angle.get(code or "", np.nan) for code in sector], float)
    parts: Floats = np.column_stack([np.sin(radian), np.cos(radian)]) * np.asarray(speed_m_per_s, float)[:, None]
    return parts


def add_trailing_means(weather: Floats, *, memory_h: Sequence[int] = MEMORY_H) -> Floats:
    """The weather of each hour, then its means over the last `memory_h` hours.

    Pollutants accumulate over days: for the hours of 2015 in Beijing, predicted from 2013 and 2014, means over 12 and
    48 h raised R² by 0.1 over the weather of the hour alone.
    """
    is_known = np.isfinite(weather)
    parts = [weather]
    for hours in memory_h:
        sums, counts = (
            _trailing_sums(part, hours) for part in (np.where(is_known, weather, 0.0), is_known.astype(float))
        )
        parts.append(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
    return np.hstack(parts)


def fit_forest(predictors: Floats, target: Floats, *, trees: int = TREES, sample_share: float | None = None) -> Any:
    """Fit a random forest on the hours with a target; missing weather is a branch of its own.

    `sample_share` is the share of the hours that each tree sees; without it each tree draws all hours with replacement.

    Source: Breiman (2001), Machine Learning 45, 5; settings of Grange et al. (2018).
    """
    from sklearn.ensemble import RandomForestRegressor

    is_known = np.isfinite(target)
    features_per_split = max(1, int(np.sqrt(predictors.shape[1])))
    forest = RandomForestRegressor(
        trees,
        min_samples_leaf=MIN_LEAF_HOURS,
        max_features=features_per_split,
        max_samples=sample_share,
        random_state=SEED,
        n_jobs=1,
    )
    return forest.fit(predictors[is_known], target[is_known])


@dataclass(frozen=True)
class BoostedTrees:
    """Trees of the root of a concentration, and the variance of the root about them."""

    trees: Any
    variance: float

    def predict(self, predictors: Floats) -> Floats:
        """Mean of the concentration, E y = (E √y)² + var √y, (hours,)."""
        return np.asarray(np.square(self.trees.predict(predictors)) + self.variance, dtype=np.float64)


def fit_boosting(predictors: Floats, target: Floats) -> BoostedTrees:
    """Fit boosted trees on the hours with a target; missing weather is a branch of its own.

    With more weather memory than a forest can use: each tree adds to the others what they miss. The root of the target
    is fitted, so that hours of haze do not decide alone; a target below zero counts as zero.

    Source: Ke et al. (2017), LightGBM, NeurIPS 30.
    """
    import lightgbm

    is_known = np.isfinite(target)
    inputs, root = predictors[is_known], np.sqrt(np.maximum(target[is_known], 0.0))
    trees = lightgbm.train(BOOSTING, lightgbm.Dataset(inputs, root), num_boost_round=BOOSTING_TREES)
    return BoostedTrees(trees, float(np.var(root - np.asarray(trees.predict(inputs)))))


def normalise_weather(forest: Any, clock: Floats, weather_pool: Floats, *, draws: int = DRAWS) -> Floats:
    """The mean prediction for each hour over weather drawn from the pool, clock unchanged.

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


def remove_weather(target: Floats, clock: Floats, weather: Floats, *, trees: int = TREES, draws: int = DRAWS) -> Floats:
    """A series without the effect of weather, where it was measured; NaN elsewhere.

    With fewer than 50 usable hours, or without variation, all hours are NaN.
    """
    is_known = np.isfinite(target)
    is_usable = is_known & np.isfinite(weather).any(axis=1)
    if is_usable.sum() < MIN_LEAF_HOURS * 10 or np.ptp(target[is_usable]) == 0:
        return np.full(len(target), np.nan)
    forest = fit_forest(np.hstack([clock, weather])[is_usable], target[is_usable], trees=trees)
    normal = normalise_weather(forest, clock, weather[is_usable], draws=draws)
    return np.where(is_known, normal, np.nan)


def _trailing_sums(columns: Floats, hours: int) -> Floats:
    """The sums over the hours that end with each row."""
    total = np.cumsum(columns, axis=0)
    before = np.vstack([np.zeros((min(hours, len(columns)), columns.shape[1])), total[:-hours]])
    sums: Floats = total - before
    return sums
