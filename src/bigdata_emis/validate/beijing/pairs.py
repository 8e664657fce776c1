"""Which pollutants go with which weather, and how alike the stations are, with false finds held down.

Belongs here: daily means and the pairs that are compared. Does not: the methods (relate/methods).
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.association import significance
from bigdata_emis.relate.association.correlations import effective_counts, strongest
from bigdata_emis.relate.association.methods import false_discovery, ranked
from bigdata_emis.validate.beijing.data import POLLUTANTS, WEATHER_NAMES, Stations, mean_over_stations

HOURS_A_DAY, LEAST_HOURS, LEAST_DAYS = 24, 18, 60
FALSE_SHARE = 0.05


def weather_pairs(stations: Stations, used: Flags) -> list[dict[str, Any]]:
    """Daily means over the stations: each weather variable and pollutant against each pollutant of the same day, by ranks."""
    air = _daily(_masked(mean_over_stations(stations.measured), used))
    weather = _daily(_masked(mean_over_stations(stations.weather).T, used))
    names = (*WEATHER_NAMES, *POLLUTANTS)
    found = _ranked_pairs(np.vstack([weather, air]), air)
    once = [(i, j) for i in range(len(names)) for j in range(len(POLLUTANTS)) if i < len(WEATHER_NAMES) + j]
    q = false_discovery([np.array([found["p_value"][pair] for pair in once])], "bh")[0]
    return [
        {
            "indicator": names[i],
            "target": POLLUTANTS[j],
            **{name: _plain(values[i, j]) for name, values in found.items()},
            "q_value": _plain(q[number]),
        }
        for number, (i, j) in enumerate(once)
    ]


def station_pairs(stations: Stations, used: Flags) -> list[dict[str, Any]]:
    """For each pollutant the rank correlations of daily means between all pairs of stations: least, median, largest, and how many stand out."""
    rows = []
    for place, pollutant in enumerate(POLLUTANTS):
        daily = _daily(_masked(stations.measured[:, place], used))
        found = _ranked_pairs(daily, daily)
        above = np.triu_indices(len(daily), 1)
        strength, chance = (found[name][above] for name in ("strength", "p_value"))
        q = false_discovery([chance], "bh")[0]
        known = np.isfinite(strength)
        if known.any():
            low, middle, high = np.quantile(strength[known], [0, 0.5, 1])
            rows.append(
                {
                    "pollutant": pollutant,
                    "pairs": int(known.sum()),
                    "least": float(low),
                    "median": float(middle),
                    "largest": float(high),
                    "significant": int((q[known] <= FALSE_SHARE).sum()),
                }
            )
    return rows


def _ranked_pairs(indicators: Floats, targets: Floats) -> dict[str, Floats]:
    """Rank correlations of the same day, with intervals and p values that count days for what they are worth."""
    x, y = ranked(indicators), ranked(targets)
    found = strongest(x, y, longest_h=0, least=LEAST_DAYS)
    worth = effective_counts(x, y, found.count)
    low, high = significance.fisher_interval(found.strength, worth, variance_factor=significance.SPEARMAN_VARIANCE)
    chance = np.where(
        np.isfinite(found.strength),
        significance.p_value(found.strength, worth, variance_factor=significance.SPEARMAN_VARIANCE),
        np.nan,
    )
    return {
        "strength": found.strength,
        "strength_p05": low,
        "strength_p95": high,
        "p_value": chance,
        "days": found.count,
        "effective_days": worth,
    }


def _masked(by_series: Floats, used: Flags) -> Floats:
    return np.where(used, by_series, np.nan)


def _daily(series: Floats) -> Floats:
    """Means of days with at least 18 hours; the rest is missing."""
    days = series.shape[1] // HOURS_A_DAY
    shaped = series[:, : days * HOURS_A_DAY].reshape(len(series), days, HOURS_A_DAY)
    count = np.isfinite(shaped).sum(axis=2)
    return np.where(count >= LEAST_HOURS, np.nansum(shaped, axis=2) / np.maximum(count, 1), np.nan)


def _plain(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
