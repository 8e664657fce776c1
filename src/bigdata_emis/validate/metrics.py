"""Scores of an estimated series, and their distribution over units.

Belongs here: which scores the document holds, and their summary. Does not: their arithmetic (statistics/agreement),
or which hours count (the tasks).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.statistics.agreement import explained_variance_share, mean_absolute_error
from bigdata_emis.validate.document import ModelSummary, SeriesScores, UnitScores

GOOD_R2 = 0.75
"""R² from which `share_r2_ge_075` counts a unit: the least at which an hourly proxy is usable."""


def score_series(estimated: Floats, measured: Floats, p05: Floats, p95: Floats) -> SeriesScores:
    """R², mean bias, mean absolute error and coverage of the 90 % interval of one series.

        r2 = 1 − Σ(e − m)² / Σ(m − mean m)²,  nmb = Σ(e − m) / Σm,  nmae = mae / mean m

    Arrays have the shape (hours,) and no NaN; the measured hours must not all be equal.
    """
    mean, mae = float(measured.mean()), mean_absolute_error(estimated, measured)
    return {
        "r2": explained_variance_share(estimated, measured),
        "nmb": float((estimated - measured).mean()) / mean,
        "mae": mae,
        "nmae": mae / mean,
        # An hour without bounds is a miss; agreement.coverage would ignore it.
        "coverage_90": float(((measured >= p05) & (measured <= p95)).mean()),
    }


def unit_scores(unit_id: str, model: str, scores: Mapping[str, Any], n: int) -> UnitScores:
    """The document's row of one unit, from scores among which others may be."""
    return {
        "id": unit_id,
        "model": model,
        "r2": scores["r2"],
        "nmb": scores["nmb"],
        "mae": scores["mae"],
        "nmae": scores["nmae"],
        "coverage_90": scores["coverage_90"],
        "n": n,
    }


def summarise_units(rows: Sequence[Mapping[str, Any]]) -> ModelSummary:
    """Distribution of the scores over units: medians, and the share with a usable R².

    All but `n` are None without units.

    `coverage_90` is the mean weighted by the hours `n` of each unit.
    """
    if not rows:
        return {
            "n": 0,
            "median_r2": None,
            "share_r2_ge_075": None,
            "median_abs_nmb": None,
            "median_nmae": None,
            "coverage_90": None,
        }
    r2, nmb, nmae, coverage = (np.array([row[name] for row in rows]) for name in ("r2", "nmb", "nmae", "coverage_90"))
    hours = np.array([row["n"] for row in rows])
    return {
        "n": len(rows),
        "median_r2": float(np.median(r2)),
        "share_r2_ge_075": float((r2 >= GOOD_R2).mean()),
        "median_abs_nmb": float(np.median(np.abs(nmb))),
        "median_nmae": float(np.median(nmae)),
        "coverage_90": float(np.average(coverage, weights=hours)),
        "median_coverage_90": float(np.median(coverage)),
    }
