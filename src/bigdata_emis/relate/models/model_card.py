"""The model card: training hours, scores next to baselines, coverage of the interval.

Belongs here: out-of-block scores, the rolling backtest, and the choice of a form in words.
Does not: fitting and choice (activity_model), rows of the registry (lifecycle).
"""

import itertools
from typing import Any

import numpy as np

from bigdata_emis.activity_model.cross_validation import (
    BLOCKS,
    FINER_BLOCKS,
    TIE_SHARE,
    Candidate,
    OutOfBlockPrediction,
    fit_candidates,
    predict_activity,
)
from bigdata_emis.activity_model.early_stopping import DominatedCandidate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.sequential_tests import daily_means
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.statistics.agreement import (
    explained_variance_share,
    normalised_mean_absolute_error_share,
    normalised_mean_bias_share,
)

BASELINES = ("static_profile", "proportional", "affine")
PROMISED_DAY_SHARE = 0.9
"""The quantile of daily out-of-block errors that the drift test compares later days with."""
Scores = dict[str, float | None]


def build_model_card(
    best: Candidate, candidates: list[Candidate], series: LineSeries, activity: Floats, *, origins: int
) -> dict[str, Any]:
    """The card of the chosen candidate; all scores are over running hours.

    Scores are medians over the blocks of the cross-validation. `backtest` fits the form again at `origins` times of the
    past and scores it, interval included, on the hours that follow. `daily_error_p90` is the error, in activity units,
    that nine of ten days stayed below out of block.
    """
    prediction = best.out_of_block
    baselines = [candidate for candidate in candidates if candidate.form.name in BASELINES]
    return {
        "form": best.form.name,
        "hours": best.sample_count,
        "running_hours": int(prediction.is_on.sum()),
        "cross_validation": {"blocks": BLOCKS, **block_scores(prediction)},
        "baselines": {candidate.form.name: block_scores(candidate.out_of_block) for candidate in baselines},
        "backtest": backtest_form(best.form.name, series, activity, origins=origins),
        "daily_error_p90": daily_error_p90(prediction),
        "why": explain_choice(best, candidates),
    }


def block_scores(prediction: OutOfBlockPrediction) -> Scores:
    """Median over the blocks of R², NMAE and NMB in running hours; None without any score."""
    parts = np.array_split(np.arange(len(prediction.activity)), BLOCKS)
    scored = [score_hours(prediction.predicted[at], prediction.activity[at], prediction.is_on[at]) for at in parts]
    return {name: _median([scores[name] for scores in scored]) for name in ("r2", "nmae", "nmb")}


def score_hours(estimated: Floats, measured: Floats, is_scored: Flags) -> Scores:
    """R², normalised mean absolute error and normalised mean bias over the scored hours.

    R² = 1 − Σ (e − m)² ÷ Σ (m − mean m)²,   NMAE = Σ |e − m| ÷ Σ m,   NMB = Σ (e − m) ÷ Σ m
    """
    estimate, truth = estimated[is_scored], measured[is_scored]
    r2, has_activity = explained_variance_share(estimate, truth), float(truth.sum()) > 0
    return {
        "r2": None if np.isnan(r2) else r2,
        "nmae": normalised_mean_absolute_error_share(estimate, truth) if has_activity else None,
        "nmb": normalised_mean_bias_share(estimate, truth) if has_activity else None,
    }


def backtest_form(form_name: str, series: LineSeries, activity: Floats, *, origins: int) -> dict[str, Any]:
    """Rolling backtest: fitted up to each origin, scored on the hours up to the next one.

    The first origin is half way; idle hours are not scored.
    """
    edges = np.linspace(len(activity) / 2, len(activity), origins + 1).astype(int)
    number = np.arange(len(activity))
    is_inside: list[Flags] = []
    scored: list[Scores] = []
    for start, end in itertools.pairwise(edges):
        fitted = fit_candidates(series.where(number < start), activity[number < start], (form_name,))
        follows = (number >= start) & (number < end) & (series.is_on | (activity > 0))
        if not fitted or not follows.any():
            continue
        estimate, truth = predict_activity(fitted[0].parameters, series.where(follows)), activity[follows]
        is_inside.append((truth >= estimate.p05) & (truth <= estimate.p95))
        scored.append(score_hours(estimate.activity, truth, np.ones(len(truth), dtype=np.bool_)))
    covered = np.concatenate(is_inside) if is_inside else np.empty(0, dtype=np.bool_)
    medians = {name: _median([scores[name] for scores in scored]) for name in ("r2", "nmae", "nmb")}
    return {
        "origins": len(scored),
        "hours": len(covered),
        "coverage_90": float(covered.mean()) if len(covered) else None,
        **medians,
    }


def explain_choice(best: Candidate, candidates: list[Candidate]) -> str:
    """Why a form was chosen, in words; `candidates` are in order from simple to rich."""
    simpler = [candidate for candidate in candidates[: candidates.index(best)] if candidate is not best]
    richer = candidates[candidates.index(best) + 1 :]
    reasons = []
    if simpler:
        nearest = min(simpler, key=lambda candidate: candidate.mean_absolute_error)
        reasons.append(_explain_gain(best, nearest))
    if richer:
        names = ", ".join(candidate.form.name for candidate in richer)
        reasons.append(f"no richer form reduces the error by {TIE_SHARE:.0%} ({names})")
    return "; ".join(reasons) or "the only form for so few hours"


def explain_rejection(candidate: Candidate, best: Candidate) -> str:
    """Why a compared form was not chosen, in words."""
    if candidate is best:
        return "chosen"
    more = candidate.mean_absolute_error / best.mean_absolute_error - 1 if best.mean_absolute_error > 0 else 0.0
    if more > 0:
        return f"error {more:.1%} larger than that of {best.form.name}"
    if best.form.is_costly and not candidate.form.is_costly:
        return f"error {-more:.1%} smaller than that of {best.form.name} by {BLOCKS} blocks, larger by {FINER_BLOCKS}"
    return f"richer than {best.form.name}, error only {-more:.1%} smaller"


def explain_early_stop(dominated: DominatedCandidate) -> str:
    """Why the comparison of a costly form was stopped early, in words."""
    simpler = dominated.simpler_form.name
    if not dominated.block_count:
        return f"not tried: the residuals of {simpler} do not depend on the weather"
    return (
        f"stopped after {dominated.block_count} of {FINER_BLOCKS} blocks: error {TIE_SHARE:.0%} smaller than that of "
        f"{simpler} in none of them, {dominated.excess_share:+.1%} in all"
    )


def _explain_gain(best: Candidate, simpler: Candidate) -> str:
    """By how much the error is smaller than that of the best simpler form, and by which blocks."""
    gain = 1 - best.mean_absolute_error / simpler.mean_absolute_error if simpler.mean_absolute_error > 0 else 0.0
    if gain >= 0 or not best.form.is_costly:
        return f"error {gain:.1%} smaller than that of {simpler.form.name}, the best simpler form"
    finer = 1 - best.finer_error / simpler.finer_error
    return (
        f"error {finer:.1%} smaller than that of {simpler.form.name}, the best simpler form, by {FINER_BLOCKS} blocks, "
        f"but {-gain:.1%} larger by {BLOCKS}"
    )


def daily_error_p90(prediction: OutOfBlockPrediction) -> float | None:
    """The mean absolute error that nine of ten days stayed below out of block, in activity units."""
    error = np.abs(prediction.predicted - prediction.activity)[prediction.is_on]
    daily = daily_means(error, prediction.hour_number[prediction.is_on])
    return float(np.quantile(daily, PROMISED_DAY_SHARE, method="higher")) if len(daily) else None


def _median(values: list[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return float(np.median(numbers)) if numbers else None
