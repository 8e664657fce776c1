"""Scores of traffic models over all hidden values together, and by unit.

Belongs here: which scores the traffic tasks report. Does not: their arithmetic (validate/metrics).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Texts
from bigdata_emis.validate.document import ModelSummary, UnitScores
from bigdata_emis.validate.metrics import score_series, summarise_units, unit_scores

MIN_SCORED = 12
"""Values of a unit below which it has no score of its own; they count in the scores over all values."""


@dataclass(frozen=True)
class Estimates:
    """Estimated hidden values with their 90 % interval, (values,)."""

    value: Floats
    p05: Floats
    p95: Floats


def score_units(model: str, estimates: Estimates, truth: Floats, ids: Texts) -> list[UnitScores]:
    """Scores of one model by unit, over values whose truth is known."""
    rows = []
    for unit in dict.fromkeys(ids.tolist()):
        at = np.flatnonzero((ids == unit) & np.isfinite(truth))
        if len(at) >= MIN_SCORED and np.ptp(truth[at]) > 0:
            scores = score_series(estimates.value[at], truth[at], estimates.p05[at], estimates.p95[at])
            rows.append(unit_scores(unit, model, scores, len(at)))
    return rows


def pooled_models(
    models: Mapping[str, Estimates], truth: Floats, units: Mapping[str, list[UnitScores]], *, per_hour: int
) -> dict[str, ModelSummary]:
    """Summaries over units, with the scores over all values together.

    `per_hour` is the number of consecutive values in an hour; above 1 hourly means are scored too.
    """
    return {name: _summary(model, truth, units[name], per_hour) for name, model in models.items()}


def _summary(model: Estimates, truth: Floats, units: list[UnitScores], per_hour: int) -> ModelSummary:
    summary = summarise_units(units)
    at = np.isfinite(truth)
    if not at.any() or np.ptp(truth[at]) == 0:
        return summary
    scores = score_series(model.value[at], truth[at], model.p05[at], model.p95[at])
    summary["coverage_90"] = scores["coverage_90"]
    summary["pooled_r2"], summary["pooled_nmae"], summary["pooled_mae"] = scores["r2"], scores["nmae"], scores["mae"]
    if per_hour > 1:
        hourly = (model.value - truth).reshape(-1, per_hour).mean(axis=1)
        known = hourly[np.isfinite(hourly)]
        if len(known):
            summary["hourly_mae"] = float(np.abs(known).mean())
    return summary
