"""One unit judged on hours that its models have not seen: frozen, or walking forward with truth that comes late.

Belongs here: what is fitted to a unit, and what is scored. Does not: files (nys_data), the document (nys), models (proxy).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.activity_model.cross_validation import Candidate, Estimate, choose, estimate, fit_candidates
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.inputs.line_rows import hour_numbers, local_years, read_series, values
from bigdata_emis.activity_model.inputs.line_series import LineSeries, without_later
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.models.train_line import raced, read_line
from bigdata_emis.validate.metrics import series_metrics
from bigdata_emis.validate.nys.data import TIME_ZONE
from bigdata_emis.validate.online.walk_forward_line import Walk, walk_forward
from bigdata_emis.validate.plain_models import PLAIN_MODELS
from bigdata_emis.validate.weak_units import traits

FROZEN, WALKING = "frozen", "walk-forward"
RUNNING_HOUR = "running hour"
"""Beside the modes: the frozen champion without any later load."""
CHAMPION = "selected"
LEAST_HOURS = 24
"""Running hours of the score years below which a unit's R² says nothing."""
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
    """Which years teach, and in which modes the champion is judged; a walk needs score years after those that teach."""

    fit: tuple[int, ...]
    modes: tuple[str, ...]
    late_h: int


@dataclass(frozen=True)
class Taught:
    """The champion, chosen as the training stage does, and every form with a score; those of them that the stage would have given up."""

    champion: Candidate
    every: list[Candidate]
    given_up: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """The hours that are scored, with their truth."""

    series: LineSeries
    measured: Floats
    fit_n: int

    def rows(self, found: Estimate, *, mode: str, model: str, form: str) -> Iterator[Row]:
        """The metrics of an estimate over hours with load, and over hours with load or fuel."""
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
            if row["n"] < LEAST_HOURS or np.ptp(self.measured[at]) == 0:
                row["error"] = f"{row['n']} hours to score are too few, or all alike"
            else:
                row["metrics"] = json.dumps(self._metrics(found, at, with_traits=model == CHAMPION))
            if model == CHAMPION and hours == "load" and "metrics" in row:
                row["sample"] = json.dumps(self._sample(found, at))
            yield row

    def _metrics(self, found: Estimate, at: Flags, *, with_traits: bool) -> dict[str, Any]:
        metrics: dict[str, Any] = dict(
            series_metrics(found.activity[at], self.measured[at], found.p05[at], found.p95[at])
        )
        if with_traits:
            metrics["traits"] = traits(self.series.where(at), found.activity[at], self.measured[at])
        return metrics

    def _sample(self, found: Estimate, at: Flags) -> dict[str, list[Any]]:
        """The fortnight in which the champion errs most, hour by hour."""
        fortnight = (self.series.hour_number - self.series.hour_number[0]) // SAMPLE_H
        error = np.bincount(fortnight, weights=np.where(at, np.abs(found.activity - np.nan_to_num(self.measured)), 0.0))
        shown = fortnight == int(np.argmax(error))
        times = np.datetime_as_string(self.series.hour_number[shown].astype("datetime64[h]"), unit="m")
        columns = {"estimated": found.activity, "measured": self.measured, "low": found.p05, "high": found.p95}
        return {
            "time": times.tolist(),
            **{name: [_told(value) for value in column[shown]] for name, column in columns.items()},
        }


def _told(value: float) -> float | None:
    """A number for a chart; an hour whose truth is not known is a gap."""
    return round(float(value), 2) if np.isfinite(value) else None


def unit_judge(plan: Plan) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with all hours of one unit; it never raises, so one bad unit costs no other."""

    def judge(rows: pa.Table) -> pa.Table:
        unit = rows["production_line_id"][0].as_py()
        try:
            found = list(_unit_rows(rows, plan))
        except (ValueError, ArithmeticError, RuntimeError) as problem:
            found = [
                {"error": str(problem) if isinstance(problem, ValueError) else f"{type(problem).__name__}: {problem}"}
            ]
        return pa.Table.from_pylist([{"production_line_id": unit, **row} for row in found], RESULT_ARROW)

    return judge


def _unit_rows(rows: pa.Table, plan: Plan) -> Iterator[Row]:
    taught_forms = _forms(_taught(rows, plan.fit))
    series, known = read_series(rows, TIME_ZONE)
    measured, is_fit = values(known, "activity"), np.isin(local_years(series.hour_number, TIME_ZONE), plan.fit)
    taught = is_fit & np.isfinite(measured)
    judged = Judged(series.where(~is_fit), measured[~is_fit], int((taught & series.is_on).sum()))
    if FROZEN in plan.modes:
        yield from _frozen(judged, taught_forms)
        for name, model in PLAIN_MODELS.items():
            yield from judged.rows(model(series, measured, taught, ~is_fit), mode=FROZEN, model=name, form=name)
    if WALKING in plan.modes:
        yield from _walking(
            judged, taught_forms.champion, series, measured, first=int(is_fit.sum()), late_h=plan.late_h
        )


def _taught(rows: pa.Table, fit: tuple[int, ...]) -> pa.Table:
    """The truth of the score years is out of reach of the fitting; their loads are only neighbours of the last fit hour."""
    is_fit = np.isin(local_years(hour_numbers(rows["hour_utc"]), TIME_ZONE), fit)
    truth = pc.if_else(pa.array(is_fit), rows["activity"], pa.scalar(None, pa.float64()))
    return rows.set_column(rows.column_names.index("activity"), "activity", truth)


def _forms(rows: pa.Table) -> Taught:
    """The forms of a unit: the champion comes of the stage's own race; what was given up in it is fitted to the end for the comparison alone."""
    line = read_line(rows, TIME_ZONE)
    candidates, left = raced(line, tuple(FORMS))
    given_up = tuple(one.form.name for one in left)
    beside = fit_candidates(line.series.where(line.known), line.activity[line.known], given_up)
    return Taught(choose(candidates), [*candidates, *beside], given_up)


def _frozen(judged: Judged, taught: Taught) -> Iterator[Row]:
    chosen = taught.champion
    for candidate in taught.every:
        yield from judged.rows(
            estimate(candidate.parameters, judged.series),
            mode=FROZEN,
            model=candidate.form.name,
            form=candidate.form.name,
        )
    for row in judged.rows(
        estimate(chosen.parameters, judged.series), mode=FROZEN, model=CHAMPION, form=chosen.form.name
    ):
        yield {**row, "given_up": " ".join(taught.given_up)}
    running = replace(judged, series=without_later(judged.series))
    yield from running.rows(
        estimate(chosen.parameters, running.series), mode=RUNNING_HOUR, model=CHAMPION, form=chosen.form.name
    )


def _walking(
    judged: Judged, start: Candidate, series: LineSeries, measured: Floats, *, first: int, late_h: int
) -> Iterator[Row]:
    walked = walk_forward(start, series, measured, first=first, walk=Walk(late_h=late_h))
    yield from judged.rows(walked, mode=WALKING, model=CHAMPION, form=start.form.name)
