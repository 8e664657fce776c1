"""The weekly training of one line: champion, challenger, challenger test or failure.

Belongs here: the steps of a line's training, free of the engine.
Does not: forms (activity_model), the rule of the challenger test, joins (train_activity).
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.activity_model.cross_validation import Candidate, choose_candidate
from bigdata_emis.activity_model.early_stopping import DominatedCandidate, compare_candidates
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import Form
from bigdata_emis.activity_model.forms.pooled_industry import fit_line_ratio
from bigdata_emis.activity_model.inputs.line_rows import column_values, drop_sibling_rows, read_series
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import NO_WEATHER, Weather, has_weather
from bigdata_emis.activity_model.stored.parameters import UNREADABLE_ERRORS, load_parameters, unreadable_reason
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import ModelStatus
from bigdata_emis.relate.models.batches import count_trained_line
from bigdata_emis.relate.models.challenger_test import LOST, OPEN, WON, judge_challenger
from bigdata_emis.relate.models.lifecycle import (
    RATIO,
    TARGET,
    Row,
    add_utc_zone,
    failed_row,
    model_row,
    promote,
    retire,
    score_row,
    withdraw,
)
from bigdata_emis.relate.models.model_card import block_scores, build_model_card, explain_early_stop, explain_rejection
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.rows_with_models import EPOCH, split_hours_and_models
from bigdata_emis.window import HOUR

RESERVES = 2
"""Number of simpler forms stored as reserves of the champion: the best ones without trees, which cost little."""


@dataclass(frozen=True)
class TrainingLine:
    """The hours of a line that have energy, and its measured activity, NaN where there is none."""

    source_id: str
    series: LineSeries
    activity: Floats

    @property
    def has_truth(self) -> Flags:
        """Hours with measured activity."""
        return np.isfinite(self.activity)

    def hours_with_truth(self, since_utc: datetime | None = None) -> tuple[LineSeries, Floats]:
        """Series and measured activity of the hours with truth, all or from an instant on."""
        chosen = self.has_truth
        if since_utc is not None:
            chosen = chosen & (self.series.hour_number >= int((since_utc - EPOCH) / HOUR))
        return self.series.where(chosen), self.activity[chosen]


@dataclass(frozen=True)
class LineTraining:
    """The settings of a training, the same for all lines."""

    forms: tuple[str, ...]
    rules: ModelRules
    time_zone: str
    known_utc: datetime
    weather: Weather = NO_WEATHER

    def train(self, rows: pa.Table, stored: list[Row]) -> list[Row]:
        """All new rows of one line; a failure becomes a row and does not stop other lines.

        `stored` are the line's champion, challenger and failures in the registry.
        """
        in_use = (ModelStatus.CHAMPION, ModelStatus.CHALLENGER)
        unreadable = [
            row for row in stored if row["status_code"] in in_use and unreadable_reason(row["parameters_json"])
        ]
        # An unreadable model is withdrawn even when no other can be fitted; the line is trained as if it had none.
        new_rows = [withdraw(row, self.known_utc) for row in unreadable]
        try:
            line = read_training_line(rows, self.time_zone, weather=self.weather)
            new_rows += _ratio_rows(drop_sibling_rows(rows), line)
            return [*new_rows, *self._train_readable(line, [row for row in stored if row not in unreadable])]
        except (RuntimeError, *UNREADABLE_ERRORS) as error:
            reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
            failure = failed_row(rows["production_line_id"][0].as_py(), reason, self.known_utc)
            reported = {row["model_version_id"] for row in stored if row["status_code"] == ModelStatus.FAILED}
            return new_rows if failure["model_version_id"] in reported else [*new_rows, failure]

    def _train_readable(self, line: TrainingLine, stored: list[Row]) -> list[Row]:
        """Without champion the best form becomes it; a challenger is tested; with new truth a challenger is fitted."""
        champion = _first_with_status(stored, ModelStatus.CHAMPION)
        challenger = _first_with_status(stored, ModelStatus.CHALLENGER)
        if champion is None:
            return self._fit_best_form(line, ModelStatus.CHAMPION)
        if challenger is None:
            is_due = _has_new_truth(line, champion)
            return self._fit_best_form(line, ModelStatus.CHALLENGER, champion) if is_due else []
        return self._test_challenger(line, champion, challenger)

    def _test_challenger(self, line: TrainingLine, champion: Row, challenger: Row) -> list[Row]:
        """The rows of a decided challenger test and the next challenger; none while the test is open."""
        since_utc = max(add_utc_zone(row["to_utc"]) or EPOCH for row in (champion, challenger))
        models = [load_parameters(row) for row in (champion, challenger)]
        result = judge_challenger(models[0], models[1], *line.hours_with_truth(since_utc), rules=self.rules)
        if result.outcome == OPEN:
            return []
        entry = result.as_card_entry()
        decided = {
            WON: lambda: [promote(challenger, self.known_utc, entry), retire(champion, self.known_utc)],
            LOST: lambda: [retire(challenger, self.known_utc, entry)],
        }[result.outcome]()
        current = decided[0] if result.outcome == WON else champion
        return [*decided, *self._fit_best_form(line, ModelStatus.CHALLENGER, current)]

    def _fit_best_form(self, line: TrainingLine, status: ModelStatus, champion: Row | None = None) -> list[Row]:
        """The best form with its reserves and the scores of all forms; no row where the champion has its parameters."""
        candidates, dominated = compare_line_candidates(line, self.forms)
        best = choose_candidate(candidates)
        series, activity = line.hours_with_truth()
        card = build_model_card(best, candidates, series, activity, origins=self.rules.backtest_origins)
        period = EPOCH + int(series.hour_number.min()) * HOUR, EPOCH + (int(series.hour_number.max()) + 1) * HOUR

        def as_row(candidate: Candidate, status: str, card: dict[str, Any]) -> Row:
            return model_row(
                line.source_id,
                candidate.parameters,
                status=status,
                card=card,
                training_period=period,
                known_utc=self.known_utc,
            )

        row = as_row(best, status, card)
        if champion is not None and champion["model_version_id"] == row["model_version_id"]:
            return []
        reserves = [
            as_row(candidate, ModelStatus.RESERVE, _reserve_card(candidate))
            for candidate in choose_reserves(best, candidates)
        ]
        scores = self._scores(line, best, candidates, card)
        return [row, *reserves, *scores, *self._unscored_forms(line, candidates, dominated)]

    def _scores(
        self, line: TrainingLine, best: Candidate, candidates: list[Candidate], card: dict[str, Any]
    ) -> list[Row]:
        rows = []
        for candidate in candidates:
            is_best = candidate is best
            coverage = {"coverage_90_share": card["backtest"]["coverage_90"]} if is_best else {}
            rows.append(
                score_row(
                    line.source_id,
                    candidate.form.name,
                    self.known_utc,
                    is_chosen=is_best,
                    note=explain_rejection(candidate, best),
                    hours=candidate.sample_count,
                    scores={**block_scores(candidate.out_of_block), **coverage},
                )
            )
        return rows

    def _unscored_forms(
        self, line: TrainingLine, candidates: list[Candidate], dominated: list[DominatedCandidate]
    ) -> list[Row]:
        """Rows of the forms that have no score, with the reason."""
        reasons = {name: _missing_input(FORMS[name], line) for name in self.forms}
        reasons |= {candidate.form.name: explain_early_stop(candidate) for candidate in dominated}
        scored = {candidate.form.name for candidate in candidates}
        return [
            score_row(line.source_id, name, self.known_utc, is_chosen=False, note=reasons[name], hours=0, scores={})
            for name in self.forms
            if name not in scored
        ]


def line_trainer(training: LineTraining, as_table: Callable[[list[Row]], pa.Table]) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with the hours of a line and its stored models."""

    def train(rows: pa.Table) -> pa.Table:
        hours, stored = split_hours_and_models(rows)
        table = as_table(training.train(hours, stored) if hours.num_rows else [])
        count_trained_line()
        return table

    return train


def read_training_line(rows: pa.Table, time_zone: str, *, weather: Weather = NO_WEATHER) -> TrainingLine:
    """The series of a line with its siblings, the weather and its measured activity.

    Raises:
        ValueError: the activity is measured in another unit than that of the line.
    """
    own = drop_sibling_rows(rows)
    given, wanted = own["activity_unit_code"].drop_null().unique().to_pylist(), own["line_unit_code"][0].as_py()
    if any(unit != wanted for unit in given):
        raise ValueError(f"activity is measured in {', '.join(given)}, expected {wanted}, the unit of the line")
    series, series_rows = read_series(rows, time_zone)
    source_id = rows["production_line_id"][0].as_py()
    return TrainingLine(source_id, weather.add_to(series), column_values(series_rows, "activity"))


def compare_line_candidates(
    line: TrainingLine, forms: tuple[str, ...]
) -> tuple[list[Candidate], list[DominatedCandidate]]:
    """The candidates of a line, fitted on its hours with truth, and the dominated ones.

    Raises:
        ValueError: no form has enough hours.
    """
    candidates, dominated = compare_candidates(*line.hours_with_truth(), forms)
    if not candidates:
        count = int((line.series.is_on & line.has_truth).sum())
        raise ValueError(f"{count} running hours with measured activity are too few")
    return candidates, dominated


def _missing_input(form: Form, line: TrainingLine) -> str:
    """What a form needs that the line does not have, in words."""
    if form.needs_weather and not has_weather(line.series):
        return "needs weather, and there is none"
    return f"needs {form.hours_needed} running hours"


def _ratio_rows(rows: pa.Table, line: TrainingLine) -> list[Row]:
    """The line's ratio of activity to energy, for the pooled model of its industry."""
    ratio = fit_line_ratio(
        line.series.energy_kwh,
        line.activity,
        line.series.hour_number,
        source_id=line.source_id,
        industry_code=rows["industry_code"][0].as_py() or "",
        activity_unit_code=rows["line_unit_code"][0].as_py(),
    )
    if ratio is None or not ratio.industry_code:
        return []
    last_utc = EPOCH + (int(line.series.hour_number[line.has_truth].max()) + 1) * HOUR
    return [
        {
            "kind": RATIO,
            "source_id": line.source_id,
            "target": TARGET,
            "parameters_json": json.dumps(asdict(ratio)),
            "to_utc": last_utc,
        }
    ]


def _first_with_status(rows: list[Row], status: ModelStatus) -> Row | None:
    return next((row for row in rows if row["status_code"] == status), None)


def _has_new_truth(line: TrainingLine, champion: Row) -> bool:
    """Whether truth arrived since the champion was fitted."""
    return bool(len(line.hours_with_truth(add_utc_zone(champion["to_utc"]) or EPOCH)[1]))


def choose_reserves(best: Candidate, candidates: list[Candidate]) -> list[Candidate]:
    """The best forms that are simpler than the chosen one, without costly ones."""
    simpler = [candidate for candidate in candidates[: candidates.index(best)] if not candidate.form.is_costly]
    return sorted(simpler, key=lambda candidate: candidate.mean_absolute_error)[:RESERVES]


def _reserve_card(candidate: Candidate) -> dict[str, Any]:
    return {
        "form": candidate.form.name,
        "hours": candidate.sample_count,
        "cross_validation": block_scores(candidate.out_of_block),
    }
