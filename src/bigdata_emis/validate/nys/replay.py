"""A unit estimated as the day does it: stored model, challenger and verdict, from the truth known by then.

Belongs here: the order of training, challenger test, verdict and estimate. Does not: any of them; they are what the
stages train_activity, watch_models and estimate_activity call.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from bigdata_emis import reference
from bigdata_emis.activity_model.cross_validation import Candidate, Estimate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.running_minutes import MINUTES_KEY
from bigdata_emis.activity_model.sequential_tests import DAY_H
from bigdata_emis.activity_model.stored.predict import blend_models, renew_level_age
from bigdata_emis.activity_model.stored.training_range import apply_beyond_training
from bigdata_emis.arrays import Floats
from bigdata_emis.relate.models.challenger_test import OPEN, WON, judge_challenger
from bigdata_emis.relate.models.drift_verdict import DriftVerdict, judge_champion
from bigdata_emis.relate.models.model_card import daily_error_p90
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.trial_models import StoredModel
from bigdata_emis.relate.watch_models import LOOKBACK_DAYS

WEEK_H = 168
LOOKBACK_H = LOOKBACK_DAYS * DAY_H
RESIDUALS = ("form", "interval", "interval_alone", MINUTES_KEY)
"""What a refitted model keeps of the first one: cross-validation takes most of the time of a training."""


@dataclass(frozen=True)
class ReplayedLine:
    """A line with its truth, (hours,), NaN where none arrives; that of an hour is known `late_h` hours after it."""

    series: LineSeries
    activity: Floats
    late_h: int
    rules: ModelRules

    def known(self, since: int, now: int) -> tuple[LineSeries, Floats]:
        """Hours from `since` on whose truth is known at an hour."""
        hour = self.series.hour_number
        is_known = np.isfinite(self.activity) & (hour >= since) & (hour <= now - self.late_h)
        return self.series.where(is_known), self.activity[is_known]


@cache
def beyond_training_sd() -> float:
    """Relative standard deviation of the part of an estimate beyond the training loads, as estimate_activity has it."""
    rows = reference.read("activity_parameter").to_pylist()
    return float({row["parameter_name"]: row["parameter_value"] for row in rows}["beyond_taught_relative_sd"])


def replay_days(start: Candidate, reserves: list[Candidate], line: ReplayedLine, *, first: int) -> Estimate:
    """Estimates of the hours from position `first` on, week by week.

    Each week trains as the weekly stage does: a challenger is tested, and a new one fitted when none waits. The verdict
    at the start of the week holds for all of it. A challenger has the form and the residuals of the first champion.
    """
    hours, parts = line.series.hour_number, [np.empty((3, 0))]
    models = _LineModels(start, _store_candidate(start), [_store_candidate(candidate) for candidate in reserves])
    for now in range(int(hours[first]), int(hours[-1]) + 1, WEEK_H) if first < len(hours) else ():
        week = line.series.where((hours >= now) & (hours < now + WEEK_H))
        models.train(line, now)
        estimate = models.estimate(week, models.judge(line, now))
        parts.append(np.stack([estimate.activity, estimate.p05, estimate.p95]))
    return Estimate(*np.concatenate(parts, axis=1))


class _LineModels:
    """The models of a line as the registry holds them, from week to week."""

    def __init__(self, start: Candidate, champion: StoredModel, reserves: list[StoredModel]) -> None:
        self._start, self._champion, self._reserves = start, champion, reserves
        self._challenger: StoredModel | None = None
        self._last: DriftVerdict | None = None

    def train(self, line: ReplayedLine, now: int) -> None:
        """Test the challenger, and fit one when none waits and truth is new."""
        if self._challenger is not None:
            since = max(self._champion.fitted_to_hour, self._challenger.fitted_to_hour)
            models = self._champion.parameters, self._challenger.parameters
            outcome = judge_challenger(*models, *line.known(since, now), rules=line.rules).outcome
            if outcome == OPEN:
                return
            if outcome == WON:
                self._champion, self._last = self._challenger, None
            self._challenger = None
        series, activity = line.known(0, now)
        if len(activity) and int(series.hour_number[-1]) >= self._champion.fitted_to_hour:
            self._challenger = self._refit(series, activity)

    def judge(self, line: ReplayedLine, now: int) -> DriftVerdict:
        """The verdict at an hour; with too little truth for one, the last."""
        known = line.known(max(self._champion.fitted_to_hour, now - LOOKBACK_H), now)
        verdict = judge_champion(self._champion, self._reserves, *known, rules=line.rules, challenger=self._challenger)
        if verdict.days < line.rules.watch_days and self._last is not None:
            return self._last
        self._last = verdict
        return verdict

    def estimate(self, week: LineSeries, verdict: DriftVerdict) -> Estimate:
        """The estimate of the day, as the verdict wants it."""
        parameters = verdict.model.parameters
        challenger = self._challenger
        correction = verdict.activity_correction
        if verdict.blend_version_id:
            if challenger is None or challenger.version_id != verdict.blend_version_id:
                correction = 1.0  # as in activity_model/stored/champion: the blend has ended with its challenger
            else:
                parameters = blend_models(parameters, challenger.parameters, verdict.blend_share)
        renewed = renew_level_age(parameters, verdict.level_to_hour)
        return apply_beyond_training(
            renewed,
            week,
            relative_sd=beyond_training_sd(),
            activity_correction=correction,
            interval_correction=verdict.interval_correction,
        )

    def _refit(self, series: LineSeries, activity: Floats) -> StoredModel:
        first = self._start.parameters
        is_informative = series.is_on | series.is_starting | (activity > 0)
        training, truth = series.where(is_informative), activity[is_informative]
        loads = training.energy_kwh[training.is_on & (truth > 0)]
        latest = int(training.hour_number[-1])
        parameters = {
            **self._start.form.fit_parameters(training, truth),
            **{name: first[name] for name in RESIDUALS if name in first},
            "taught_kwh": [float(loads.min()), float(loads.max())] if len(loads) else None,
            "level_drift": {**first["level_drift"], "latest_hour": latest},
        }
        return StoredModel(f"challenger of {latest}", first["form"], parameters, self._champion.card, latest + 1)


def _store_candidate(candidate: Candidate) -> StoredModel:
    card = {"daily_error_p90": daily_error_p90(candidate.out_of_block)}
    fitted_to = int(candidate.training.series.hour_number[-1]) + 1
    return StoredModel(candidate.form.name, candidate.form.name, candidate.parameters, card, fitted_to)
