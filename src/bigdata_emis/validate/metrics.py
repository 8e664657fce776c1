"""How well estimates of a series agree with what was measured.

Belongs here: the metrics of one series and their distribution over units. Does not: which hours count.
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats

GOOD_R2 = 0.75
"""What `share_r2_ge_075` counts: the least that a reviewer of an hourly proxy calls usable."""
METRICS = ("r2", "nmb", "mae", "nmae", "coverage_90")


def series_metrics(estimated: Floats, measured: Floats, p05: Floats, p95: Floats) -> dict[str, float]:
    """R², normalised mean bias, mean absolute error (also over the mean), and the share of hours inside the 90 % interval.

    R² = 1 - sum (e - m)² / sum (m - mean m)²; NMB = sum (e - m) / sum m. The measured hours must not all be equal.
    """
    error = estimated - measured
    mean = float(measured.mean())
    return {
        "r2": 1 - float((error**2).sum() / ((measured - mean) ** 2).sum()),
        "nmb": float(error.mean()) / mean,
        "mae": float(np.abs(error).mean()),
        "nmae": float(np.abs(error).mean()) / mean,
        "coverage_90": float(((measured >= p05) & (measured <= p95)).mean()),
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, float | int | None]:
    """The distribution of the metrics over units: n, medians, and the share of units with a usable R²."""
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
