"""Weather's part in Beijing's air judged on hours that no forest has seen, and what is left of the red alerts without it.

Belongs here: what is fitted, what is scored, and the document. Does not: reading files, alerts, associations or plots.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.errors import InputError
from bigdata_emis.relate.association.deweather import fitted_forest, with_memory
from bigdata_emis.validate.beijing.alerts import alert_rows
from bigdata_emis.validate.beijing.data import POLLUTANTS, Stations, read_stations
from bigdata_emis.validate.beijing.pairs import station_pairs, weather_pairs
from bigdata_emis.validate.beijing.plots import beijing_plots
from bigdata_emis.validate.metrics import METRICS, series_metrics, summary

CHAMPION = "forest"
BLOCKS = "_in_blocks"
BLOCK_H, PARTS = 14 * 24, 5
"""Fortnights, each fifth of which is held out: to calibrate intervals in the fit years; to score, and one more to calibrate, the forest that takes
the weather out."""
TREES, SAMPLE_SHARE = 40, 0.2
"""Fewer trees than rmweather's 300, each of a fifth of the hours: 144 forests in two minutes, and 0.01 of R² from larger ones."""
LEAST_HOURS = 24 * 30
CLASSES = 3
"""Thirds of the estimates, each with intervals of its own, since errors grow with the level."""
DATE_COLUMN = 0
NOTE = (
    "The champion knows day of year, weekday, hour, the weather of the station and its means over 12 and 48 h, not the date: a date after the "
    "last fitted one says nothing. "
    "The forest that takes the weather out also knows the date; it is judged on fortnights held out among fitted ones (…_in_blocks). "
    "Baselines: the mean of hour and month over the fitted hours, and the same hour of the day before."
)


def validate_beijing(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Fit on some years, score on others, for each station and pollutant; then the red alerts and associations over all years given.

    Raises InputError when the years overlap, go backwards or hold no hours, or when the file cannot be used.
    """
    if not fit or not score or set(fit) & set(score):
        raise InputError(f"fit {fit} and score {score} must be years, each once", "judge on years that were not fitted")
    if min(score) < max(fit):
        raise InputError(
            f"fit {fit} and score {score} go backwards: no model knows the years after those that it estimates",
            "score later years",
        )
    tell = progress or (lambda _what, _done, _all: None)
    stations = read_stations(data)
    taught, asked = (np.isin(stations.years, years) for years in (fit, score))
    for years, hours in ((fit, taught), (score, asked)):
        if not hours.any():
            raise InputError(
                f"{data}: holds no hours of {', '.join(map(str, years))}",
                f"it has {stations.years.min()} to {stations.years.max()}",
            )
    pairs = [(station, pollutant) for station in range(len(stations.names)) for pollutant in range(len(POLLUTANTS))]
    rows: list[dict[str, Any]] = []
    for done, (station, pollutant) in enumerate(pairs):
        tell(f"{stations.names[station]} {POLLUTANTS[pollutant]}", done, len(pairs) + 2)
        rows += unit_rows(stations, station, pollutant, taught=taught, asked=asked)
    tell("red alerts", len(pairs), len(pairs) + 2)
    used = taught | asked
    alerts, series = alert_rows(stations, used)
    tell("associations", len(pairs) + 1, len(pairs) + 2)
    return _document(
        rows,
        fit,
        score,
        alerts,
        {"weather": weather_pairs(stations, used), "stations": station_pairs(stations, used)},
        series,
    )


def unit_rows(stations: Stations, station: int, pollutant: int, *, taught: Flags, asked: Flags) -> list[dict[str, Any]]:
    """The scores of every model for one station and pollutant, over the score years and over held-out fortnights of all years."""
    measured, weather = stations.measured[station, pollutant], stations.weather[station]
    known = np.isfinite(measured) & np.isfinite(weather).any(axis=1)
    predictors = np.hstack([stations.clock, with_memory(weather)])
    part = np.arange(len(measured)) // BLOCK_H % PARTS
    held_out, spared = part == PARTS - 1, part == PARTS - 2
    ahead = np.delete(predictors, DATE_COLUMN, axis=1)
    cases = (
        ("", ahead, taught & ~held_out, taught & held_out, asked),
        (
            BLOCKS,
            predictors,
            (taught | asked) & ~held_out & ~spared,
            (taught | asked) & spared,
            (taught | asked) & held_out,
        ),
    )
    rows = []
    for suffix, given, fitted, calibrated, scored in cases:
        if (known & fitted).sum() < LEAST_HOURS or (known & scored).sum() < LEAST_HOURS:
            continue
        estimates = _estimates(stations, measured, given, known & fitted)
        rows += [
            _row(stations.names[station], pollutant, name + suffix, estimate, measured, known, calibrated, scored)
            for name, estimate in estimates.items()
        ]
    return rows


def _estimates(stations: Stations, measured: Floats, predictors: Floats, fitted: Flags) -> dict[str, Floats]:
    """The forest and both baselines, for every hour."""
    forest = fitted_forest(predictors[fitted], measured[fitted], trees=TREES, sample_share=SAMPLE_SHARE)
    return {
        CHAMPION: forest.predict(predictors),
        "climatology": climatology(stations, measured, fitted),
        "day_before": np.concatenate([np.full(24, np.nan), measured[:-24]]),
    }


def climatology(stations: Stations, measured: Floats, fitted: Flags) -> Floats:
    """The mean of each hour of the day in each month over the fitted hours; of the hour alone where a month was not fitted."""
    cell = np.array([(at.month - 1) * 24 + at.hour for at in stations.local])
    sums, counts = (
        np.bincount(cell[fitted], weights=w, minlength=12 * 24) for w in (measured[fitted], np.ones(int(fitted.sum())))
    )
    by_hour = sums.reshape(12, 24).sum(axis=0) / np.maximum(counts.reshape(12, 24).sum(axis=0), 1)
    means: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.tile(by_hour, 12))[cell]
    return means


def _row(
    station: str,
    pollutant: int,
    model: str,
    estimate: Floats,
    measured: Floats,
    known: Flags,
    calibrated: Flags,
    scored: Flags,
) -> dict[str, Any]:
    usable = known & np.isfinite(estimate)
    low, high = interval(estimate, measured, usable & calibrated)
    at = usable & scored
    metrics = series_metrics(estimate[at], measured[at], low[at], high[at])
    return {
        "id": f"{station} {POLLUTANTS[pollutant]}",
        "pollutant": POLLUTANTS[pollutant],
        "model": model,
        **metrics,
        "n": int(at.sum()),
    }


def interval(estimate: Floats, measured: Floats, calibrated: Flags) -> tuple[Floats, Floats]:
    """The estimate times the 5th and 95th percentile of measured over estimate, by thirds of the estimate, from calibration hours.

    Source: split conformal prediction with a multiplicative score (Lei et al. 2018, J. Am. Stat. Assoc. 113, 1094), binned by the estimate.
    """
    edges = np.quantile(estimate[calibrated], np.arange(1, CLASSES) / CLASSES)
    place = np.searchsorted(edges, np.nan_to_num(estimate))
    ratio = (measured + 1) / (estimate + 1)
    low, high = np.empty(CLASSES), np.empty(CLASSES)
    for number in range(CLASSES):
        low[number], high[number] = np.quantile(ratio[calibrated & (place == number)], [0.05, 0.95])
    return (estimate + 1) * low[place] - 1, (estimate + 1) * high[place] - 1


def _document(
    rows: list[dict[str, Any]],
    fit: tuple[int, ...],
    score: tuple[int, ...],
    alerts: list[dict[str, Any]],
    pairs: dict[str, Any],
    series: dict[str, Any],
) -> dict[str, Any]:
    models = list(dict.fromkeys(row["model"] for row in rows))
    of = {name: [row for row in rows if row["model"] == name] for name in models}
    return {
        "task": "beijing",
        "fit": list(fit),
        "score": list(score),
        "champion": CHAMPION,
        "hours": "all hours with a measurement",
        "note": NOTE,
        "models": {name: summary(of[name]) for name in models},
        "by_pollutant": {
            p: {name: summary([row for row in of[name] if row["pollutant"] == p]) for name in models}
            for p in POLLUTANTS
        },
        "units": [{name: row[name] for name in ("id", "model", *METRICS, "n")} for row in of.get(CHAMPION, [])],
        "alerts": alerts,
        "associations": pairs,
        "plots": beijing_plots(of, alerts, series),
    }
