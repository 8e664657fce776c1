"""What is left of the change in a red alert when the weather is taken out: raw, normalised, and against what the weather foretold.

Belongs here: the alert days, the days they are compared with, and intervals. Does not: the forest (relate/deweather), scores.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.association.deweather import fitted_forest, normalised, with_memory
from bigdata_emis.validate.beijing.data import POLLUTANTS, Stations, mean_over_stations

ALERTS = (
    ("2015-12-08", date(2015, 12, 8), date(2015, 12, 10)),
    ("2015-12-19", date(2015, 12, 19), date(2015, 12, 22)),
    ("2016-12-16", date(2016, 12, 16), date(2016, 12, 21)),
)
"""The red alerts of Beijing: name, first and last day."""
BESIDE_DAYS = 14
"""Days to each side that an alert is compared with, other alerts left out."""
TREES, SAMPLE_SHARE, DRAWS = 60, 0.3, 40
RESAMPLES, SEED = 1000, 20151208
LEAST_HOURS = 24 * 60
NOTE = (
    "Each change is mean over the alert's days against the days beside it. raw: as measured; normalised: with the weather taken out; "
    "unexplained: measured over what a forest that never saw these days expects of their weather. Intervals resample days, of which an "
    "alert has few. The forest knows no mixing height, no transport and no burning, so what is left is not the alert's effect: it is what "
    "surface weather does not explain."
)


def alert_rows(stations: Stations, used: Flags) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """One row an alert and pollutant of the mean over the stations, and the series of fine particles about the first alert that is held."""
    days = np.array([at.date() for at in stations.local])
    mean, weather = mean_over_stations(stations.measured), with_memory(mean_over_stations(stations.weather))
    held = [alert for alert in ALERTS if (used & (days >= alert[1]) & (days <= alert[2])).sum() >= 24]
    rows: list[dict[str, Any]] = []
    series: dict[str, Any] = {}
    for place, pollutant in enumerate(POLLUTANTS):
        known = used & np.isfinite(mean[place]) & np.isfinite(weather).any(axis=1)
        if held and known.sum() >= LEAST_HOURS:
            found = _pollutant_rows(stations, mean[place], weather, known, days, held)
            rows += [{"pollutant": pollutant, **row} for row in found[0]]
            series |= {pollutant: found[1]}
    return [{**row, "note": NOTE} for row in rows], series


def _pollutant_rows(
    stations: Stations,
    mean: Floats,
    weather: Floats,
    known: Flags,
    days: NDArray[np.object_],
    held: list[tuple[str, date, date]],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    in_alert = np.zeros(len(days), bool)
    about = np.zeros(len(days), bool)
    for _, first, last in held:
        in_alert |= (days >= first) & (days <= last)
        about |= (days >= first - timedelta(days=BESIDE_DAYS)) & (days <= last + timedelta(days=BESIDE_DAYS))
    predictors = np.hstack([stations.clock, weather])
    dated = fitted_forest(predictors[known], mean[known], trees=TREES, sample_share=SAMPLE_SHARE)
    blind = known & ~about
    expecting = fitted_forest(predictors[blind][:, 1:], mean[blind], trees=TREES, sample_share=SAMPLE_SHARE)
    without_weather, expected = np.full(len(mean), np.nan), np.full(len(mean), np.nan)
    at = np.flatnonzero(about & known)
    without_weather[at] = normalised(dated, stations.clock[at], weather[known], draws=DRAWS)
    expected[at] = expecting.predict(predictors[at][:, 1:])
    rows = []
    for name, first, last in held:
        inside = known & (days >= first) & (days <= last)
        beside = (
            known
            & ~in_alert
            & (days >= first - timedelta(days=BESIDE_DAYS))
            & (days <= last + timedelta(days=BESIDE_DAYS))
        )
        if inside.any() and beside.any():
            rows.append({"alert": name, **_changes(days, inside, beside, mean, without_weather, expected)})
    shown = at[:: max(1, len(at) // 2000)]
    return rows, {
        "hours": [stations.local[hour].strftime("%Y-%m-%dT%H:%M") for hour in shown],
        "measured": mean[shown].tolist(),
        "normalised": without_weather[shown].tolist(),
        "expected": expected[shown].tolist(),
    }


def _changes(
    days: NDArray[np.object_], inside: Flags, beside: Flags, mean: Floats, without_weather: Floats, expected: Floats
) -> dict[str, Any]:
    """Each change with its 5th and 95th percentile over resampled days."""
    ones = np.ones_like(mean)
    row: dict[str, Any] = {"alert_days": len(set(days[inside])), "days_beside": len(set(days[beside]))}
    for name, top, bottom in (
        ("raw", mean, ones),
        ("normalised", without_weather, ones),
        ("unexplained", mean, expected),
    ):
        parts = [_by_day(days, hours, top, bottom) for hours in (inside, beside)]
        draws = [_resampled(part) for part in parts]
        change = _level(parts[0]) / _level(parts[1]) - 1
        low, high = np.quantile(draws[0] / draws[1] - 1, [0.05, 0.95])
        row |= {
            f"{name}_change_share": float(change),
            f"{name}_change_share_p05": float(low),
            f"{name}_change_share_p95": float(high),
        }
    return row


def _by_day(days: NDArray[np.object_], hours: Flags, top: Floats, bottom: Floats) -> Floats:
    """The sums of a day's numerator and denominator, a row a day."""
    _, place = np.unique(days[hours], return_inverse=True)
    return np.column_stack([np.bincount(place, weights=part[hours]) for part in (top, bottom)])


def _level(by_day: Floats) -> float:
    return float(by_day[:, 0].sum() / by_day[:, 1].sum())


def _resampled(by_day: Floats) -> Floats:
    random = np.random.default_rng(SEED)
    drawn = by_day[random.integers(0, len(by_day), size=(RESAMPLES, len(by_day)))].sum(axis=1)
    levels: Floats = drawn[:, 0] / drawn[:, 1]
    return levels
