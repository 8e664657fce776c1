"""Activity models scored on New York thermal units: fuel heat from load, years not fitted.

The walk-forward mode replays the daily flow: training, verdict and estimate are those of its stages.
Belongs here: the run over all units, and the document. Does not: files (data), one unit (units), charts (plots).
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.inputs.line_rows import siblings_by_line, union_sibling_hours
from bigdata_emis.activity_model.inputs.line_series import AHEAD_H
from bigdata_emis.engine.spark_session import session
from bigdata_emis.errors import InputError
from bigdata_emis.relate.train_activity import training_hours
from bigdata_emis.validate.document import GivenUp, Models, NysDocument, UnitScores
from bigdata_emis.validate.metrics import GOOD_R2, summarise_units, unit_scores
from bigdata_emis.validate.nys.data import read_plants, read_years
from bigdata_emis.validate.nys.plots import unit_charts
from bigdata_emis.validate.nys.units import (
    CHAMPION,
    FROZEN,
    MIN_HOURS,
    RESULT,
    RUNNING_HOUR,
    WALKING,
    Plan,
    Row,
    make_unit_scorer,
)
from bigdata_emis.validate.plain_models import PLAIN_MODELS
from bigdata_emis.validate.weak_units import explain_weakness, list_unknown_minutes

UNIT = "GJ"
COUNTED_HOURS = 100
"""Running hours, in the fit years and in the score years, from which a unit counts in the headline."""
MODES = (FROZEN, WALKING)
HOURS_A_DAY = 24
TRUTH_LATE_DAYS = 30
"""Default truth delay in walk-forward mode."""
RUNNING = (
    f"hours with load above zero, of units with {COUNTED_HOURS} or more such hours in the fit years and in the score "
    "years; idle hours, which would raise the scores, are left out. other_hours has the scores of units from "
    f"{MIN_HOURS} hours on, over hours with load or fuel, and, as the running hour, those of the frozen champion "
    "without any later load."
)
NO_TRUTH = "no heat input in any hour; its load is only an input of other units"
DOMINATED = (
    "dominated candidates, which the training stage stops early; fitted to the end here so that every form is scored, "
    "and never chosen"
)
SIBLINGS = "load of the other units of the plant is an input"
NO_SIBLINGS = "no list of plants: every unit is estimated from its own load"
MODELS = (*PLAIN_MODELS, *FORMS, CHAMPION)


def validate_nys(
    data: Path,
    *,
    fit: tuple[int, ...],
    score: tuple[int, ...],
    mode: str = FROZEN,
    truth_late_days: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> NysDocument:
    """Scores of every form and of the one chosen by cross-validation, in years not fitted.

    An hour is estimated with the load, never the truth, of up to AHEAD_H later hours, as on a day that is complete;
    the running hour has less. The choice and the frozen intervals come from the fit years alone; both are the
    training stage's own, unit by unit on the engine. Dominated candidates, which that stage stops early, are fitted
    to the end for a score. In walk-forward mode the score years are estimated week by week as by the daily
    flow, with challengers and verdicts from the truth known by then.

    Raises InputError when years overlap or are scored before they are fitted, when the mode is unknown or has no truth
    delay, or when a file cannot be used.
    """
    _check(fit, score, mode, truth_late_days)
    late_days = TRUTH_LATE_DAYS if truth_late_days is None else truth_late_days
    report = progress or (lambda _what, _done, _all: None)
    report("read", 0, 3)
    source = read_years(data, (*fit, *score))
    report("fit and score", 1, 3)
    modes = MODES if mode == WALKING else (FROZEN,)
    plants = read_plants(data)
    plan = Plan(fit, modes, late_days * HOURS_A_DAY)
    rows = _score_units(source.hours, plants, plan)
    without_truth = sorted(
        set(pc.unique(source.hours["production_line_id"]).to_pylist()) - {row["production_line_id"] for row in rows}
    )
    rows += [{"production_line_id": unit, "hours": None, "error": NO_TRUTH} for unit in without_truth]
    report("summarise", 2, 3)
    document = _document(rows, plan, score=score, mode=mode, has_plants=bool(plants))
    document["rows_unusable"] = source.unusable
    if mode == WALKING:
        document["truth_late_days"] = late_days
    return document


def _check(fit: tuple[int, ...], score: tuple[int, ...], mode: str, truth_late_days: int | None) -> None:
    if not fit or not score or set(fit) & set(score) or len(set(fit) | set(score)) < len(fit) + len(score):
        raise InputError(f"fit {fit} and score {score} must be years, each once", "judge on years that were not fitted")
    if mode not in MODES:
        raise InputError(f"mode '{mode}' is unknown", f"use {' or '.join(MODES)}")
    if mode != WALKING and truth_late_days is not None:
        raise InputError(
            f"truth {truth_late_days} days late has no meaning in mode {mode}",
            "add --mode walk-forward, or omit --truth-late-days",
        )
    if truth_late_days is not None and truth_late_days < 1:
        raise InputError(
            f"truth {truth_late_days} days late would be known before its hour is over", "give 1 day or more"
        )
    if min(score) < max(fit):
        raise InputError(
            f"fit {fit} and score {score} go backwards: a model must not be fitted on later years than it is scored on",
            "score later years",
        )


def _score_units(hours: pa.Table, plants: dict[str, str], plan: Plan) -> list[Row]:
    """Scores of every unit, mode, model and choice of hours, as rows."""
    with tempfile.TemporaryDirectory(prefix="emis-validate-") as folder:
        # As a file, because a frame of this size does not fit into one message to the engine.
        path = Path(folder) / "hours.parquet"
        pq.write_table(hours, path)
        line = _line_registry(pc.unique(hours["production_line_id"]), plants)
        energy, measured = _stage_inputs(session().read.parquet(str(path)))
        joined = union_sibling_hours(
            training_hours(energy, session().createDataFrame(line), measured), energy, siblings_by_line(line)
        )
        result: pa.Table = joined.groupBy("production_line_id").applyInArrow(make_unit_scorer(plan), RESULT).toArrow()
    keys = [(name, "ascending") for name in ("production_line_id", "mode", "hours", "model")]
    rows: list[Row] = result.sort_by(keys).to_pylist()
    return rows


def _line_registry(units: pa.Array, plants: dict[str, str]) -> pa.Table:
    """The units as production lines; a unit without known plant is an enterprise of its own."""
    enterprises = [plants.get(unit, unit) for unit in units.to_pylist()]
    constant = {"activity_unit_code": [UNIT] * len(units), "industry_code": [""] * len(units)}
    return pa.table({"production_line_id": units, "enterprise_id": enterprises, **constant})


def _stage_inputs(hours: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The hours as the tables of energy and truth that the training stage reads."""
    no_working_energy = F.lit(None).cast("double").alias("working_energy_kwh")
    energy = hours.select("production_line_id", "hour_utc", "energy_kwh", no_working_energy).where(
        F.col("energy_kwh").isNotNull()
    )
    measured = hours.select("production_line_id", "hour_utc", "activity", F.lit(UNIT).alias("activity_unit_code"))
    return energy, measured


def _document(rows: list[Row], plan: Plan, *, score: tuple[int, ...], mode: str, has_plants: bool) -> NysDocument:
    good = [{**row, **json.loads(row["metrics"])} for row in rows if not row["error"]]
    counted = [row for row in good if _is_counted(row)]
    champion = [row for row in _headline_rows(good, mode) if row["model"] == CHAMPION]
    weak = sorted(
        (row for row in champion if _is_counted(row) and row["r2"] < GOOD_R2), key=lambda row: float(row["r2"])
    )
    failed = {
        row["production_line_id"]: row["error"] for row in rows if row["error"] and row["hours"] in (None, "load")
    }
    units = [_unit_scores(row) for row in champion]
    return {
        "task": "nys",
        "fit": list(plan.fit),
        "score": list(score),
        "mode": mode,
        "champion": CHAMPION,
        "hours": RUNNING,
        "load_ahead_h": AHEAD_H,
        "siblings": SIBLINGS if has_plants else NO_SIBLINGS,
        "models": _summaries(_headline_rows(counted, mode)),
        "modes": {name: _summaries(_mode_rows(counted, name, "load")) for name in plan.modes},
        "other_hours": _other_hours(good, plan.modes),
        "chosen_forms": {name: sum(unit["model"] == name and unit["is_counted"] for unit in units) for name in FORMS},
        "given_up": _count_dominated([row for row in _mode_rows(counted, FROZEN, "load") if row["model"] == CHAMPION]),
        "weak": [explain_weakness(_unit_scores(row), row["traits"]) for row in weak],
        "minutes_unknown": list_unknown_minutes((_unit_scores(row), row["traits"]) for row in champion),
        "units": units,
        "not_scored": [{"id": unit, "why": why} for unit, why in sorted(failed.items())],
        "plots": unit_charts(_headline_rows(counted, mode), CHAMPION),
        "rows_unusable": {},
    }


def _other_hours(good: list[Row], modes: tuple[str, ...]) -> dict[str, dict[str, Models]]:
    """Scores over other choices of hours and units, by mode and model."""
    by_choice = {
        f"{hours}_{MIN_HOURS}": {name: _summaries(_mode_rows(good, name, hours)) for name in modes}
        for hours in ("load", "load_or_fuel")
    }
    running = [row for row in _mode_rows(good, RUNNING_HOUR, "load") if _is_counted(row)]
    return by_choice | {RUNNING_HOUR: {FROZEN: _summaries(running)}}


def _count_dominated(champions: list[Row]) -> GivenUp:
    """In how many counted units a candidate was dominated, by form."""
    counts = Counter(name for row in champions for name in (row["given_up"] or "").split())
    return {"note": DOMINATED, "units": {name: counts[name] for name in FORMS if counts[name]}}


def _mode_rows(good: list[Row], mode: str, hours: str) -> list[Row]:
    return [row for row in good if row["mode"] == mode and row["hours"] == hours]


def _headline_rows(good: list[Row], mode: str) -> list[Row]:
    """Over hours with load: the champion in the requested mode, the other models frozen."""
    return [
        row for row in good if row["hours"] == "load" and row["mode"] == (mode if row["model"] == CHAMPION else FROZEN)
    ]


def _is_counted(row: Row) -> bool:
    return bool(min(row["n"], row["fit_n"]) >= COUNTED_HOURS)


def _unit_scores(row: Row) -> UnitScores:
    return {
        **unit_scores(row["production_line_id"], row["form"], row, row["n"]),
        "fit_n": row["fit_n"],
        "is_counted": _is_counted(row),
    }


def _summaries(rows: list[Row]) -> Models:
    """Scores over units by model, in the order of MODELS."""
    by_model = {name: [row for row in rows if row["model"] == name] for name in MODELS}
    return {name: summarise_units(own) for name, own in by_model.items() if own}
