"""Emission factors of power units judged on US monitors: plants left out whole, and factors carried from period to period.

Belongs here: which years teach and judge, and the document. Does not: reading, models, charts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.validate.avert.data import BIN_VALUES, UnitYear, read_year, years_present
from bigdata_emis.validate.avert.periods import seasons_document, years_document
from bigdata_emis.validate.avert.plants import (
    FLOOR_G,
    JUDGED_POLLUTANTS,
    MODEL_NAMES,
    SELECTED,
    LeftOut,
    Told,
    bin_intervals,
    leave_plants_out,
)
from bigdata_emis.validate.avert.plots import avert_plots
from bigdata_emis.validate.avert.transfer import LEAST_BINS
from bigdata_emis.validate.metrics import METRICS, series_metrics, summary

FACTOR_TWO = float(np.log(2))
PLANTS_NOTE = (
    "every plant's units are told from other plants alone; median_error is |told / measured - 1| of a unit's yearly factor over units whose measured "
    "factor is above the floor of the files (zero_truth counts the others); coverage_90 over the same units, coverage_90_all over all, "
    "coverage_90_plants with each plant counting once; interval_ratio is the median of upper over lower"
)


def validate_avert(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Plants left out in the last year given; factors carried from the fit years to the score years, and from summer to the rest.

    Without years given, the last year that is there is scored and the others are fitted.

    Raises InputError when a year's file is missing or unusable, when years overlap, or when score years lie before fit years.
    """
    tell = progress or (lambda _what, _done, _all: None)
    fitted, scored = _years(data, fit, score)
    tell("read", 0, 3)
    years = {year: read_year(data, year) for year in (*fitted, *scored)}
    judged = years[max(years)]
    left_out = leave_plants_out(judged, tell)
    tell("carry factors", 1, 3)
    carried = years_document(years, fitted if scored else (), scored)
    tell("summarise", 2, 3)
    rows = _series_rows(judged, [task for task in left_out if task.driver == "per_kwh"])
    classes = _by_class(left_out)
    seasons = seasons_document(judged)
    return {
        "task": "avert",
        "fit": list(fitted),
        "score": list(scored or fitted),
        "champion": SELECTED,
        "hours": BIN_VALUES,
        "has_regional_load": {str(year.year): year.has_regional_load for year in years.values()},
        "models": {name: summary([row for row in rows if row["model"] == name]) for name in MODEL_NAMES},
        "units": [
            {"id": row["id"], "model": SELECTED, "form": row["form"], **{m: row[m] for m in METRICS}, "n": row["n"]}
            for row in rows
            if row["model"] == SELECTED
        ],
        "leave_plant_out": {
            "year": judged.year,
            "note": PLANTS_NOTE,
            "pollutants": list(JUDGED_POLLUTANTS),
            "classes": classes,
        },
        "year_to_year": carried,
        "season_to_season": seasons,
        "plots": avert_plots(left_out, classes, carried if scored else seasons),
    }


def _years(data: Path, fit: tuple[int, ...], score: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Fit years and score years in order; one lone year is fitted with nothing to score."""
    if not fit and not score:
        present = years_present(data)
        return (present[:-1], present[-1:]) if len(present) > 1 else (present, ())
    fitted, scored = tuple(sorted(fit)), tuple(sorted(score))
    if not fitted:
        raise InputError(f"score {list(scored)} is given without years to fit", "give --fit too")
    if len(set(fitted + scored)) < len(fitted + scored) or (scored and scored[0] <= fitted[-1]):
        raise InputError(
            f"fit {list(fitted)} and score {list(scored)} must be years, each once, the fitted first",
            "judge on later years",
        )
    return fitted, scored


def _by_class(left_out: list[LeftOut]) -> dict[str, Any]:
    """Errors and coverage by fuel, pollutant and driver, for every model."""
    found: dict[str, Any] = {}
    for task in left_out:
        models = {name: _class_scores(task, task.told[name]) for name in MODEL_NAMES}
        found[f"{task.fuel} {task.pollutant} {task.driver}"] = {
            "units": len(task.place),
            "plants": len(set(task.plant.tolist())),
            "chosen": task.chosen,
            "models": models,
        }
    return found


def _class_scores(task: LeftOut, told: Told) -> dict[str, float | int]:
    above = task.measured > np.log(FLOOR_G[task.driver])
    off = told.middle - task.measured
    inside = (task.measured >= told.lower) & (task.measured <= told.upper)
    _, number, size = np.unique(task.plant, return_inverse=True, return_counts=True)
    return {
        "n": int(above.sum()),
        "zero_truth": int((~above).sum()),
        "median_error": float(np.median(np.abs(np.expm1(off[above])))),
        "median_abs_log": float(np.median(np.abs(off[above]))),
        "share_within_factor_2": float((np.abs(off[above]) <= FACTOR_TWO).mean()),
        "coverage_90": float(inside[above].mean()),
        "coverage_90_all": float(inside.mean()),
        "coverage_90_plants": float(np.average(inside, weights=1 / size[number])),
        "interval_ratio": float(np.median(np.exp(told.upper - told.lower)[above])),
    }


def _series_rows(year: UnitYear, left_out: list[LeftOut]) -> list[dict[str, Any]]:
    """Metrics over the bins of each unit: the factor told, times output, against the emission measured."""
    rows = []
    for task in left_out:
        emission, output = year.emission(task.pollutant)[task.place], year.energy_kwh[task.place]
        above = task.measured > np.log(FLOOR_G[task.driver])
        held = (year.weight_h[task.place] > 0) & (output > 0) & above[:, None]
        told = bin_intervals(
            task, held, np.log(np.maximum(emission / np.where(held, output, 1.0), FLOOR_G[task.driver]))
        )
        first = np.concatenate([[0], np.cumsum(held.sum(axis=1))])
        for at in np.flatnonzero(held.sum(axis=1) >= LEAST_BINS):
            measured, unit = emission[at][held[at]], year.unit.iloc[task.place[at]]
            if np.ptp(measured) > 0:
                name, bins = (
                    f"{unit['orispl_code']}/{unit['unit_code']} {task.pollutant}",
                    slice(first[at], first[at + 1]),
                )
                rows += [
                    {"id": name, "form": task.fuel, **row}
                    for row in _unit_rows(told, bins, measured, output=output[at][held[at]])
                ]
    return rows


def _unit_rows(told: dict[str, Told], bins: slice, measured: Floats, *, output: Floats) -> list[dict[str, Any]]:
    rows = []
    for model in MODEL_NAMES:
        low, middle, high = (
            np.exp(part[bins]) * output for part in (told[model].lower, told[model].middle, told[model].upper)
        )
        rows.append({"model": model, **series_metrics(middle, measured, low, high), "n": len(measured)})
    return rows
