"""What new truth says of a champion: it keeps its promise, needs a correction, or must give way to a simpler rung.

Belongs here: the daily verdict on one source, free of the engine. Does not: reading tables (watch), tests (proxy.evidence).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bigdata_emis.activity_model.conformal_interval import LOWER_SHARE, UPPER_SHARE
from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.sequential_tests import DAY_H, betting_capital, daily_means
from bigdata_emis.activity_model.stored.predict import estimate_stored
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.models.model_rules import ModelRules

STEADY, RECALIBRATED, FALLEN_BACK, DRIFTING = "steady", "recalibrated", "fallen_back", "drifting"
NONE, ERROR, COVERAGE, BIAS, CARRIED = "none", "error", "coverage", "bias", "carried"


@dataclass(frozen=True)
class Stored:
    """A model as the registry holds it."""

    version_id: str
    form_code: str
    parameters: dict[str, Any]
    card: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Who estimates from here on, with which corrections, and why."""

    model: Stored
    status: str
    reason: str
    note: str = ""
    activity_correction: float = 1.0
    interval_correction: float = 1.0
    days: int = 0
    evidence: float = 1.0
    measures: dict[str, Any] = field(default_factory=dict)


def verdict(
    champion: Stored, reserves: list[Stored], series: LineSeries, activity: Floats, *, rules: ModelRules
) -> Verdict:
    """Judge a champion on the hours with truth since it was fitted, idle hours left out.

    Two bets are laid day by day: that more days err beyond what nine in ten did in cross-validation, and that more (or
    fewer) hours miss the interval than it promised. When one of them wins (watch_capital), the model has drifted:
    of the champion, the champion with its ratio of the first half, and (when it errs) the rungs below, the one that errs least in
    the second half of the days takes over; its interval is drawn to cover 90 % of them. Without drift a ratio is still applied where that
    of the first half makes the second half better: the walk-forward correction.
    With less than watch_days of truth there is no verdict but the one before.
    """
    speaks = series.is_on | (activity > 0)
    seen, truth = series.where(speaks), activity[speaks]
    days = len(np.unique(seen.hour_number // DAY_H))
    if days < rules.watch_days:
        return Verdict(champion, STEADY, NONE, days=days)
    found = estimate_stored(champion.parameters, seen)
    capital = _capitals(champion, found, seen, truth, rules)
    evidence = max(capital.values())
    told: dict[str, Any] = {"days": days, "evidence": evidence, "measures": _measures(found, truth)}
    drift = next((reason for reason in (ERROR, COVERAGE) if capital[reason] >= rules.watch_capital), NONE)
    trials = _trials(champion, reserves, seen, truth, rules)
    kept, corrected = trials[0], trials[1]
    if drift == NONE:
        if corrected.error > kept.error * (1 - rules.watch_gain_share):
            return Verdict(champion, STEADY, NONE, **told)
        note = (
            f"of {days} days, corrected by the first half the second errs {1 - corrected.error / kept.error:.0%} less"
        )
        return Verdict(champion, RECALIBRATED, BIAS, note, corrected.ratio, **told)
    return _instead(trials, seen, truth, reason=drift, rules=rules, told=told)


@dataclass(frozen=True)
class _Trial:
    """A model that may take over: its correction from all days, and its error in the second half by that of the first."""

    model: Stored
    ratio: float
    error: float


def _capitals(
    champion: Stored, found: Estimate, seen: LineSeries, truth: Floats, rules: ModelRules
) -> dict[str, float]:
    daily_error = daily_means(np.abs(found.activity - truth), seen.hour_number)
    missed = daily_means(((truth < found.p05) | (truth > found.p95)).astype(np.float64), seen.hour_number)
    promised = champion.card.get("daily_error_p90")
    beyond = (daily_error > promised).astype(np.float64) if promised is not None else np.empty(0)
    narrow = betting_capital(missed, rules.watch_miss_share)
    wide = betting_capital(1 - missed, 1 - rules.watch_least_miss_share)
    return {ERROR: betting_capital(beyond, rules.watch_error_share), COVERAGE: max(narrow, wide)}


def _trials(
    champion: Stored, reserves: list[Stored], seen: LineSeries, truth: Floats, rules: ModelRules
) -> list[_Trial]:
    """The champion as it is, the champion corrected, then the rungs below, corrected where that helps them."""
    plain, corrected = _tried(champion, seen, truth, rules)
    below = [min(_tried(model, seen, truth, rules), key=lambda trial: trial.error) for model in reserves]
    return [plain, corrected, *below]


def _tried(model: Stored, seen: LineSeries, truth: Floats, rules: ModelRules) -> tuple[_Trial, _Trial]:
    value = estimate_stored(model.parameters, seen).activity
    later = seen.hour_number >= np.median(np.unique(seen.hour_number // DAY_H)) * DAY_H
    early = _ratio(value[~later], truth[~later], rules)
    whole = _ratio(value, truth, rules)
    errors = [float(np.abs(value[later] * factor - truth[later]).mean()) for factor in (1.0, early)]
    return _Trial(model, 1.0, errors[0]), _Trial(model, whole, errors[1])


def _ratio(value: Floats, truth: Floats, rules: ModelRules) -> float:
    """Measured over estimated; one where nothing was estimated, bounded where it would speak of another plant."""
    total = float(value.sum())
    limit = rules.watch_correction_limit
    return float(np.clip(float(truth.sum()) / total, 1 / limit, limit)) if total > 0 else 1.0


def _instead(
    trials: list[_Trial], seen: LineSeries, truth: Floats, *, reason: str, rules: ModelRules, told: dict[str, Any]
) -> Verdict:
    kept = trials[0]
    # A rung below is for a model that errs; one whose interval alone is wrong keeps its place.
    best = min(trials if reason == ERROR else trials[:2], key=lambda trial: trial.error)
    if best.error > kept.error * (1 - rules.watch_gain_share):
        best = kept
    found = estimate_stored(best.model.parameters, seen, activity_correction=best.ratio)
    # An interval is drawn in only where its width is what was found wanting: after an error it had better be too wide.
    narrowest = 1 / rules.watch_interval_limit if reason == COVERAGE else 1.0
    reach = float(np.clip(_reach(found, truth), narrowest, rules.watch_interval_limit))
    gain = 1 - best.error / kept.error if kept.error > 0 else 0.0
    if best.model is not kept.model:
        status, note = FALLEN_BACK, f"{best.model.form_code} errs {gain:.0%} less than {kept.model.form_code}"
    elif best is not kept:
        status, note = RECALIBRATED, f"corrected it errs {gain:.0%} less"
    elif reason == COVERAGE:
        status, note = RECALIBRATED, "interval drawn anew"
    else:
        status, note = DRIFTING, "no rung below and no correction does better; it waits for training"
    return Verdict(best.model, status, reason, note, best.ratio, reach, **told)


def _reach(found: Estimate, truth: Floats) -> float:
    """By how much both arms of the interval must grow to hold the conformal share of the truth."""
    above, below = truth - found.activity, found.activity - truth
    arms = np.where(above > 0, found.p95 - found.activity, found.activity - found.p05)
    has_arm: Flags = arms > 0
    needed = np.sort(np.maximum(above, below)[has_arm] / arms[has_arm])
    if not len(needed):
        return 1.0
    rank = int(np.ceil((UPPER_SHARE - LOWER_SHARE) * (len(needed) + 1))) - 1
    return float(needed[min(rank, len(needed) - 1)])


def _measures(found: Estimate, truth: Floats) -> dict[str, Any]:
    total = float(truth.sum())
    inside = (truth >= found.p05) & (truth <= found.p95)
    return {
        "nmae": float(np.abs(found.activity - truth).sum()) / total if total > 0 else None,
        "coverage_90_share": float(inside.mean()),
        "sample_count": len(truth),
    }
