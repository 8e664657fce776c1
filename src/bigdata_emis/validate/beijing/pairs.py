"""Rank correlations of pollutants with weather and between stations.

Belongs here: daily means and the pairs that are compared. Does not: the methods (relate/association).
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.association import significance
from bigdata_emis.relate.association.correlations import correlate_at_best_lag, effective_sample_sizes
from bigdata_emis.relate.association.methods import adjust_false_discovery, rank_rows
from bigdata_emis.validate.beijing.data import POLLUTANTS, WEATHER_NAMES, Stations, mean_over_stations

HOURS_A_DAY, MIN_HOURS, MIN_DAYS = 24, 18, 60
FALSE_SHARE = 0.05


def correlate_weather(stations: Stations, used: Flags) -> list[dict[str, Any]]:
    """Rank correlation of daily station means.

    Weather variables and pollutants against each pollutant of the same day; q values control the false discovery
    rate.
    """
    air = _daily_means(_mask(mean_over_stations(stations.measured), used))
    weather = _daily_means(_mask(mean_over_stations(stations.weather).T, used))
    names = (*WEATHER_NAMES, *POLLUTANTS)
    correlation = _rank_correlations(np.vstack([weather, air]), air)
    pairs = [(i, j) for i in range(len(names)) for j in range(len(POLLUTANTS)) if i < len(WEATHER_NAMES) + j]
    q = adjust_false_discovery([np.array([correlation["p_value"][pair] for pair in pairs])], "bh")[0]
    return [
        {
            "indicator": names[i],
            "target": POLLUTANTS[j],
            **{name: _float_or_none(values[i, j]) for name, values in correlation.items()},
            "q_value": _float_or_none(q[number]),
        }
        for number, (i, j) in enumerate(pairs)
    ]


def correlate_stations(stations: Stations, used: Flags) -> list[dict[str, Any]]:
    """Rank correlation of daily means between all pairs of stations, by pollutant.

    Least, median and largest, and the number of significant pairs.
    """
    rows = []
    for column, pollutant in enumerate(POLLUTANTS):
        daily = _daily_means(_mask(stations.measured[:, column], used))
        correlation = _rank_correlations(daily, daily)
        above = np.triu_indices(len(daily), 1)
        strength, p_value = (correlation[name][above] for name in ("strength", "p_value"))
        q = adjust_false_discovery([p_value], "bh")[0]
        is_defined = np.isfinite(strength)
        if is_defined.any():
            low, middle, high = np.quantile(strength[is_defined], [0, 0.5, 1])
            rows.append(
                {
                    "pollutant": pollutant,
                    "pairs": int(is_defined.sum()),
                    "least": float(low),
                    "median": float(middle),
                    "largest": float(high),
                    "significant": int((q[is_defined] <= FALSE_SHARE).sum()),
                }
            )
    return rows


def _rank_correlations(indicators: Floats, targets: Floats) -> dict[str, Floats]:
    """Rank correlations without lag, (indicators, targets), for the effective number of days."""
    x, y = rank_rows(indicators), rank_rows(targets)
    best = correlate_at_best_lag(x, y, max_lag_h=0, min_pairs=MIN_DAYS)
    effective = effective_sample_sizes(x, y, best.count)
    low, high = significance.fisher_interval(best.strength, effective, variance_factor=significance.SPEARMAN_VARIANCE)
    p_value = np.where(
        np.isfinite(best.strength),
        significance.p_values(best.strength, effective, variance_factor=significance.SPEARMAN_VARIANCE),
        np.nan,
    )
    return {
        "strength": best.strength,
        "strength_p05": low,
        "strength_p95": high,
        "p_value": p_value,
        "days": best.count,
        "effective_days": effective,
    }


def _mask(by_series: Floats, used: Flags) -> Floats:
    return np.where(used, by_series, np.nan)


def _daily_means(series: Floats) -> Floats:
    """Means of days with at least 18 hours; the rest is missing."""
    days = series.shape[1] // HOURS_A_DAY
    shaped = series[:, : days * HOURS_A_DAY].reshape(len(series), days, HOURS_A_DAY)
    count = np.isfinite(shaped).sum(axis=2)
    return np.where(count >= MIN_HOURS, np.nansum(shaped, axis=2) / np.maximum(count, 1), np.nan)


def _float_or_none(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
