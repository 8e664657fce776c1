"""The drift verdict on a champion: steady, recalibrated, fallen back or drifting.

Belongs here: the verdict on one source, free of the engine.
Does not: reading tables (watch_models), the candidates (trial_models), the sequential tests
(activity_model/sequential_tests).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.level_drift import HOURS_PER_YEAR
from bigdata_emis.activity_model.sequential_tests import DAY_H, betting_capital, daily_means
from bigdata_emis.activity_model.stored.predict import apply_corrections, apply_stored_model, renew_level_age
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import WatchReason, WatchStatus
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.trial_models import StoredModel, Trial, Trials, try_models
from bigdata_emis.relate.models.verdict_width import JudgedEstimate, choose_interval_scale, interval_scale


@dataclass(frozen=True)
class DriftVerdict:
    """The model that estimates from here on, its corrections, and the reason.

    With `blend_version_id` the estimate is a blend: `blend_share` of that model, the rest of `model`. From
    `level_to_hour` on, the end of the truth that the verdict rests on, the level ages; 0 where there is too little.
    """

    model: StoredModel
    status: str
    reason: str
    note: str = ""
    activity_correction: float = 1.0
    interval_correction: float = 1.0
    blend_version_id: str = ""
    blend_share: float = 0.0
    level_to_hour: int = 0
    days: int = 0
    evidence: float = 1.0
    measures: dict[str, Any] = field(default_factory=dict)


def judge_champion(
    champion: StoredModel,
    reserves: list[StoredModel],
    series: LineSeries,
    activity: Floats,
    *,
    rules: ModelRules,
    challenger: StoredModel | None = None,
) -> DriftVerdict:
    """Judge a champion on the hours with truth since it was fitted, without idle hours.

    Two sequential tests (bets) run over the days: whether more days exceed the error that nine of ten days had in
    cross-validation, and whether more or fewer hours miss the interval than promised. When one of them reaches
    `watch_capital` the model has drifted. Then the candidates are the champion, the champion corrected by the ratio of
    measured to estimated activity, its blend with the challenger (trial_models), and (after an error) its reserves,
    simpler forms. They are compared by their errors in the second half of the days, corrected by the ratio of the days
    before it. The best one estimates from here on, corrected by the ratio of all days, with an interval that covers
    90 % of the hours of the second half so corrected, wider where the level moved (verdict_width). Without drift the
    correction or the blend is applied where it makes the error of the second half smaller. Only the last
    `watch_window_days` before the end of the truth count. With fewer than `watch_days` days of truth the verdict is
    steady.
    """
    judged, truth = _last_active_hours(series, activity, rules)
    days = len(np.unique(judged.hour_number // DAY_H))
    if days < rules.watch_days:
        return DriftVerdict(champion, WatchStatus.STEADY, WatchReason.NONE, days=days)
    estimate = apply_stored_model(champion.parameters, judged)
    capital = _test_capitals(champion, estimate, judged, truth, rules)
    evidence: dict[str, Any] = {"days": days, "evidence": max(capital.values()), "measures": _measures(estimate, truth)}
    evidence["level_to_hour"] = int(judged.hour_number[-1]) + 1
    reasons = (WatchReason.ERROR, WatchReason.COVERAGE)
    drift = next((reason for reason in reasons if capital[reason] >= rules.watch_capital), None)
    trials = try_models(champion, challenger, reserves, judged, truth, rules=rules)
    hours = _WatchedHours(champion, judged, truth, estimate.activity, rules)
    if drift is None:
        return _judge_steady(trials, hours, evidence)
    return _judge_drifted(trials, hours, reason=drift, evidence=evidence)


@dataclass(frozen=True)
class _WatchedHours:
    """The hours that count, with their truth and the activity by the champion, (hours,)."""

    champion: StoredModel
    series: LineSeries
    truth: Floats
    by_champion: Floats
    rules: ModelRules

    def estimate(self, trial: Trial) -> JudgedEstimate:
        """These hours by a candidate before its correction, with the age of its level that it will have."""
        level_to_hour = int(self.series.hour_number[-1]) + 1
        parameters = renew_level_age(trial.parameters, level_to_hour)
        years = (level_to_hour - self.champion.fitted_to_hour) / HOURS_PER_YEAR
        estimate = apply_stored_model(parameters, self.series)
        return JudgedEstimate(self.series.hour_number, self.truth, estimate, self.by_champion, years)


def _last_active_hours(series: LineSeries, activity: Floats, rules: ModelRules) -> tuple[LineSeries, Floats]:
    """The hours that count: not idle, and of the last days before the end of the truth."""
    is_active = series.is_on | (activity > 0)
    if is_active.any():
        is_active &= series.hour_number > series.hour_number[is_active][-1] - rules.watch_window_days * DAY_H
    return series.where(is_active), activity[is_active]


def _judge_steady(trials: Trials, hours: _WatchedHours, evidence: dict[str, Any]) -> DriftVerdict:
    rules, days = hours.rules, evidence["days"]
    plain, best = trials.plain, min(trials.recalibrated, key=lambda trial: trial.error)
    if plain.error == 0 or best.error > plain.error * (1 - rules.watch_gain_share):
        return DriftVerdict(plain.model, WatchStatus.STEADY, WatchReason.NONE, **evidence)
    gain = 1 - best.error / plain.error
    how = "blended with the challenger" if best.partner else "corrected by the ratio of the first half"
    note = f"{days} days: {how}, the error of the second half is {gain:.0%} smaller"
    scale = choose_interval_scale(hours.estimate(best), best.ratio, narrowest=1.0, rules=rules)
    return DriftVerdict(
        plain.model,
        WatchStatus.RECALIBRATED,
        WatchReason.BIAS,
        note,
        best.ratio,
        scale,
        **_blend_fields(best),
        **evidence,
    )


def _judge_drifted(
    trials: Trials, hours: _WatchedHours, *, reason: WatchReason, evidence: dict[str, Any]
) -> DriftVerdict:
    rules = hours.rules
    plain = trials.plain
    # A simpler form replaces a model with too large errors; one whose interval alone is wrong goes on.
    simpler = trials.simpler if reason == WatchReason.ERROR else []
    best = min([plain, *trials.recalibrated, *simpler], key=lambda trial: trial.error)
    if best.error > plain.error * (1 - rules.watch_gain_share):
        best = plain
    judged = hours.estimate(best)
    # An interval gets narrower only where its width was the reason: after an error it is better too wide.
    least = 1 / rules.watch_interval_limit if reason == WatchReason.COVERAGE else 1.0
    derived = interval_scale(apply_corrections(judged.estimate, best.ratio, 1.0), hours.truth)
    scale = choose_interval_scale(judged, best.ratio, narrowest=max(derived, least), rules=rules)
    gain = 1 - best.error / plain.error if plain.error > 0 else 0.0
    status, note = _describe(plain, best, gain, reason)
    return DriftVerdict(best.model, status, reason, note, best.ratio, scale, **_blend_fields(best), **evidence)


def _blend_fields(trial: Trial) -> dict[str, Any]:
    return {"blend_version_id": trial.partner.version_id, "blend_share": trial.share} if trial.partner else {}


def _describe(plain: Trial, best: Trial, gain: float, reason: WatchReason) -> tuple[WatchStatus, str]:
    """The status after a drift, and its reason in words."""
    if best.model is not plain.model:
        note = f"error of {best.model.form_code} {gain:.0%} smaller than of {plain.model.form_code}"
        return WatchStatus.FALLEN_BACK, note
    if best.partner:
        return WatchStatus.RECALIBRATED, f"error {gain:.0%} smaller when blended with the challenger"
    if best is not plain:
        return WatchStatus.RECALIBRATED, f"error {gain:.0%} smaller when corrected"
    if reason == WatchReason.COVERAGE:
        return WatchStatus.RECALIBRATED, "interval scaled to its promised coverage"
    return WatchStatus.DRIFTING, "no simpler form and no correction has a smaller error; waits for training"


def _test_capitals(
    champion: StoredModel, estimate: Estimate, judged: LineSeries, truth: Floats, rules: ModelRules
) -> dict[WatchReason, float]:
    """The capital of the bets against the promised error and the promised coverage."""
    daily_error = daily_means(np.abs(estimate.activity - truth), judged.hour_number)
    is_missed = (truth < estimate.p05) | (truth > estimate.p95)
    daily_miss_share = daily_means(is_missed.astype(np.float64), judged.hour_number)
    promised_error = champion.card.get("daily_error_p90")
    is_beyond = (daily_error > promised_error).astype(np.float64) if promised_error is not None else np.empty(0)
    too_narrow = betting_capital(daily_miss_share, rules.watch_miss_share)
    too_wide = betting_capital(1 - daily_miss_share, 1 - rules.watch_least_miss_share)
    return {
        WatchReason.ERROR: betting_capital(is_beyond, rules.watch_error_share),
        WatchReason.COVERAGE: max(too_narrow, too_wide),
    }


def _measures(estimate: Estimate, truth: Floats) -> dict[str, Any]:
    total = float(truth.sum())
    is_inside = (truth >= estimate.p05) & (truth <= estimate.p95)
    return {
        "nmae": float(np.abs(estimate.activity - truth).sum()) / total if total > 0 else None,
        "coverage_90_share": float(is_inside.mean()),
        "sample_count": len(truth),
    }
