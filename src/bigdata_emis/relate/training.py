"""What one weekly training makes of one line: a first champion, a challenger, the outcome of a contest, or a reason why not.

Belongs here: the course of a line's training, free of the engine. Does not: forms (proxy), the rule of the contest, joins (activity_model).
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.proxy.choice import Candidate, choose, fit_candidates
from bigdata_emis.proxy.forms import FORMS
from bigdata_emis.proxy.line_table import read_series, values
from bigdata_emis.proxy.pooled import line_ratio
from bigdata_emis.proxy.series import Floats, LineSeries
from bigdata_emis.relate.beside import parted
from bigdata_emis.relate.contest import LOST, OPEN, WON, contest
from bigdata_emis.relate.model_card import block_scores, model_card, why_not
from bigdata_emis.relate.model_rules import ModelRules
from bigdata_emis.relate.standing import (
    CHALLENGER,
    CHAMPION,
    FAILED,
    RATIO,
    RESERVE,
    TARGET,
    Row,
    failed_row,
    in_utc,
    model_row,
    promoted,
    retired,
    score_row,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RESERVES = 2
"""So many of the best rungs below the champion stand by, without trees, so that they cost little to keep."""


@dataclass(frozen=True)
class Taught:
    """The hours of a line that have energy, and its measured activity, NaN where there is none."""

    source_id: str
    series: LineSeries
    activity: Floats

    @property
    def known(self) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """Hours with truth."""
        return np.isfinite(self.activity)

    def after(self, moment: datetime) -> tuple[LineSeries, Floats]:
        """Hours with truth from an instant on."""
        chosen = self.known & (self.series.hour_number >= int((moment - EPOCH) / timedelta(hours=1)))
        return self.series.where(chosen), self.activity[chosen]


@dataclass(frozen=True)
class Course:
    """The circumstances of a training, alike for all lines."""

    forms: tuple[str, ...]
    rules: ModelRules
    time_zone: str
    known_utc: datetime

    def train(self, rows: pa.Table, standing: list[Row]) -> list[Row]:
        """All rows that come of one line; whatever is wrong with it becomes a row, so one bad line costs no other."""
        shown: list[Row] = []
        try:
            line = read_line(rows, self.time_zone)
            shown = _ratio(rows, line)
            return [*shown, *self._course(line, standing)]
        except (ValueError, ArithmeticError, RuntimeError) as problem:
            why = str(problem) if isinstance(problem, ValueError) else f"{type(problem).__name__}: {problem}"
            row = failed_row(rows["production_line_id"][0].as_py(), why, self.known_utc)
            told = {other["model_version_id"] for other in standing if other["status_code"] == FAILED}
            return shown if row["model_version_id"] in told else [*shown, row]

    def _course(self, line: Taught, standing: list[Row]) -> list[Row]:
        """No champion: the best form becomes it. A challenger: it is judged. Else, when truth is new, a challenger is fitted."""
        champion, challenger = _standing(standing, CHAMPION), _standing(standing, CHALLENGER)
        if champion is None:
            return self._competition(line, CHAMPION)
        if challenger is None:
            return self._competition(line, CHALLENGER, champion) if _is_new(line, champion) else []
        since = max(in_utc(champion["to_utc"]) or EPOCH, in_utc(challenger["to_utc"]) or EPOCH)
        one, other = (json.loads(row["parameters_json"]) for row in (champion, challenger))
        told = contest(one, other, *line.after(since), rules=self.rules)
        if told.outcome == OPEN:
            return []
        moved = {
            WON: lambda: [promoted(challenger, self.known_utc, told.account()), retired(champion, self.known_utc)],
            LOST: lambda: [retired(challenger, self.known_utc, told.account())],
        }[told.outcome]()
        return [*moved, *self._competition(line, CHALLENGER, moved[0] if told.outcome == WON else champion)]

    def _competition(self, line: Taught, status: str, champion: Row | None = None) -> list[Row]:
        candidates = compete(line, self.forms)
        best = choose(candidates)
        series, activity = line.series.where(line.known), line.activity[line.known]
        card = model_card(best, candidates, series, activity, origins=self.rules.backtest_origins)
        hours = series.hour_number
        taught = (EPOCH + timedelta(hours=int(hours.min())), EPOCH + timedelta(hours=int(hours.max()) + 1))
        row = model_row(line.source_id, best.parameters, status=status, card=card, taught=taught, known_utc=self.known_utc)
        if champion is not None and champion["model_version_id"] == row["model_version_id"]:
            return []
        below = sorted(_below(best, candidates), key=lambda c: c.mean_absolute_error)[:RESERVES]
        reserves = [model_row(line.source_id, c.parameters, status=RESERVE, card=_short_card(c), taught=taught, known_utc=self.known_utc) for c in below]
        return [row, *reserves, *self._scores(line, best, candidates, card)]

    def _scores(self, line: Taught, best: Candidate, candidates: list[Candidate], card: dict[str, Any]) -> list[Row]:
        rows = []
        for c in candidates:
            covered = {"coverage_90_share": card["backtest"]["coverage_90"]} if c is best else {}
            scored = {**block_scores(c.out_of_block), **covered}
            rows.append(score_row(
                line.source_id, c.form.name, self.known_utc, is_chosen=c is best, note=why_not(c, best), hours=c.sample_count, scores=scored
            ))  # fmt: skip
        missing = [name for name in self.forms if name not in {c.form.name for c in candidates}]
        short = [(name, f"needs {FORMS[name].hours_needed} running hours") for name in missing]
        return rows + [score_row(line.source_id, name, self.known_utc, is_chosen=False, note=why, hours=0, scores={}) for name, why in short]


def read_line(rows: pa.Table, time_zone: str) -> Taught:
    """The series of a line with its truth. Raises ValueError when the truth counts in another unit than the line."""
    given, wanted = rows["activity_unit_code"].drop_null().unique().to_pylist(), rows["line_unit_code"][0].as_py()
    if any(unit != wanted for unit in given):
        raise ValueError(f"measured in {', '.join(given)}, but the line counts {wanted}")
    series, known = read_series(rows, time_zone)
    return Taught(rows["production_line_id"][0].as_py(), series, values(known, "activity"))


def compete(line: Taught, forms: tuple[str, ...]) -> list[Candidate]:
    """The candidates of a line from its hours that have both energy and truth. Raises ValueError when no form has hours enough."""
    candidates = fit_candidates(line.series.where(line.known), line.activity[line.known], forms)
    if not candidates:
        raise ValueError(f"{int((line.series.is_on & line.known).sum())} running hours with measured activity are too few")
    return candidates


def fit_line(rows: pa.Table, forms: tuple[str, ...], time_zone: str) -> list[Candidate]:
    """The candidates of a line from its rows. Raises ValueError when units disagree or hours are too few."""
    return compete(read_line(rows, time_zone), forms)


def trainer(course: Course, as_table: Callable[[list[Row]], pa.Table]) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with the hours of a line and the rows of its models that stand."""

    def train(rows: pa.Table) -> pa.Table:
        hours, standing = parted(rows)
        return as_table(course.train(hours, standing) if hours.num_rows else [])

    return train


def _ratio(rows: pa.Table, line: Taught) -> list[Row]:
    """What the line shows for its industry, handed on as numbers."""
    found = line_ratio(
        line.series.energy_kwh, line.activity, line.series.hour_number, source_id=line.source_id,
        industry_code=rows["industry_code"][0].as_py() or "", activity_unit_code=rows["line_unit_code"][0].as_py(),
    )  # fmt: skip
    if found is None or not found.industry_code:
        return []
    last = EPOCH + timedelta(hours=int(line.series.hour_number[line.known].max()) + 1)
    return [{"kind": RATIO, "source_id": line.source_id, "target": TARGET, "parameters_json": json.dumps(asdict(found)), "to_utc": last}]


def _standing(rows: list[Row], status: str) -> Row | None:
    return next((row for row in rows if row["status_code"] == status), None)


def _is_new(line: Taught, champion: Row) -> bool:
    """Whether truth arrived since the champion was fitted."""
    return bool(len(line.after(in_utc(champion["to_utc"]) or EPOCH)[1]))


def _below(best: Candidate, candidates: list[Candidate]) -> list[Candidate]:
    return [c for c in candidates[: candidates.index(best)] if "trees" not in c.parameters]


def _short_card(candidate: Candidate) -> dict[str, Any]:
    return {"form": candidate.form.name, "hours": candidate.sample_count, "cross_validation": block_scores(candidate.out_of_block)}
