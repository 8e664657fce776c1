"""The card of a model: what it was learnt from, how well it does beside plain baselines, and whether its interval keeps its promise.

Belongs here: scores out of block, the rolling backtest, the words. Does not: fitting and choice (proxy), rows (standing).
"""

from typing import Any

import numpy as np

from bigdata_emis.activity_model.cross_validation import (
    BLOCKS,
    FINER_BLOCKS,
    TIE_SHARE,
    Candidate,
    OutOfBlock,
    estimate,
    fit_candidates,
)
from bigdata_emis.activity_model.early_stopping import GivenUp
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.sequential_tests import daily_means
from bigdata_emis.arrays import Flags, Floats

BASELINES = ("static_profile", "proportional", "affine")
PROMISED_DAY_SHARE = 0.9
"""The quantile of daily errors out of block that the watch holds later days against."""
Scores = dict[str, float | None]


def model_card(
    best: Candidate, candidates: list[Candidate], series: LineSeries, activity: Floats, *, origins: int
) -> dict[str, Any]:
    """Everything that a reader asks of a model before relying on it; all scores are over running hours.

    The scores are medians over the blocks of the cross-validation. `backtest` refits the form at some times of the
    past and judges it, interval included, on what followed. `daily_error_p90` is the error, in activity units, that
    nine days of ten stayed below out of block.
    """
    tried = best.out_of_block
    return {
        "form": best.form.name,
        "hours": best.sample_count,
        "running_hours": int(tried.is_on.sum()),
        "cross_validation": {"blocks": BLOCKS, **block_scores(tried)},
        "baselines": {c.form.name: block_scores(c.out_of_block) for c in candidates if c.form.name in BASELINES},
        "backtest": rolling_backtest(best.form.name, series, activity, origins=origins),
        "daily_error_p90": _daily_error(tried),
        "why": why_chosen(best, candidates),
    }


def block_scores(tried: OutOfBlock) -> Scores:
    """Median over the blocks of R², NMAE and NMB in running hours; None where no block can tell."""
    parts = np.array_split(np.arange(len(tried.activity)), BLOCKS)
    scored = [scores(tried.predicted[at], tried.activity[at], tried.is_on[at]) for at in parts]
    return {name: _median([score[name] for score in scored]) for name in ("r2", "nmae", "nmb")}


def scores(estimated: Floats, measured: Floats, chosen: Flags) -> Scores:
    """R² = 1 - sum (e - m)² / sum (m - mean m)², NMAE = sum |e - m| / sum m, NMB = sum (e - m) / sum m over the chosen hours."""
    error, truth = (estimated - measured)[chosen], measured[chosen]
    total = float(truth.sum())
    spread = float(((truth - truth.mean()) ** 2).sum()) if len(truth) else 0.0
    return {
        "r2": 1 - float((error**2).sum()) / spread if spread > 0 else None,
        "nmae": float(np.abs(error).sum()) / total if total > 0 else None,
        "nmb": float(error.sum()) / total if total > 0 else None,
    }


def rolling_backtest(form_name: str, series: LineSeries, activity: Floats, *, origins: int) -> dict[str, Any]:
    """The form fitted on the hours up to each origin and judged on those up to the next; the first origin lies half way."""
    edges = np.linspace(len(activity) / 2, len(activity), origins + 1).astype(int)
    inside: list[Flags] = []
    told: list[Scores] = []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        at = np.arange(len(activity))
        fitted = fit_candidates(series.where(at < start), activity[at < start], (form_name,))
        following = (at >= start) & (at < end) & (series.is_on | (activity > 0))
        if not fitted or not following.any():
            continue
        found, truth = estimate(fitted[0].parameters, series.where(following)), activity[following]
        inside.append((truth >= found.p05) & (truth <= found.p95))
        told.append(scores(found.activity, truth, np.ones(len(truth), dtype=np.bool_)))
    covered = np.concatenate(inside) if inside else np.empty(0, dtype=np.bool_)
    medians = {name: _median([one[name] for one in told]) for name in ("r2", "nmae", "nmb")}
    return {
        "origins": len(told),
        "hours": len(covered),
        "coverage_90": float(covered.mean()) if len(covered) else None,
        **medians,
    }


def why_chosen(best: Candidate, candidates: list[Candidate]) -> str:
    """The choice in words."""
    simpler = [c for c in candidates[: candidates.index(best)] if c is not best]
    richer = candidates[candidates.index(best) + 1 :]
    words = []
    if simpler:
        nearest = min(simpler, key=lambda c: c.mean_absolute_error)
        words.append(_gain(best, nearest))
    if richer:
        words.append(f"no richer rung errs less by {TIE_SHARE:.0%} ({', '.join(c.form.name for c in richer)})")
    return "; ".join(words) or "the only form that the hours allow"


def _gain(best: Candidate, below: Candidate) -> str:
    """By how much less a form errs than the best below, and by which blocks."""
    gain = 1 - best.mean_absolute_error / below.mean_absolute_error if below.mean_absolute_error > 0 else 0.0
    if gain >= 0 or not best.form.is_costly:
        return f"errs {gain:.1%} less than {below.form.name}, the best rung below"
    finer = 1 - best.finer_error / below.finer_error
    return f"errs {finer:.1%} less than {below.form.name}, the best rung below, by {FINER_BLOCKS} blocks, but {-gain:.1%} more by {BLOCKS}"


def why_not(candidate: Candidate, best: Candidate) -> str:
    """Why a form that competed was not taken, in words."""
    if candidate is best:
        return "chosen"
    more = candidate.mean_absolute_error / best.mean_absolute_error - 1 if best.mean_absolute_error > 0 else 0.0
    if more > 0:
        return f"errs {more:.1%} more than {best.form.name}"
    if best.form.is_costly and not candidate.form.is_costly:
        return f"errs {-more:.1%} less than {best.form.name} by {BLOCKS} blocks, but more by {FINER_BLOCKS}"
    return f"richer than {best.form.name} and errs only {-more:.1%} less"


def why_given_up(form: GivenUp) -> str:
    """Why a costly form was not tried to the end, in words."""
    if not form.blocks:
        return f"not tried: what {form.simpler.name} leaves over does not go with the weather"
    return f"given up after {form.blocks} of {FINER_BLOCKS} blocks: gains {TIE_SHARE:.0%} on {form.simpler.name} in none of them, errs {form.excess_share:+.1%}"


def _daily_error(tried: OutOfBlock) -> float | None:
    error = np.abs(tried.predicted - tried.activity)[tried.is_on]
    daily = daily_means(error, tried.hour_number[tried.is_on])
    return float(np.quantile(daily, PROMISED_DAY_SHARE, method="higher")) if len(daily) else None


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
