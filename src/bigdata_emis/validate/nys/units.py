"""One New York unit scored on hours not fitted: with frozen models, or walk-forward.

Belongs here: what is fitted to a unit, and what is scored. Does not: files (data), the document (task), the walk
(replay), models (activity_model).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.activity_model.cross_validation import Candidate, Estimate, choose_candidate, fit_candidates
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.inputs.line_rows import column_values, hour_numbers, local_years, read_series
from bigdata_emis.activity_model.inputs.line_series import LineSeries, hide_later_hours
from bigdata_emis.activity_model.running_minutes import most_explainable_r2
from bigdata_emis.activity_model.stored.training_range import apply_beyond_training
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.train_line import choose_reserves, compare_line_candidates, read_training_line
from bigdata_emis.validate.metrics import score_series
from bigdata_emis.validate.nys.data import TIME_ZONE
from bigdata_emis.validate.nys.replay import ReplayedLine, beyond_training_sd, replay_days
from bigdata_emis.validate.plain_models import PLAIN_MODELS
from bigdata_emis.validate.weak_units import describe_hours

FROZEN, WALKING = "frozen", "walk-forward"
RUNNING_HOUR = "running hour"
"""Besides the modes: the frozen champion without the load of later hours."""
CHAMPION = "selected"
MIN_HOURS = 24
"""Running hours of the score years below which the R² of a unit means nothing."""
SAMPLE_H = 14 * 24
RESULT_ARROW = pa.schema(
    [
        *((name, pa.string()) for name in ("production_line_id", "mode", "model", "form", "hours", "metrics")),
        ("n", pa.int64()),
        ("fit_n", pa.int64()),
        *((name, pa.string()) for name in ("sample", "given_up", "error")),
    ]
)
RESULT = ", ".join(f"{field.name} {'bigint' if field.type == pa.int64() else 'string'}" for field in RESULT_ARROW)
Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """Fit years, modes in which the champion is scored, and truth delay.

    Walk-forward mode needs score years after the fit years.
    """

    fit: tuple[int, ...]
    modes: tuple[str, ...]
    late_h: int


@dataclass(frozen=True)
class FittedForms:
    """All fitted forms, the champion as the training stage chooses it, and the dominated ones."""

    champion: Candidate
    candidates: list[Candidate]
    dominated: tuple[str, ...]


@dataclass(frozen=True)
class ScoredHours:
    """The hours that are scored, with their truth, shape (hours,); `most_r2` is of the hours that are fitted."""

    series: LineSeries
    measured: Floats
    fit_n: int
    most_r2: float | None

    def rows(self, estimated: Estimate, *, mode: str, model: str, form: str) -> Iterator[Row]:
        """Scores of an estimate over hours with load, and over hours with load or fuel, as rows."""
        for hours, chosen in (("load", self.series.is_on), ("load_or_fuel", self.series.is_on | (self.measured > 0))):
            at = chosen & np.isfinite(self.measured)
            row: Row = {
                "mode": mode,
                "model": model,
                "form": form,
                "hours": hours,
                "n": int(at.sum()),
                "fit_n": self.fit_n,
            }
            if row["n"] < MIN_HOURS or np.ptp(self.measured[at]) == 0:
                row["error"] = f"{row['n']} hours to score: too few, or all equal"
            else:
                row["metrics"] = json.dumps(self._metrics(estimated, at, with_traits=model == CHAMPION))
            if model == CHAMPION and hours == "load" and "metrics" in row:
                row["sample"] = json.dumps(self._sample(estimated, at))
            yield row

    def _metrics(self, estimated: Estimate, at: Flags, *, with_traits: bool) -> dict[str, Any]:
        metrics: dict[str, Any] = dict(
            score_series(estimated.activity[at], self.measured[at], estimated.p05[at], estimated.p95[at])
        )
        if with_traits:
            traits = describe_hours(self.series.where(at), estimated.activity[at], self.measured[at])
            metrics["traits"] = {**traits, "most_r2": self.most_r2}
        return metrics

    def _sample(self, estimated: Estimate, at: Flags) -> dict[str, list[Any]]:
        """Hours of the fortnight with the largest absolute error of the champion."""
        fortnight = (self.series.hour_number - self.series.hour_number[0]) // SAMPLE_H
        error = np.bincount(
            fortnight, weights=np.where(at, np.abs(estimated.activity - np.nan_to_num(self.measured)), 0.0)
        )
        shown = fortnight == int(np.argmax(error))
        times = np.datetime_as_string(self.series.hour_number[shown].astype("datetime64[h]"), unit="m")
        columns = {
            "estimated": estimated.activity,
            "measured": self.measured,
            "low": estimated.p05,
            "high": estimated.p95,
        }
        return {
            "time": times.tolist(),
            **{name: [_chart_value(value) for value in column[shown]] for name, column in columns.items()},
        }


def _chart_value(value: float) -> float | None:
    """A number for a chart; an hour without truth is a gap."""
    return round(float(value), 2) if np.isfinite(value) else None


def make_unit_scorer(plan: Plan) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with all hours of one unit.

    A unit that fails becomes an error row, so that it does not stop the others.
    """

    def score(rows: pa.Table) -> pa.Table:
        unit = rows["production_line_id"][0].as_py()
        try:
            results = list(_unit_rows(rows, plan))
        except (ValueError, ArithmeticError, RuntimeError) as problem:
            results = [
                {"error": str(problem) if isinstance(problem, ValueError) else f"{type(problem).__name__}: {problem}"}
            ]
        return pa.Table.from_pylist([{"production_line_id": unit, **row} for row in results], RESULT_ARROW)

    return score


def _unit_rows(rows: pa.Table, plan: Plan) -> Iterator[Row]:
    forms = _fit_forms(_hide_score_truth(rows, plan.fit))
    series, used = read_series(rows, TIME_ZONE)
    measured, is_fit = column_values(used, "activity"), np.isin(local_years(series.hour_number, TIME_ZONE), plan.fit)
    is_training = is_fit & np.isfinite(measured)
    scored = ScoredHours(
        series.where(~is_fit),
        measured[~is_fit],
        int((is_training & series.is_on).sum()),
        most_explainable_r2(series.where(is_training), measured[is_training]),
    )
    if FROZEN in plan.modes:
        yield from _frozen_rows(scored, forms)
        for name, model in PLAIN_MODELS.items():
            estimated = model(series, measured, is_training, ~is_fit)
            yield from scored.rows(estimated, mode=FROZEN, model=name, form=name)
    if WALKING in plan.modes:
        line = ReplayedLine(series, measured, plan.late_h, ModelRules())
        reserves = choose_reserves(forms.champion, forms.candidates)
        walked = replay_days(forms.champion, reserves, line, first=int(is_fit.sum()))
        yield from scored.rows(walked, mode=WALKING, model=CHAMPION, form=forms.champion.form.name)


def _hide_score_truth(rows: pa.Table, fit: tuple[int, ...]) -> pa.Table:
    """The rows without the truth of the score years; their loads remain, as neighbours of the last fit hour."""
    is_fit = np.isin(local_years(hour_numbers(rows["hour_utc"]), TIME_ZONE), fit)
    truth = pc.if_else(pa.array(is_fit), rows["activity"], pa.scalar(None, pa.float64()))
    return rows.set_column(rows.column_names.index("activity"), "activity", truth)


def _fit_forms(rows: pa.Table) -> FittedForms:
    """All forms of a unit, the champion chosen by the training stage's own candidate comparison.

    Candidates that the stage stops early are fitted to the end for their scores here, and are never chosen.
    """
    line = read_training_line(rows, TIME_ZONE)
    candidates, stopped = compare_line_candidates(line, tuple(FORMS))
    dominated = tuple(candidate.form.name for candidate in stopped)
    completed = fit_candidates(line.series.where(line.has_truth), line.activity[line.has_truth], dominated)
    return FittedForms(choose_candidate(candidates), [*candidates, *completed], dominated)


def _frozen_rows(scored: ScoredHours, forms: FittedForms) -> Iterator[Row]:
    chosen = forms.champion
    for candidate in forms.candidates:
        yield from scored.rows(
            _estimate_as_the_day(candidate.parameters, scored.series),
            mode=FROZEN,
            model=candidate.form.name,
            form=candidate.form.name,
        )
    for row in scored.rows(
        _estimate_as_the_day(chosen.parameters, scored.series), mode=FROZEN, model=CHAMPION, form=chosen.form.name
    ):
        yield {**row, "given_up": " ".join(forms.dominated)}
    running = replace(scored, series=hide_later_hours(scored.series))
    yield from running.rows(
        _estimate_as_the_day(chosen.parameters, running.series),
        mode=RUNNING_HOUR,
        model=CHAMPION,
        form=chosen.form.name,
    )


def _estimate_as_the_day(parameters: dict[str, Any], series: LineSeries) -> Estimate:
    """The estimate of a stored model by the rule of estimate_activity for loads beyond those of the training."""
    return apply_beyond_training(parameters, series, relative_sd=beyond_training_sd())
