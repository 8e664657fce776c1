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

from bigdata_emis.activity_model.cross_validation import Candidate, choose
from bigdata_emis.activity_model.early_stopping import GivenUp, race
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import Form
from bigdata_emis.activity_model.forms.pooled_industry import line_ratio
from bigdata_emis.activity_model.inputs.line_rows import own_rows, read_series, values
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import NO_WEATHER, Weather, knows_weather
from bigdata_emis.activity_model.stored.parameters import UNREADABLE_ERRORS, parameters_of, why_unreadable
from bigdata_emis.arrays import Floats
from bigdata_emis.relate.models.batches import line_done
from bigdata_emis.relate.models.challenger_test import LOST, OPEN, WON, contest
from bigdata_emis.relate.models.lifecycle import (
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
    withdrawn,
)
from bigdata_emis.relate.models.model_card import block_scores, model_card, why_given_up, why_not
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.rows_with_models import parted

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
    weather: Weather = NO_WEATHER

    def train(self, rows: pa.Table, standing: list[Row]) -> list[Row]:
        """All rows that come of one line; whatever is wrong with it becomes a row, so one bad line costs no other."""
        broken = [
            row
            for row in standing
            if row["status_code"] in (CHAMPION, CHALLENGER) and why_unreadable(row["parameters_json"])
        ]
        # A model that cannot be read goes even when no other can be fitted, and the line is taught as if it had not stood.
        shown = [withdrawn(row, self.known_utc) for row in broken]
        try:
            line = read_line(rows, self.time_zone, weather=self.weather)
            shown += _ratio(own_rows(rows), line)
            return [*shown, *self._course(line, [row for row in standing if row not in broken])]
        except (RuntimeError, *UNREADABLE_ERRORS) as problem:
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
        one, other = (parameters_of(row) for row in (champion, challenger))
        told = contest(one, other, *line.after(since), rules=self.rules)
        if told.outcome == OPEN:
            return []
        moved = {
            WON: lambda: [promoted(challenger, self.known_utc, told.account()), retired(champion, self.known_utc)],
            LOST: lambda: [retired(challenger, self.known_utc, told.account())],
        }[told.outcome]()
        return [*moved, *self._competition(line, CHALLENGER, moved[0] if told.outcome == WON else champion)]

    def _competition(self, line: Taught, status: str, champion: Row | None = None) -> list[Row]:
        candidates, given_up = raced(line, self.forms)
        best = choose(candidates)
        series, activity = line.series.where(line.known), line.activity[line.known]
        card = model_card(best, candidates, series, activity, origins=self.rules.backtest_origins)
        hours = series.hour_number
        taught = (EPOCH + timedelta(hours=int(hours.min())), EPOCH + timedelta(hours=int(hours.max()) + 1))
        row = model_row(
            line.source_id, best.parameters, status=status, card=card, taught=taught, known_utc=self.known_utc
        )
        if champion is not None and champion["model_version_id"] == row["model_version_id"]:
            return []
        below = sorted(_below(best, candidates), key=lambda c: c.mean_absolute_error)[:RESERVES]
        reserves = [
            model_row(
                line.source_id,
                c.parameters,
                status=RESERVE,
                card=_short_card(c),
                taught=taught,
                known_utc=self.known_utc,
            )
            for c in below
        ]
        return [row, *reserves, *self._scores(line, best, candidates, card), *self._absent(line, candidates, given_up)]

    def _scores(self, line: Taught, best: Candidate, candidates: list[Candidate], card: dict[str, Any]) -> list[Row]:
        rows = []
        for c in candidates:
            covered = {"coverage_90_share": card["backtest"]["coverage_90"]} if c is best else {}
            scored = {**block_scores(c.out_of_block), **covered}
            rows.append(
                score_row(
                    line.source_id,
                    c.form.name,
                    self.known_utc,
                    is_chosen=c is best,
                    note=why_not(c, best),
                    hours=c.sample_count,
                    scores=scored,
                )
            )
        return rows

    def _absent(self, line: Taught, candidates: list[Candidate], given_up: list[GivenUp]) -> list[Row]:
        """Rows of the forms that have no score, with the reason."""
        why = {name: _needs(FORMS[name], line) for name in self.forms} | {
            g.form.name: why_given_up(g) for g in given_up
        }
        names = [name for name in self.forms if name not in {c.form.name for c in candidates}]
        return [
            score_row(line.source_id, name, self.known_utc, is_chosen=False, note=why[name], hours=0, scores={})
            for name in names
        ]


def read_line(rows: pa.Table, time_zone: str, *, weather: Weather = NO_WEATHER) -> Taught:
    """The series of a line with its siblings, the weather and its truth. Raises ValueError when the truth counts in another unit than the line."""
    own = own_rows(rows)
    given, wanted = own["activity_unit_code"].drop_null().unique().to_pylist(), own["line_unit_code"][0].as_py()
    if any(unit != wanted for unit in given):
        raise ValueError(f"measured in {', '.join(given)}, but the line counts {wanted}")
    series, known = read_series(rows, time_zone)
    return Taught(rows["production_line_id"][0].as_py(), weather.beside(series), values(known, "activity"))


def raced(line: Taught, forms: tuple[str, ...]) -> tuple[list[Candidate], list[GivenUp]]:
    """The candidates of a line from its hours that have both energy and truth, and costly forms that were given up.

    Raises:
        ValueError: no form has hours enough.
    """
    candidates, given_up = race(line.series.where(line.known), line.activity[line.known], forms)
    if not candidates:
        raise ValueError(_too_few(line))
    return candidates, given_up


def _needs(form: Form, line: Taught) -> str:
    if form.asks_weather and not knows_weather(line.series):
        return "needs weather, of which none is known"
    return f"needs {form.hours_needed} running hours"


def _too_few(line: Taught) -> str:
    return f"{int((line.series.is_on & line.known).sum())} running hours with measured activity are too few"


def trainer(course: Course, as_table: Callable[[list[Row]], pa.Table]) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with the hours of a line and the rows of its models that stand."""

    def train(rows: pa.Table) -> pa.Table:
        hours, standing = parted(rows)
        found = as_table(course.train(hours, standing) if hours.num_rows else [])
        line_done()
        return found

    return train


def _ratio(rows: pa.Table, line: Taught) -> list[Row]:
    """What the line shows for its industry, handed on as numbers."""
    found = line_ratio(
        line.series.energy_kwh,
        line.activity,
        line.series.hour_number,
        source_id=line.source_id,
        industry_code=rows["industry_code"][0].as_py() or "",
        activity_unit_code=rows["line_unit_code"][0].as_py(),
    )
    if found is None or not found.industry_code:
        return []
    last = EPOCH + timedelta(hours=int(line.series.hour_number[line.known].max()) + 1)
    return [
        {
            "kind": RATIO,
            "source_id": line.source_id,
            "target": TARGET,
            "parameters_json": json.dumps(asdict(found)),
            "to_utc": last,
        }
    ]


def _standing(rows: list[Row], status: str) -> Row | None:
    return next((row for row in rows if row["status_code"] == status), None)


def _is_new(line: Taught, champion: Row) -> bool:
    """Whether truth arrived since the champion was fitted."""
    return bool(len(line.after(in_utc(champion["to_utc"]) or EPOCH)[1]))


def _below(best: Candidate, candidates: list[Candidate]) -> list[Candidate]:
    return [c for c in candidates[: candidates.index(best)] if not c.form.is_costly]


def _short_card(candidate: Candidate) -> dict[str, Any]:
    return {
        "form": candidate.form.name,
        "hours": candidate.sample_count,
        "cross_validation": block_scores(candidate.out_of_block),
    }
