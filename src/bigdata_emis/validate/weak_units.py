"""Why the estimate of a unit is weak: what its hours say about it.

Belongs here: traits of a unit's scored hours, and the words they call for. Does not: which units are weak (the tasks).
"""

from typing import Any

from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Floats

MOVED_SHARE = 0.10
"""A mean that is off by more than this is called moved."""
EDGE_SHARE = 0.4
"""From this share of hours at the edge of a run on, a unit is called one of short runs."""
STEADY_SHARE = 0.15
"""A unit whose truth varies by less than this (standard deviation over mean) leaves R² little to explain."""


def traits(series: LineSeries, estimated: Floats, measured: Floats) -> dict[str, float]:
    """Of the scored hours: the share at the edge of a run, how much the truth varies, and R² with the right mean level.

    `r2_at_level` = 1 - sum (k e - m)² / sum (m - mean m)², k = sum m / sum e: what R² would be had the level not moved.
    """
    edge = (series.hours_since_start == 1) | (series.hours_to_stop == 1)
    level = measured.sum() / max(float(estimated.sum()), 1e-12)
    spread = float(((measured - measured.mean()) ** 2).sum())
    return {
        "edge_share": float(edge.mean()),
        "variation_share": float(measured.std() / measured.mean()),
        "r2_at_level": 1 - float(((level * estimated - measured) ** 2).sum()) / spread,
    }


def why_weak(unit: dict[str, Any], shown: dict[str, float]) -> dict[str, Any]:
    """The unit with the reasons that its traits give; more than one may hold."""
    words = []
    if abs(unit["nmb"]) > MOVED_SHARE:
        words.append(
            f"its level moved after the fit years: the mean is {unit['nmb']:+.0%} off; at the right level R² were {shown['r2_at_level']:.2f}"
        )
    if shown["edge_share"] > EDGE_SHARE:
        words.append(
            f"short runs: {shown['edge_share']:.0%} of its hours are the first or last of a run, of which load and fuel are reported as rates "
            "without the minutes run"
        )
    if shown["variation_share"] < STEADY_SHARE:
        words.append(
            f"steady: its fuel varies by {shown['variation_share']:.0%} only, so R² is low although the error is {unit['nmae']:.1%} of the mean"
        )
    if not words:
        words.append(
            f"load does not tell its fuel: error {unit['nmae']:.1%} of the mean, R² at the right level {shown['r2_at_level']:.2f}"
        )
    return {"id": unit["id"], "r2": unit["r2"], "why": "; ".join(words)}
