"""Change of air quality in a red alert: raw, deweathered, and against the expectation.

Belongs here: alert days, the days they are compared with, and intervals. Does not: the forest
(relate/association/deweather), scores.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.association.deweather import add_trailing_means, fit_boosting, fit_forest, normalise_weather
from bigdata_emis.validate.beijing.boosted_air import boosting_inputs
from bigdata_emis.validate.beijing.data import POLLUTANTS, Stations, mean_over_stations
from bigdata_emis.validate.beijing.placebos import PlaceboVerdict, judge_by_placebos, placebo_changes

ALERTS = (
    ("2015-12-08", date(2015, 12, 8), date(2015, 12, 10)),
    ("2015-12-19", date(2015, 12, 19), date(2015, 12, 22)),
    ("2016-12-16", date(2016, 12, 16), date(2016, 12, 21)),
)
"""The red alerts of Beijing: name, first and last day."""
COMPARED_DAYS = 14
"""Days before and after an alert that it is compared with, days of other alerts excluded."""
TREES, SAMPLE_SHARE, DRAWS = 60, 0.3, 40
RESAMPLES, SEED = 1000, 20151208
MIN_HOURS = 24 * 60
FOLDS, FOLD_H = 4, 42 * 24
"""Blocks of six weeks, each expected from the other folds: an alert with its days beside lies in one or two."""
LEAST_EXPECTED = 1.0
"""µg/m³; trees may expect less than nothing."""
NOTE = (
    "Each change is the mean over the days of the alert against the days before and after it. raw: as measured; "
    "normalised: deweathered; unexplained: measured over the concentration that trees not fitted to these days "
    "expect from their weather. Intervals resample days, of which an alert has few. verdict: 'unknown' unless "
    "the unexplained change is outside that of nine of ten windows of as many days in the heating season without an "
    "alert. The trees have no mixing height, transport or burning among their inputs, so the remaining change is not "
    "the effect of the alert: it is what surface weather does not explain."
)


def compare_alerts(stations: Stations, used: Flags) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Changes by alert and pollutant of the station mean, and the series around alerts.

    The series are by pollutant.
    """
    days = np.array([at.date() for at in stations.local])
    mean, weather = mean_over_stations(stations.measured), add_trailing_means(mean_over_stations(stations.weather))
    alerts = [alert for alert in ALERTS if (used & (days >= alert[1]) & (days <= alert[2])).sum() >= 24]
    rows: list[dict[str, Any]] = []
    series: dict[str, Any] = {}
    for column, pollutant in enumerate(POLLUTANTS):
        has_data = used & np.isfinite(mean[column]) & np.isfinite(weather).any(axis=1)
        if alerts and has_data.sum() >= MIN_HOURS:
            changes, around = _compare_pollutant(stations, mean[column], weather, has_data, days, alerts)
            rows += [{"pollutant": pollutant, **row} for row in changes]
            series |= {pollutant: around}
    return [{**row, "note": NOTE} for row in rows], series


def _compare_pollutant(
    stations: Stations,
    mean: Floats,
    weather: Floats,
    has_data: Flags,
    days: NDArray[np.object_],
    alerts: list[tuple[str, date, date]],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    in_alert = np.zeros(len(days), bool)
    around = np.zeros(len(days), bool)
    for _, first, last in alerts:
        in_alert |= (days >= first) & (days <= last)
        around |= (days >= first - timedelta(days=COMPARED_DAYS)) & (days <= last + timedelta(days=COMPARED_DAYS))
    predictors = np.hstack([stations.clock, weather])
    dated = fit_forest(predictors[has_data], mean[has_data], trees=TREES, sample_share=SAMPLE_SHARE)
    unseen = has_data & ~around
    inputs = boosting_inputs(stations, mean_over_stations(stations.weather))
    expected = _expect_unseen(inputs, mean, unseen, has_data)
    without_weather = np.full(len(mean), np.nan)
    at = np.flatnonzero(around & has_data)
    without_weather[at] = normalise_weather(dated, stations.clock[at], weather[has_data], draws=DRAWS)
    rows = [
        row
        for alert in alerts
        if (row := _alert_row(alert, days, has_data, in_alert, series=(mean, without_weather, expected)))
    ]
    shown = at[:: max(1, len(at) // 2000)]
    return rows, {
        "hours": [stations.local[hour].strftime("%Y-%m-%dT%H:%M") for hour in shown],
        "measured": mean[shown].tolist(),
        "normalised": without_weather[shown].tolist(),
        "expected": expected[shown].tolist(),
    }


def _alert_row(
    alert: tuple[str, date, date],
    days: NDArray[np.object_],
    has_data: Flags,
    in_alert: Flags,
    *,
    series: tuple[Floats, Floats, Floats],
) -> dict[str, Any] | None:
    """Changes and verdict of one alert; `series` are the mean, deweathered and expected concentration.

    None where nothing was measured in the alert or beside it.
    """
    name, first, last = alert
    reach = timedelta(days=COMPARED_DAYS)
    inside = has_data & (days >= first) & (days <= last)
    compared = has_data & ~in_alert & (days >= first - reach) & (days <= last + reach)
    if not inside.any() or not compared.any():
        return None
    mean, without_weather, expected = series
    changes = _changes(days, inside, compared, mean, without_weather, expected)
    window_days = (last - first).days + 1
    placebos = placebo_changes(
        days, mean, expected, has_data & ~in_alert, window_days=window_days, compared_days=COMPARED_DAYS
    )
    verdict = judge_by_placebos(changes["unexplained_change_share"], placebos)
    return {"alert": name, **changes, **_placebo_entries(verdict)}


def _expect_unseen(inputs: Floats, mean: Floats, unseen: Flags, has_data: Flags) -> Floats:
    """Concentration of each hour expected by trees that saw neither its block of six weeks nor any alert."""
    expected = np.full(len(mean), np.nan)
    fold = np.arange(len(mean)) // FOLD_H % FOLDS
    for number in range(FOLDS):
        own, others = has_data & (fold == number), unseen & (fold != number)
        if own.any() and others.any():
            expected[own] = np.maximum(fit_boosting(inputs[others], mean[others]).predict(inputs[own]), LEAST_EXPECTED)
    return expected


def _placebo_entries(verdict: PlaceboVerdict) -> dict[str, Any]:
    return {
        "placebo_count": verdict.count,
        "placebo_change_share_p05": verdict.p05,
        "placebo_change_share_p95": verdict.p95,
        "verdict": verdict.verdict,
    }


def _changes(
    days: NDArray[np.object_], inside: Flags, compared: Flags, mean: Floats, without_weather: Floats, expected: Floats
) -> dict[str, Any]:
    """Each change with its 5th and 95th percentile over resampled days."""
    ones = np.ones_like(mean)
    row: dict[str, Any] = {"alert_days": len(set(days[inside])), "days_beside": len(set(days[compared]))}
    for name, top, bottom in (
        ("raw", mean, ones),
        ("normalised", without_weather, ones),
        ("unexplained", mean, expected),
    ):
        parts = [_sums_by_day(days, hours, top, bottom) for hours in (inside, compared)]
        draws = [_resample_levels(part) for part in parts]
        change = _level(parts[0]) / _level(parts[1]) - 1
        low, high = np.quantile(draws[0] / draws[1] - 1, [0.05, 0.95])
        row |= {
            f"{name}_change_share": float(change),
            f"{name}_change_share_p05": float(low),
            f"{name}_change_share_p95": float(high),
        }
    return row


def _sums_by_day(days: NDArray[np.object_], hours: Flags, top: Floats, bottom: Floats) -> Floats:
    """Sums of numerator and denominator by day, (days, 2)."""
    _, day_number = np.unique(days[hours], return_inverse=True)
    return np.column_stack([np.bincount(day_number, weights=part[hours]) for part in (top, bottom)])


def _level(by_day: Floats) -> float:
    return float(by_day[:, 0].sum() / by_day[:, 1].sum())


def _resample_levels(by_day: Floats) -> Floats:
    random = np.random.default_rng(SEED)
    drawn = by_day[random.integers(0, len(by_day), size=(RESAMPLES, len(by_day)))].sum(axis=1)
    levels: Floats = drawn[:, 0] / drawn[:, 1]
    return levels
