"""The activity model judged on New York thermal units: fuel heat input from metered load, years it has not seen.

Belongs here: the run over all units, and the document. Does not: files (nys_data), one unit (nys_units), plots (nys_plots).
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.inputs.line_rows import siblings_by_line, with_siblings
from bigdata_emis.activity_model.inputs.line_series import AHEAD_H
from bigdata_emis.engine.spark_session import session
from bigdata_emis.errors import InputError
from bigdata_emis.relate.train_activity import training_hours
from bigdata_emis.validate.metrics import GOOD_R2, METRICS, summary
from bigdata_emis.validate.nys.data import read_plants, read_years
from bigdata_emis.validate.nys.plots import plots
from bigdata_emis.validate.nys.units import (
    CHAMPION,
    FROZEN,
    LEAST_HOURS,
    RESULT,
    RUNNING_HOUR,
    WALKING,
    Plan,
    Row,
    unit_judge,
)
from bigdata_emis.validate.plain_models import PLAIN_MODELS
from bigdata_emis.validate.weak_units import why_weak

UNIT = "GJ"
COUNTED_HOURS = 100
"""Running hours, in the fit years and in the score years, from which a unit counts in the headline."""
MODES = (FROZEN, WALKING)
HOURS_A_DAY = 24
TRUTH_LATE_DAYS = 30
"""A walking model's truth comes so late when nothing else is said."""
RUNNING = (
    f"hours with load above zero, of units with {COUNTED_HOURS} or more such hours in the fit years and in the score years: idle hours, which "
    f"flatter, are left out. Beside it, under other_hours: units from {LEAST_HOURS} hours on, and hours with load or fuel; "
    "and, as the running hour, the frozen champion without any later load."
)
NO_TRUTH = "no heat input in any hour: its load is only a neighbour's"
GIVEN_UP = "forms that the training stage gives up early; fitted to the end here so that every form is scored, and never chosen"
MODELS = (*PLAIN_MODELS, *FORMS, CHAMPION)


def validate_nys(
    data: Path,
    *,
    fit: tuple[int, ...],
    score: tuple[int, ...],
    mode: str = FROZEN,
    truth_late_days: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Fit on some years, score on others, for every form and for the one that blocked cross-validation chose.

    An hour is estimated with the load (never the truth) of up to AHEAD_H later hours, as in a day that is over; of the hours still
    running less is known. The choice and the frozen intervals come from the fit years alone. In walk-forward mode the chosen form is fitted anew
    every 30 days to the truth known by then; the frozen results stand beside. The fitting and the choice are the training stage's own,
    its race included, run by the engine unit by unit. Forms that the race gives up have a score too: they are fitted to the end
    beside it, and take no part in the choice.

    Raises InputError when the years overlap or are scored before they are fitted, the mode is unknown or knows no late truth, or a file
    cannot be used.
    """
    _check(fit, score, mode, truth_late_days)
    late_days = TRUTH_LATE_DAYS if truth_late_days is None else truth_late_days
    tell = progress or (lambda _what, _done, _all: None)
    tell("read", 0, 3)
    read = read_years(data, (*fit, *score))
    tell("fit and score", 1, 3)
    modes = MODES if mode == WALKING else (FROZEN,)
    plants = read_plants(data)
    rows = _judge(read.hours, plants, Plan(fit, modes, late_days * HOURS_A_DAY))
    silent = sorted(
        set(pc.unique(read.hours["production_line_id"]).to_pylist()) - {row["production_line_id"] for row in rows}
    )
    rows += [{"production_line_id": unit, "hours": None, "error": NO_TRUTH} for unit in silent]
    tell("summarise", 2, 3)
    head = {
        "task": "nys",
        "fit": list(fit),
        "score": list(score),
        "mode": mode,
        "champion": CHAMPION,
        "hours": RUNNING,
        "load_ahead_h": AHEAD_H,
        "siblings": "load of the other units of the plant is an input"
        if plants
        else "no list of plants: every unit stands alone",
    }
    late = {"truth_late_days": late_days} if mode == WALKING else {}
    return {**head, **late, **_document(rows, mode, modes), "rows_unusable": read.unusable}


def _check(fit: tuple[int, ...], score: tuple[int, ...], mode: str, truth_late_days: int | None) -> None:
    if not fit or not score or set(fit) & set(score) or len(set(fit) | set(score)) < len(fit) + len(score):
        raise InputError(f"fit {fit} and score {score} must be years, each once", "judge on years that were not fitted")
    if mode not in MODES:
        raise InputError(f"mode '{mode}' is unknown", f"use {' or '.join(MODES)}")
    if mode != WALKING and truth_late_days is not None:
        raise InputError(
            f"truth {truth_late_days} days late means nothing to a {mode} model",
            "add --mode walk-forward, or leave --truth-late-days out",
        )
    if truth_late_days is not None and truth_late_days < 1:
        raise InputError(
            f"truth {truth_late_days} days late would be known before its hour is over", "give 1 day or more"
        )
    if min(score) < max(fit):
        raise InputError(
            f"fit {fit} and score {score} go backwards: no model knows the years after those that it estimates",
            "score later years",
        )


def _judge(hours: pa.Table, plants: dict[str, str], plan: Plan) -> list[Row]:
    """The metrics of every unit, mode, model and choice of hours, as rows."""
    with tempfile.TemporaryDirectory(prefix="emis-validate-") as folder:
        # By file, because a frame of this size does not fit into one message to the engine.
        path = Path(folder) / "hours.parquet"
        pq.write_table(hours, path)
        line = _lines(pc.unique(hours["production_line_id"]), plants)
        energy, measured = _frames(session().read.parquet(str(path)))
        joined = with_siblings(
            training_hours(energy, session().createDataFrame(line), measured), energy, siblings_by_line(line)
        )
        result: pa.Table = joined.groupBy("production_line_id").applyInArrow(unit_judge(plan), RESULT).toArrow()
    keys = [(name, "ascending") for name in ("production_line_id", "mode", "hours", "model")]
    rows: list[Row] = result.sort_by(keys).to_pylist()
    return rows


def _lines(units: pa.Array, plants: dict[str, str]) -> pa.Table:
    """The units as lines of the registry; a unit whose plant is not known is an enterprise of its own."""
    enterprises = [plants.get(unit, unit) for unit in units.to_pylist()]
    alike = {"activity_unit_code": [UNIT] * len(units), "industry_code": [""] * len(units)}
    return pa.table({"production_line_id": units, "enterprise_id": enterprises, **alike})


def _frames(hours: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The hours as the tables of energy and truth that the stage reads."""
    nothing_else = F.lit(None).cast("double").alias("working_energy_kwh")
    energy = hours.select("production_line_id", "hour_utc", "energy_kwh", nothing_else).where(
        F.col("energy_kwh").isNotNull()
    )
    measured = hours.select("production_line_id", "hour_utc", "activity", F.lit(UNIT).alias("activity_unit_code"))
    return energy, measured


def _document(rows: list[Row], mode: str, modes: tuple[str, ...]) -> dict[str, Any]:
    good = [{**row, **json.loads(row["metrics"])} for row in rows if not row["error"]]
    own = [row for row in _chosen(good, mode, "load") if row["model"] == CHAMPION]
    units = [_unit(row) for row in own]
    counted = [unit for unit in units if unit["is_counted"]]
    weak = sorted((row for row in own if _is_counted(row) and row["r2"] < GOOD_R2), key=lambda row: float(row["r2"]))
    failed = {
        row["production_line_id"]: row["error"] for row in rows if row["error"] and row["hours"] in (None, "load")
    }
    return {
        "models": _models([row for row in _chosen(good, mode, "load") if _is_counted(row)]),
        "modes": {name: _models([row for row in _own(good, name, "load") if _is_counted(row)]) for name in modes},
        "other_hours": {
            f"{hours}_{LEAST_HOURS}": {name: _models(_own(good, name, hours)) for name in modes}
            for hours in ("load", "load_or_fuel")
        }
        | {RUNNING_HOUR: {FROZEN: _models([row for row in _own(good, RUNNING_HOUR, "load") if _is_counted(row)])}},
        "chosen_forms": {name: sum(unit["model"] == name for unit in counted) for name in FORMS},
        "given_up": _given_up(
            [row for row in _own(good, FROZEN, "load") if row["model"] == CHAMPION and _is_counted(row)]
        ),
        "weak": [why_weak(_unit(row), row["traits"]) for row in weak],
        "units": units,
        "not_scored": [{"id": unit, "why": why} for unit, why in sorted(failed.items())],
        "plots": plots([row for row in _chosen(good, mode, "load") if _is_counted(row)], CHAMPION),
    }


def _given_up(champions: list[Row]) -> dict[str, Any]:
    """In how many counted units the race of the training stage gave up a form; its scores here were fitted for the comparison alone."""
    left = Counter(name for row in champions for name in (row["given_up"] or "").split())
    return {"note": GIVEN_UP, "units": {name: left[name] for name in FORMS if left[name]}}


def _own(good: list[Row], mode: str, hours: str) -> list[Row]:
    return [row for row in good if row["mode"] == mode and row["hours"] == hours]


def _chosen(good: list[Row], mode: str, hours: str) -> list[Row]:
    """The champion in the mode that was asked for, the others as they are: frozen."""
    return [
        row for row in good if row["hours"] == hours and row["mode"] == (mode if row["model"] == CHAMPION else FROZEN)
    ]


def _is_counted(row: Row) -> bool:
    return bool(min(row["n"], row["fit_n"]) >= COUNTED_HOURS)


def _unit(row: Row) -> dict[str, Any]:
    return {
        "id": row["production_line_id"],
        "model": row["form"],
        **{m: row[m] for m in METRICS},
        "n": row["n"],
        "fit_n": row["fit_n"],
        "is_counted": _is_counted(row),
    }


def _models(rows: list[Row]) -> dict[str, Any]:
    named = {name: [row for row in rows if row["model"] == name] for name in MODELS}
    return {name: summary(own) for name, own in named.items() if own}
