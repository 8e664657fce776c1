"""Speed of hidden detectors: silent for the last days, or never seen at all.

Belongs here: what is hidden, baselines, scores. Does not: the models (inventory/roads), reading.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.inventory.roads.silent_speed import (
    estimate_by_ridge,
    estimate_silent_speed,
    nearest_in_time,
    own_profile,
)
from bigdata_emis.inventory.roads.unseen_speed import estimate_by_graph_neighbours, estimate_unseen_speed, fill_gaps
from bigdata_emis.validate.document import TrafficDocument
from bigdata_emis.validate.traffic.detector_data import STEP_MIN, STEPS_A_DAY, DetectorSpeeds, read_detectors
from bigdata_emis.validate.traffic.hidden import draw_hidden, read_hidden
from bigdata_emis.validate.traffic.plots import traffic_charts
from bigdata_emis.validate.traffic.scores import Estimates, pooled_models, score_units

MODES = ("silent", "never-seen")
CHAMPION = "boosted_neighbours"
HIDDEN_SHARE, SILENT_SHARE = 0.13, 0.3
"""Of the detectors, drawn at random; and of the days, the last ones."""
MIN_SEEN = 15
NOTE = (
    "silent: the detector's own days before the silent ones are known, and all other detectors; never-seen: only its "
    "place and adjacency. Hidden speeds are blanked before anything is fitted. Bounds of baselines are percentiles of "
    "their errors on the known past (silent) or of speeds (never-seen)."
)
LEAST_WEIGHT = 1e-9


def judge_speed(data: Path, *, mode: str, hidden: Path | None, report: Any) -> tuple[TrafficDocument, pd.DataFrame]:
    """Scores over hidden detectors as a document, and the predictions of every hidden five minutes.

    Raises InputError when the files or the list of detectors cannot be used, or when too little is left to fit.
    """
    detectors = read_detectors(data)
    known = [detectors.ids[link] for link in np.flatnonzero(np.isfinite(detectors.speed).any(axis=1)).tolist()]
    names = read_hidden(hidden) if hidden else draw_hidden(known, HIDDEN_SHARE)
    links = _positions(detectors, names)
    days = detectors.speed.shape[1] // STEPS_A_DAY
    is_hidden_time = np.arange(detectors.speed.shape[1]) >= (
        (days - max(1, round(SILENT_SHARE * days))) * STEPS_A_DAY if mode == "silent" else 0
    )
    visible = detectors.speed.copy()
    visible[np.ix_(links, np.flatnonzero(is_hidden_time))] = np.nan
    _check_left(detectors, visible, links, mode)
    report("boosted neighbours", 0, 2)
    models = (
        _silent(detectors, visible, is_hidden_time, links) if mode == "silent" else _unseen(detectors, visible, links)
    )
    truth = detectors.speed[links][:, is_hidden_time].ravel()
    times = np.tile(detectors.times[is_hidden_time].strftime("%Y-%m-%d %H:%M:%S").to_numpy(), len(links))
    ids = np.repeat(np.array([detectors.ids[link] for link in links]), int(is_hidden_time.sum()))
    champion = models[CHAMPION]
    rows = {"time": times, "id": ids, "value": champion.value, "p05": champion.p05, "p95": champion.p95}
    return _document(mode, names, models, truth, ids, times.tolist()), pd.DataFrame(rows)


def _silent(detectors: DetectorSpeeds, visible: Floats, is_silent: Flags, links: Positions) -> dict[str, Estimates]:
    clock = (detectors.step_of_day, detectors.is_weekend)
    estimate = estimate_silent_speed(visible, *clock, is_silent, links)
    filled = fill_gaps(visible)
    heard = np.setdiff1d(np.flatnonzero(np.isfinite(visible).any(axis=1)), links)

    def ridge(link: int) -> Floats:
        return estimate_by_ridge(filled, link, nearest_in_time(filled, link, heard, ~is_silent), ~is_silent)

    return {
        CHAMPION: Estimates(estimate.value, estimate.p05, estimate.p95),
        "own_weekday_profile": _baseline(
            lambda link: own_profile(visible[link], *clock, ~is_silent), visible, links, is_silent
        ),
        "ridge_on_25_neighbours": _baseline(ridge, visible, links, is_silent),
    }


def _baseline(estimate: Callable[[int], Floats], visible: Floats, links: Positions, is_silent: Flags) -> Estimates:
    """A model of each link with the percentiles of its errors in the past."""
    values, bounds = [], []
    for link in links.tolist():
        series = estimate(link)
        values.append(series[is_silent])
        bounds.append(np.nanquantile((visible[link] - series)[~is_silent], [0.05, 0.95]))
    value = np.concatenate(values)
    low, high = np.repeat(np.array(bounds), int(is_silent.sum()), axis=0).T
    return Estimates(value, value + low, value + high)


def _unseen(detectors: DetectorSpeeds, visible: Floats, links: Positions) -> dict[str, Estimates]:
    network = detectors.network
    hour = detectors.step_of_day * STEP_MIN / 60
    estimate = estimate_unseen_speed(network, visible, hour, detectors.is_weekend.astype(np.float64), links)
    seen = np.flatnonzero(np.isfinite(visible).any(axis=1))
    speed = fill_gaps(visible)[seen]
    profile = np.array([speed[:, detectors.step_of_day == step].mean() for step in range(STEPS_A_DAY)])
    nearest = speed[network.apart_km[np.ix_(links, seen)].argmin(axis=1)]
    weight = network.adjacency[np.ix_(links, seen)] + LEAST_WEIGHT
    adjacent = (weight / weight.sum(axis=1, keepdims=True)) @ speed
    plain = {
        "profile_of_visible": np.tile(profile[detectors.step_of_day], len(links)),
        "nearest": nearest.ravel(),
        "adjacency_mean": adjacent.ravel(),
        "boosted_graph_neighbours": estimate_by_graph_neighbours(network, visible, hour, links),
    }
    low, high = np.quantile(speed, [0.05, 0.95])
    bounds = {
        name: Estimates(value, np.full(len(value), low), np.full(len(value), high)) for name, value in plain.items()
    }
    return {CHAMPION: Estimates(estimate.value, estimate.p05, estimate.p95), **bounds}


def _positions(detectors: DetectorSpeeds, names: Sequence[str]) -> Positions:
    position = {name: number for number, name in enumerate(detectors.ids)}
    unknown = next((name for name in names if name not in position), None)
    if unknown is not None:
        raise InputError(f"detector {shorten(unknown)} has no place in the data", "list identifiers of the places")
    return np.array(sorted(position[name] for name in names), dtype=np.intp)


def _check_left(detectors: DetectorSpeeds, visible: Floats, links: Positions, mode: str) -> None:
    left = len(np.setdiff1d(np.flatnonzero(np.isfinite(visible).any(axis=1)), links))
    if left < MIN_SEEN:
        raise InputError(f"{left} detectors are left to fit: expected at least {MIN_SEEN}", "hide fewer detectors")
    without = [link for link in links.tolist() if mode == "silent" and np.isfinite(visible[link]).sum() < STEPS_A_DAY]
    if without:
        name = detectors.ids[without[0]]
        raise InputError(f"detector {name} has less than one past day", "judge it with --mode never-seen")


def _document(
    mode: str, names: list[str], models: dict[str, Estimates], truth: Floats, ids: Any, times: list[str]
) -> TrafficDocument:
    units = {name: score_units(name, model, truth, ids) for name, model in models.items()}
    return {
        "task": "traffic",
        "fit": [],
        "score": [],
        "champion": CHAMPION,
        "mode": mode,
        "what": "speed",
        "unit": "mph",
        "hours": "five-minute values of hidden detectors; units are detectors",
        "note": NOTE,
        "hidden": names,
        "rows_unusable": {},
        "models": pooled_models(models, truth, units, per_hour=60 // STEP_MIN),
        "units": units[CHAMPION],
        "plots": traffic_charts(models, truth, times, unit="mph"),
    }
