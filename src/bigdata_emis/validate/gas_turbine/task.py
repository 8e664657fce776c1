"""Stack NOx and CO of a gas turbine estimated walk-forward from load and weather.

Research: these models are judged here and not run by the day.
Belongs here: which rows are fitted and scored, and the document. Does not: reading (data), models (models), charts
(plots).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import GasTurbineDocument, ModelSummary, UnitScores
from bigdata_emis.validate.gas_turbine.data import TARGETS, TurbineRows, read_turbine
from bigdata_emis.validate.gas_turbine.models import (
    BASELINES,
    CHAMPION,
    DAY_H,
    MONTH_H,
    PROCESS,
    KernelChoice,
    TurbineEstimate,
    choose_kernel,
    walk_models,
)
from bigdata_emis.validate.gas_turbine.plots import turbine_charts
from bigdata_emis.validate.metrics import score_series, summarise_units, unit_scores

MODELS = (CHAMPION, PROCESS, *BASELINES)
LATE_H = (DAY_H, MONTH_H)
MIN_FIT_ROWS = 2 * MONTH_H
"""With fewer, no error of an estimate with truth 30 days late would be known when the score years begin."""
QUARTERS = 4
HEADLINE = "NOx"
HOURS = (
    "every row is an hour in which the unit runs; rows have no time stamp and hours are missing without a trace, so "
    "'one day late' is 24 rows and 'quarter' a quarter of a year's rows"
)
KNOWN = (
    "inputs of a row: load (TEY), weather (AT, AP, AH) and the change of load since the row before; nothing from "
    "inside the turbine. Models estimate every 24 rows, for the next 24; the truth of a row is used 24 (720) rows "
    "after it or later"
)
CHOSEN = (
    "kernel: least root mean square error of a walk through the fit years from their first third on, truth 24 rows "
    "late; sharpness of the blend's weights: least squared error of the walk through the last fit rows whose truth is "
    "known when the score years begin, for each truth delay; length scales of the kernels and all else: by walks "
    "within 2011. The score years are not used"
)
ByModel = dict[str, TurbineEstimate]


def validate_gas_turbine(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> GasTurbineDocument:
    """Scores of NOx and CO in later years, with truth one day and 30 days late.

    Raises InputError when a score year is not after the fit years or is given twice, or when a file cannot be used.
    """
    years = (*fit, *score)
    if not fit or not score or len(set(years)) < len(years) or max(fit) > min(score):
        raise InputError(
            f"fit {fit} and score {score} must be years, each once, score after fit",
            "walk forward: score later years than those fitted",
        )
    report = progress or (lambda _what, _done, _all: None)
    rows = read_turbine(data, years)
    fit_rows = int(np.isin(rows.year, fit).sum())
    if fit_rows < MIN_FIT_ROWS:
        raise InputError(f"fit {fit} holds {fit_rows} rows, fewer than {MIN_FIT_ROWS}", "fit whole years")
    walks = {pollutant: _walk_pollutant(rows, pollutant, fit_rows, report) for pollutant in TARGETS}
    return _document(rows, walks, fit, score)


def _walk_pollutant(
    rows: TurbineRows, pollutant: str, fit_rows: int, report: Callable[[str, int, int], None]
) -> tuple[KernelChoice, dict[int, ByModel]]:
    truth = rows.truth[pollutant]
    choice = choose_kernel(
        rows.inputs[:fit_rows],
        truth[:fit_rows],
        hour_number=rows.hour_number[:fit_rows],
        progress=lambda done, every: report(f"{pollutant}: choose", done, every),
    )
    return choice, walk_models(
        rows.inputs,
        truth,
        hour_number=rows.hour_number,
        kernel=choice.kernel,
        fit_rows=fit_rows,
        late_h=LATE_H,
        progress=lambda done, every: report(f"{pollutant}: walk", done, every),
    )


def _document(
    rows: TurbineRows,
    walks: dict[str, tuple[KernelChoice, dict[int, ByModel]]],
    fit: tuple[int, ...],
    score: tuple[int, ...],
) -> GasTurbineDocument:
    late = {
        str(late_h): {
            pollutant: _scores(rows, pollutant, by_late[late_h], score)
            for pollutant, (_choice, by_late) in walks.items()
        }
        for late_h in LATE_H
    }
    headline = late[str(DAY_H)]
    return {
        "task": "gas-turbine",
        "fit": sorted(fit),
        "score": sorted(score),
        "champion": CHAMPION,
        "hours": HOURS,
        "known": KNOWN,
        "chosen": {pollutant: _describe_choice(choice, by_late) for pollutant, (choice, by_late) in walks.items()},
        "how_chosen": CHOSEN,
        "models": headline[HEADLINE]["models"],
        "units": [unit for pollutant in TARGETS for unit in headline[pollutant]["units"]],
        "late": late,
        "plots": turbine_charts(rows, walks[HEADLINE][1], late, score=score, pollutant=HEADLINE),
    }


def _describe_choice(choice: KernelChoice, by_late: dict[int, ByModel]) -> dict[str, Any]:
    sharpness = {str(late_h): models[CHAMPION].sharpness for late_h, models in by_late.items()}
    return {"kernel": choice.kernel.name, "errors": choice.errors, "sharpness": sharpness}


def _scores(rows: TurbineRows, pollutant: str, models: ByModel, score: tuple[int, ...]) -> dict[str, Any]:
    """Models over years, their R² by quarter, and the champion by year and quarter with the R² of the mean."""
    by_model = {
        name: [row for year in sorted(score) for row in _year_rows(rows, pollutant, models[name], name, year)]
        for name in MODELS
    }
    return {
        "models": {name: _summarise_years(by_model[name]) for name in MODELS},
        "units": [
            {**row, "r2_mean_30_days": mean["r2"]}
            for row, mean in zip(by_model[CHAMPION], by_model["mean_30_days"], strict=True)
        ],
        "r2": {name: {row["id"]: row["r2"] for row in by_model[name]} for name in MODELS},
    }


def _summarise_years(rows: list[UnitScores]) -> ModelSummary:
    """Scores over whole years; every model of this task is research."""
    return {**summarise_units([row for row in rows if row["period"] == "year"]), "is_research": True}


def _year_rows(rows: TurbineRows, pollutant: str, model: TurbineEstimate, name: str, year: int) -> list[UnitScores]:
    at = np.flatnonzero(rows.year == year)
    parts = {f"{pollutant} {year}": at}
    parts |= {f"{pollutant} {year} Q{number + 1}": part for number, part in enumerate(np.array_split(at, QUARTERS))}
    return [_score_row(rows.truth[pollutant], model, name, unit, part) for unit, part in parts.items()]


def _score_row(truth: Floats, model: TurbineEstimate, name: str, unit: str, at: Integers) -> UnitScores:
    at = at[np.isfinite(truth[at]) & np.isfinite(model.value[at])]
    period = "quarter" if " Q" in unit else "year"
    if not len(at) or np.ptp(truth[at]) == 0:
        raise InputError(f"{unit}: no rows to score, or all are equal", "give a year with measured concentrations")
    scores = score_series(model.value[at], truth[at], model.p05[at], model.p95[at])
    return {**unit_scores(unit, name, scores, len(at)), "period": period}
