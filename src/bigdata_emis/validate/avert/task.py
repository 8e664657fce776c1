"""Emission factors of US power units: whole plants left out, and transfer in time.

Belongs here: fit and score years, and the document. Does not: reading (data), models (plants, transfer), charts
(plots).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.validate.avert.data import BIN_VALUES, UnitYear, read_year, years_present
from bigdata_emis.validate.avert.periods import ONE_YEAR, score_seasons, score_years
from bigdata_emis.validate.avert.plants import (
    BY_REGION,
    FLOOR_G,
    JUDGED_POLLUTANTS,
    MODEL_NAMES,
    SELECTED,
    FactorEstimate,
    LeftOut,
    estimate_bins,
    leave_plants_out,
)
from bigdata_emis.validate.avert.plots import avert_charts
from bigdata_emis.validate.avert.totals import total_left_out
from bigdata_emis.validate.avert.transfer import MIN_BINS
from bigdata_emis.validate.document import AvertDocument, LeavePlantOut, PlantClass
from bigdata_emis.validate.metrics import score_series, summarise_units, unit_scores

FACTOR_TWO = float(np.log(2))
PLANTS_NOTE = (
    "the units of every plant in the last year are estimated from other plants, in all years given; median_error is "
    "|estimated / measured - 1| of a unit's yearly factor, over units whose measured factor is above the resolution of "
    "the files (zero_truth counts the others); coverage_90 is over the same units, coverage_90_all over all, "
    "coverage_90_plants with weight one for each plant; interval_ratio is the median of upper over lower bound; totals "
    "sum expected factors, the typical ones times the ratio to the total of plants of other folds"
)

REGIONS_NOTE = (
    "as leave_plant_out, but the plants of a whole AVERT region are estimated from those of other regions, in eight "
    "folds of one or two regions; calibration and choice come from the other folds"
)


def validate_avert(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> AvertDocument:
    """Scores of factors of plants left out, and of factors transferred to other periods.

    Without years, the last year available is scored and the others are fitted.

    Raises InputError when a year's file is missing or unusable, when years overlap, or when score years lie before
    fit years.
    """
    report = progress or (lambda _what, _done, _all: None)
    fitted, scored = _years(data, fit, score)
    report("read", 0, 3)
    years = {year: read_year(data, year) for year in (*fitted, *scored)}
    last = years[max(years)]
    left_out = leave_plants_out([years[year] for year in sorted(years)], report)
    regions_left_out = leave_plants_out([years[year] for year in sorted(years)], report, group_by=BY_REGION)
    report("transfer factors", 1, 3)
    by_year = score_years(years, fitted, scored) if scored else {}
    report("summarise", 2, 3)
    rows = _score_bins(last, [task for task in left_out if task.driver == "per_kwh"])
    classes = _score_all_classes(left_out)
    seasons = score_seasons(last)
    return {
        "task": "avert",
        "fit": list(fitted),
        "score": list(scored or fitted),
        "champion": SELECTED,
        "hours": BIN_VALUES,
        "has_regional_load": {str(year.year): year.has_regional_load for year in years.values()},
        "models": {name: summarise_units([row for row in rows if row["model"] == name]) for name in MODEL_NAMES},
        "units": [
            {**unit_scores(row["id"], SELECTED, row, row["n"]), "form": row["form"]}
            for row in rows
            if row["model"] == SELECTED
        ],
        "leave_plant_out": _document_left_out(last.year, PLANTS_NOTE, left_out, classes),
        "leave_region_out": _document_left_out(
            last.year, REGIONS_NOTE, regions_left_out, _score_all_classes(regions_left_out)
        ),
        "year_to_year": by_year or {"why_not": ONE_YEAR},
        "season_to_season": seasons,
        "plots": avert_charts(left_out, classes, by_year if scored else seasons),
    }


def _document_left_out(year: int, note: str, left_out: list[LeftOut], classes: dict[str, PlantClass]) -> LeavePlantOut:
    return {
        "year": year,
        "note": note,
        "pollutants": list(JUDGED_POLLUTANTS),
        "classes": classes,
        "totals": [total_left_out(task) for task in left_out],
    }


def _years(data: Path, fit: tuple[int, ...], score: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Fit years and score years in order; a single year is a fit year, with none to score."""
    if not fit and not score:
        present = years_present(data)
        return (present[:-1], present[-1:]) if len(present) > 1 else (present, ())
    fitted, scored = tuple(sorted(fit)), tuple(sorted(score))
    if not fitted:
        raise InputError(f"score {list(scored)} is given without years to fit", "give --fit too")
    if len(set(fitted + scored)) < len(fitted + scored) or (scored and scored[0] <= fitted[-1]):
        raise InputError(
            f"fit {list(fitted)} and score {list(scored)} must be years, each once, the fit years first",
            "score later years",
        )
    return fitted, scored


def _score_all_classes(left_out: list[LeftOut]) -> dict[str, PlantClass]:
    """Errors and coverage by fuel, pollutant and driver, for every model."""
    classes: dict[str, PlantClass] = {}
    for task in left_out:
        models = {name: _score_class(task, task.estimates[name]) for name in MODEL_NAMES}
        classes[f"{task.fuel} {task.pollutant} {task.driver}"] = {
            "units": len(task.unit_row),
            "plants": len(set(task.plant.tolist())),
            "chosen": task.chosen,
            "models": models,
        }
    return classes


def _score_class(task: LeftOut, estimate: FactorEstimate) -> dict[str, float | int]:
    above = task.measured > np.log(FLOOR_G[task.driver])
    error = estimate.middle - task.measured
    inside = (task.measured >= estimate.lower) & (task.measured <= estimate.upper)
    _, number, size = np.unique(task.plant, return_inverse=True, return_counts=True)
    return {
        "n": int(above.sum()),
        "zero_truth": int((~above).sum()),
        "median_error": float(np.median(np.abs(np.expm1(error[above])))),
        "median_abs_log": float(np.median(np.abs(error[above]))),
        "share_within_factor_2": float((np.abs(error[above]) <= FACTOR_TWO).mean()),
        "coverage_90": float(inside[above].mean()),
        "coverage_90_all": float(inside.mean()),
        "coverage_90_plants": float(np.average(inside, weights=1 / size[number])),
        "interval_ratio": float(np.median(np.exp(estimate.upper - estimate.lower)[above])),
    }


def _score_bins(year: UnitYear, left_out: list[LeftOut]) -> list[dict[str, Any]]:
    """Scores over the bins of each unit: the estimated factor times output, against the measured emission."""
    rows = []
    for task in left_out:
        emission, output = year.emission(task.pollutant)[task.unit_row], year.energy_kwh[task.unit_row]
        above = task.measured > np.log(FLOOR_G[task.driver])
        used = (year.weight_h[task.unit_row] > 0) & (output > 0) & above[:, None]
        factor = np.maximum(emission / np.where(used, output, 1.0), FLOOR_G[task.driver])
        estimates = estimate_bins(task, used, np.log(factor))
        first = np.concatenate([[0], np.cumsum(used.sum(axis=1))])
        for at in np.flatnonzero(used.sum(axis=1) >= MIN_BINS):
            measured, unit = emission[at][used[at]], year.unit.iloc[task.unit_row[at]]
            if np.ptp(measured) > 0:
                name, bins = _unit_name(unit, task.pollutant), slice(first[at], first[at + 1])
                scores = _score_unit(estimates, bins, measured, output=output[at][used[at]])
                rows += [{"id": name, "form": task.fuel, **row} for row in scores]
    return rows


def _unit_name(unit: Any, pollutant: str) -> str:
    return f"{unit['orispl_code']}/{unit['unit_code']} {pollutant}"


def _score_unit(
    estimates: dict[str, FactorEstimate], bins: slice, measured: Floats, *, output: Floats
) -> list[dict[str, Any]]:
    rows = []
    for model in MODEL_NAMES:
        estimate = estimates[model]
        low, middle, high = (np.exp(part[bins]) * output for part in (estimate.lower, estimate.middle, estimate.upper))
        rows.append({"model": model, **score_series(middle, measured, low, high), "n": len(measured)})
    return rows
