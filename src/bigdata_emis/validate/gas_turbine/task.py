"""Stack concentrations of a gas turbine told from its load and the weather alone, walking forward through the years.

Belongs here: which rows are fitted and scored, and the document. Does not: reading (gas_turbine_data), models (gas_turbine_models), charts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.validate.gas_turbine.data import TARGETS, TurbineRows, read_turbine
from bigdata_emis.validate.gas_turbine.models import (
    BASELINES,
    CHAMPION,
    DAY_H,
    MONTH_H,
    PROCESS,
    Choice,
    Estimated,
    choose_kernel,
    walk_models,
)
from bigdata_emis.validate.gas_turbine.plots import turbine_plots
from bigdata_emis.validate.metrics import METRICS, series_metrics, summary

MODELS = (CHAMPION, PROCESS, *BASELINES)
LATE_H = (DAY_H, MONTH_H)
LEAST_FIT_ROWS = 2 * MONTH_H
"""Fewer would leave no known error of an estimate made with truth 30 days late when the score years begin."""
QUARTERS = 4
HEADLINE = "NOx"
HOURS = (
    "every row is an hour in which the unit runs; rows bear no stamp and hours are missing unseen, so 'one day late' is 24 rows "
    "and 'quarter' a quarter of a year's rows"
)
KNOWN = (
    "inputs of a row: load (TEY), weather (AT, AP, AH) and the change of load since the row before; nothing from inside the turbine. "
    "Models speak every 24 rows, for the next 24; the truth of a row is used 24 (720) rows after it or later"
)
CHOSEN = (
    "kernel: least root mean square error of a walk through the fit years from their first third on, truth 24 rows late; sharpness of the "
    "blend's weights: least squared error of the walk through the last fit rows whose truth is known when the score years begin, for each "
    "lateness; shapes of the kernels and all else: by walks within 2011. The score years take no part"
)
ByModel = dict[str, Estimated]


def validate_gas_turbine(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Learn from some years, then walk through later ones, NOx and CO, with truth one day and 30 days late.

    Raises InputError when a score year does not lie after the fit years or is named twice, or when a file cannot be used.
    """
    years = (*fit, *score)
    if not fit or not score or len(set(years)) < len(years) or max(fit) > min(score):
        raise InputError(
            f"fit {fit} and score {score} must be years, each once, score after fit",
            "walk forward: score later years than those fitted",
        )
    tell = progress or (lambda _what, _done, _all: None)
    rows = read_turbine(data, years)
    fit_rows = int(np.isin(rows.year, fit).sum())
    if fit_rows < LEAST_FIT_ROWS:
        raise InputError(f"fit {fit} holds {fit_rows} rows, fewer than {LEAST_FIT_ROWS}", "fit whole years")
    judged = {pollutant: _judge(rows, pollutant, fit_rows, tell) for pollutant in TARGETS}
    return _document(rows, judged, fit, score)


def _judge(
    rows: TurbineRows, pollutant: str, fit_rows: int, tell: Callable[[str, int, int], None]
) -> tuple[Choice, dict[int, ByModel]]:
    truth = rows.truth[pollutant]
    taught = rows.inputs[:fit_rows], truth[:fit_rows]
    choice = choose_kernel(
        *taught,
        hour_number=rows.hour_number[:fit_rows],
        tell=lambda done, every: tell(f"{pollutant}: choose", done, every),
    )
    return choice, walk_models(
        rows.inputs,
        truth,
        hour_number=rows.hour_number,
        kernel=choice.kernel,
        fit_rows=fit_rows,
        late_h=LATE_H,
        tell=lambda done, every: tell(f"{pollutant}: walk", done, every),
    )


def _document(
    rows: TurbineRows,
    judged: dict[str, tuple[Choice, dict[int, ByModel]]],
    fit: tuple[int, ...],
    score: tuple[int, ...],
) -> dict[str, Any]:
    late = {
        str(late_h): {
            pollutant: _scores(rows, pollutant, by_late[late_h], score)
            for pollutant, (_choice, by_late) in judged.items()
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
        "chosen": {pollutant: _chosen(choice, by_late) for pollutant, (choice, by_late) in judged.items()},
        "how_chosen": CHOSEN,
        "models": headline[HEADLINE]["models"],
        "units": [unit for pollutant in TARGETS for unit in headline[pollutant]["units"]],
        "late": late,
        "plots": turbine_plots(rows, judged[HEADLINE][1], late, score=score, pollutant=HEADLINE),
    }


def _chosen(choice: Choice, by_late: dict[int, ByModel]) -> dict[str, Any]:
    sharpness = {str(late_h): models[CHAMPION].sharpness for late_h, models in by_late.items()}
    return {"kernel": choice.kernel.name, "errors": choice.errors, "sharpness": sharpness}


def _scores(rows: TurbineRows, pollutant: str, models: ByModel, score: tuple[int, ...]) -> dict[str, Any]:
    """Models over years; the champion by year and quarter, beside the 30-day mean; and every model's R² by quarter."""
    found = {
        name: [row for year in sorted(score) for row in _year_rows(rows, pollutant, models[name], name, year)]
        for name in MODELS
    }
    return {
        "models": {name: summary([row for row in found[name] if row["period"] == "year"]) for name in MODELS},
        "units": [
            {**row, "r2_mean_30_days": mean["r2"]}
            for row, mean in zip(found[CHAMPION], found["mean_30_days"], strict=True)
        ],
        "r2": {name: {row["id"]: row["r2"] for row in found[name]} for name in MODELS},
    }


def _year_rows(rows: TurbineRows, pollutant: str, model: Estimated, name: str, year: int) -> list[dict[str, Any]]:
    at = np.flatnonzero(rows.year == year)
    parts = {f"{pollutant} {year}": at}
    parts |= {f"{pollutant} {year} Q{number + 1}": part for number, part in enumerate(np.array_split(at, QUARTERS))}
    return [_row(rows.truth[pollutant], model, name, unit, part) for unit, part in parts.items()]


def _row(truth: Floats, model: Estimated, name: str, unit: str, at: Integers) -> dict[str, Any]:
    at = at[np.isfinite(truth[at]) & np.isfinite(model.value[at])]
    period = "quarter" if " Q" in unit else "year"
    if not len(at) or np.ptp(truth[at]) == 0:
        raise InputError(f"{unit}: no rows to score, or all alike", "give a year with measured concentrations")
    metrics = series_metrics(model.value[at], truth[at], model.p05[at], model.p95[at])
    return {
        "id": unit,
        "model": name,
        "period": period,
        **{metric: metrics[metric] for metric in METRICS},
        "n": len(at),
    }
