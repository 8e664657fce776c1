"""Deweathering scored on hours of Beijing stations not fitted, and the red alerts.

Belongs here: what is fitted, what is scored, and the document. Does not: reading (data), alerts, associations
(pairs), charts (plots).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.errors import InputError
from bigdata_emis.relate.association.deweather import add_trailing_means, fit_forest
from bigdata_emis.validate.beijing.alerts import compare_alerts
from bigdata_emis.validate.beijing.boosted_air import BoostedAir, boosting_inputs, choose_trends, estimate_boosted
from bigdata_emis.validate.beijing.data import POLLUTANTS, Stations, read_stations
from bigdata_emis.validate.beijing.pairs import correlate_stations, correlate_weather
from bigdata_emis.validate.beijing.plots import beijing_charts
from bigdata_emis.validate.document import BeijingDocument
from bigdata_emis.validate.metrics import score_series, summarise_units, unit_scores

CHAMPION, FOREST = "boosting", "forest"
BLOCKS = "_in_blocks"
BLOCK_H, PARTS = 14 * 24, 5
"""Fortnights, every fifth of which is not fitted: it calibrates intervals in the fit years.

For the forest that removes the effect of weather it is scored instead, and one more of five calibrates."""
TREES, SAMPLE_SHARE = 40, 0.2
"""Fewer trees than the 300 of rmweather, each of a fifth of the hours: two minutes in all, R² lower by 0.01."""
MIN_HOURS = 24 * 30
CLASSES = 3
"""Thirds of the estimates, each with its own interval, since errors grow with the level."""
DATE_COLUMN = 0
NOTE = (
    "Inputs of the champion (boosted trees of the root): season as one wave and the heating season, weekday, hour, the "
    "weather of the station and of all stations with their means over 3 to 72 h; not the date, since a date after the "
    "last fitted one has no information. The level follows the trend of equal months of the fit years for the "
    "pollutants whose last fit year it explains better. Score years are estimated by trees of all fit hours; the "
    "interval comes from trees that lack the fortnights it is calibrated on. The forest has day of the year, weekday, "
    "hour and means over 12 and 48 h; the forest that removes the effect of weather also has the date and is scored on "
    "fortnights that lie between fitted ones (…_in_blocks). Baselines: the mean of hour and month over the fitted "
    "hours, and the same hour of the day before."
)


def validate_beijing(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> BeijingDocument:
    """Scores by station and pollutant in years not fitted.

    Red alerts and associations are over all years given.

    Raises InputError when the years overlap, go backwards or hold no hours, or when the file cannot be used.
    """
    if not fit or not score or set(fit) & set(score):
        raise InputError(f"fit {fit} and score {score} must be years, each once", "judge on years that were not fitted")
    if min(score) < max(fit):
        raise InputError(
            f"fit {fit} and score {score} go backwards: a model must not be fitted on later years than it is scored on",
            "score later years",
        )
    report = progress or (lambda _what, _done, _all: None)
    stations = read_stations(data)
    in_fit, in_score = (np.isin(stations.years, years) for years in (fit, score))
    for years, hours in ((fit, in_fit), (score, in_score)):
        if not hours.any():
            raise InputError(
                f"{data}: holds no hours of {', '.join(map(str, years))}",
                f"it has {stations.years.min()} to {stations.years.max()}",
            )
    pairs = [(station, pollutant) for station in range(len(stations.names)) for pollutant in range(len(POLLUTANTS))]
    rows: list[dict[str, Any]] = []
    trends = choose_trends(stations, in_fit)
    for done, (station, pollutant) in enumerate(pairs):
        report(f"{stations.names[station]} {POLLUTANTS[pollutant]}", done, len(pairs) + 2)
        has_trend = trends[POLLUTANTS[pollutant]]
        rows += score_unit(stations, station, pollutant, in_fit=in_fit, in_score=in_score, has_trend=has_trend)
    report("red alerts", len(pairs), len(pairs) + 2)
    used = in_fit | in_score
    alerts, series = compare_alerts(stations, used)
    report("associations", len(pairs) + 1, len(pairs) + 2)
    return _document(
        rows,
        fit,
        score,
        alerts,
        {"weather": correlate_weather(stations, used), "stations": correlate_stations(stations, used)},
        series,
    )


def score_unit(
    stations: Stations, station: int, pollutant: int, *, in_fit: Flags, in_score: Flags, has_trend: bool = False
) -> list[dict[str, Any]]:
    """Scores of every model for one station and pollutant.

    They are over the score years, and over unfitted fortnights of all years.
    """
    measured, weather = stations.measured[station, pollutant], stations.weather[station]
    has_data = np.isfinite(measured) & np.isfinite(weather).any(axis=1)
    predictors = np.hstack([stations.clock, add_trailing_means(weather)])
    part = np.arange(len(measured)) // BLOCK_H % PARTS
    last_part, calibration_part = part == PARTS - 1, part == PARTS - 2
    without_date = np.delete(predictors, DATE_COLUMN, axis=1)
    cases = (
        ("", without_date, in_fit & ~last_part, in_fit & last_part, in_score),
        (
            BLOCKS,
            predictors,
            (in_fit | in_score) & ~last_part & ~calibration_part,
            (in_fit | in_score) & calibration_part,
            (in_fit | in_score) & last_part,
        ),
    )
    rows = []
    for suffix, inputs, fitted, calibrated, scored in cases:
        if (has_data & fitted).sum() < MIN_HOURS or (has_data & scored).sum() < MIN_HOURS:
            continue
        estimates = _estimate_models(stations, measured, inputs, has_data & fitted)
        if not suffix:
            estimates[CHAMPION] = estimate_champion(
                stations,
                measured,
                weather,
                fitted=has_data & fitted,
                calibrated=has_data & calibrated,
                has_trend=has_trend,
            )
        rows += [
            _score_row(
                stations.names[station], pollutant, name + suffix, estimate, measured, has_data, calibrated, scored
            )
            for name, estimate in estimates.items()
        ]
    return rows


def estimate_champion(
    stations: Stations, measured: Floats, weather: Floats, *, fitted: Flags, calibrated: Flags, has_trend: bool
) -> BoostedAir:
    """Calibration hours by trees that never saw them, all other hours by trees fitted on both.

    The interval is then that of slightly fewer hours than the estimate has, so a little wide.
    """
    inputs = boosting_inputs(stations, weather)
    without, whole = (
        estimate_boosted(stations, measured, inputs, hours, has_trend=has_trend)
        for hours in (fitted, fitted | calibrated)
    )
    return BoostedAir(*(np.where(calibrated, a, b) for a, b in zip(without, whole, strict=True)))


def _estimate_models(stations: Stations, measured: Floats, predictors: Floats, fitted: Flags) -> dict[str, BoostedAir]:
    """The forest and both baselines, for every hour."""
    forest = fit_forest(predictors[fitted], measured[fitted], trees=TREES, sample_share=SAMPLE_SHARE)
    values = {
        FOREST: forest.predict(predictors),
        "climatology": estimate_climatology(stations, measured, fitted),
        "day_before": np.concatenate([np.full(24, np.nan), measured[:-24]]),
    }
    return {name: BoostedAir(value, np.zeros(len(measured))) for name, value in values.items()}


def estimate_climatology(stations: Stations, measured: Floats, fitted: Flags) -> Floats:
    """Mean of each hour of the day in each month over the fitted hours.

    In months without fitted hours, the mean of the hour of the day.
    """
    cell = np.array([(at.month - 1) * 24 + at.hour for at in stations.local])
    sums, counts = (
        np.bincount(cell[fitted], weights=w, minlength=12 * 24) for w in (measured[fitted], np.ones(int(fitted.sum())))
    )
    by_hour = sums.reshape(12, 24).sum(axis=0) / np.maximum(counts.reshape(12, 24).sum(axis=0), 1)
    means: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.tile(by_hour, 12))[cell]
    return means


def _score_row(
    station: str,
    pollutant: int,
    model: str,
    air: BoostedAir,
    measured: Floats,
    has_data: Flags,
    calibrated: Flags,
    scored: Flags,
) -> dict[str, Any]:
    estimate = air.value
    usable = has_data & np.isfinite(estimate)
    low, high = bound_estimate(estimate, measured, usable & calibrated, level_sd=air.level_sd)
    at = usable & scored
    scores = score_series(estimate[at], measured[at], low[at], high[at])
    return {
        "id": f"{station} {POLLUTANTS[pollutant]}",
        "pollutant": POLLUTANTS[pollutant],
        "model": model,
        **scores,
        "n": int(at.sum()),
    }


def bound_estimate(
    estimate: Floats, measured: Floats, calibrated: Flags, *, level_sd: Floats | None = None
) -> tuple[Floats, Floats]:
    """90 % interval of the estimate, from the ratios measured to estimate of calibration hours.

        bound = (estimate + 1) · percentile of (measured + 1) / (estimate + 1) − 1,  by thirds of the estimate

    level_sd: standard deviation of the logarithm of the level of each hour, added in quadrature to both arms.

    Source: split conformal prediction (Lei et al. 2018, J. Am. Stat. Assoc. 113, 1094), with a multiplicative score.
    """
    edges = np.quantile(estimate[calibrated], np.arange(1, CLASSES) / CLASSES)
    third = np.searchsorted(edges, np.nan_to_num(estimate))
    ratio = (measured + 1) / (estimate + 1)
    low, high = np.empty(CLASSES), np.empty(CLASSES)
    for number in range(CLASSES):
        low[number], high[number] = np.quantile(ratio[calibrated & (third == number)], [0.05, 0.95])
    reach = np.zeros(len(estimate)) if level_sd is None else NINETY_FIFTH * level_sd
    middle, half = np.log(low * high) / 2, np.log(high / low) / 2
    arm = np.hypot(half[third], reach)
    lower, upper = (np.exp(middle[third] + sign * arm) for sign in (-1, 1))
    return (estimate + 1) * lower - 1, (estimate + 1) * upper - 1


def _document(
    rows: list[dict[str, Any]],
    fit: tuple[int, ...],
    score: tuple[int, ...],
    alerts: list[dict[str, Any]],
    pairs: dict[str, Any],
    series: dict[str, Any],
) -> BeijingDocument:
    models = list(dict.fromkeys(row["model"] for row in rows))
    by_model = {name: [row for row in rows if row["model"] == name] for name in models}
    return {
        "task": "beijing",
        "fit": list(fit),
        "score": list(score),
        "champion": CHAMPION,
        "hours": "all hours with a measurement",
        "note": NOTE,
        "models": {name: summarise_units(by_model[name]) for name in models},
        "by_pollutant": {
            p: {name: summarise_units([row for row in by_model[name] if row["pollutant"] == p]) for name in models}
            for p in POLLUTANTS
        },
        "units": [unit_scores(row["id"], row["model"], row, row["n"]) for row in by_model.get(CHAMPION, [])],
        "alerts": alerts,
        "associations": pairs,
        "plots": beijing_charts(by_model, alerts, series),
    }
