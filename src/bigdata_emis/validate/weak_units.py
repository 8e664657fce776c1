"""Why the estimate of a unit is weak, read from its hours.

Belongs here: characteristics of a unit's scored hours, and the sentences for them. Does not: which units are weak
(the tasks).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.running_minutes import LEAST_R2
from bigdata_emis.arrays import Floats
from bigdata_emis.statistics.agreement import explained_variance_share
from bigdata_emis.validate.document import UnitScores, UnknownMinutes, WeakUnit

LEVEL_SHIFT_SHARE = 0.10
"""A mean bias above this is called a level shift."""
EDGE_SHARE = 0.4
"""From this share of hours at the edge of a run on, a unit is one of short runs."""
STEADY_SHARE = 0.15
"""A truth with less variation than this (standard deviation over mean) leaves R² little to explain."""


def describe_hours(series: LineSeries, estimated: Floats, measured: Floats) -> dict[str, float]:
    """Share of hours at the edge of a run, variation of the truth, R² at the right level.

        r2_at_level = 1 − Σ(k·e − m)² / Σ(m − mean m)²,  k = Σm / Σe

    It is the R² that the estimate would have, had the level not moved.
    """
    edge = (series.hours_since_start == 1) | (series.hours_to_stop == 1)
    level = measured.sum() / max(float(estimated.sum()), 1e-12)
    return {
        "edge_share": float(edge.mean()),
        "variation_share": float(measured.std() / measured.mean()),
        "r2_at_level": explained_variance_share(level * estimated, measured),
    }


def explain_weakness(unit: Mapping[str, Any], traits: Mapping[str, Any]) -> WeakUnit:
    """The unit with the reasons that its hours give; more than one may apply."""
    reasons = []
    if abs(unit["nmb"]) > LEVEL_SHIFT_SHARE:
        reasons.append(
            f"level shift after the fit years: the mean is {unit['nmb']:+.0%} off; "
            f"R² at the right level would be {traits['r2_at_level']:.2f}"
        )
    if traits["edge_share"] > EDGE_SHARE:
        reasons.append(
            f"short runs: {traits['edge_share']:.0%} of its hours are the first or last of a run, for which load is "
            "the rate while running and fuel the total of the hour, without the minutes of operation"
        )
    if _has_unknown_minutes(traits):
        reasons.append(
            "minutes unknown: its load does not show them, and hours of the fit years that are alike in load differ so "
            f"much that no model of its hourly load can reach more than R² {traits['most_r2']:.2f} in these"
        )
    if traits["variation_share"] < STEADY_SHARE:
        reasons.append(
            f"steady: its fuel varies by only {traits['variation_share']:.0%}, so R² is low although the error is "
            f"{unit['nmae']:.1%} of the mean"
        )
    if not reasons:
        reasons.append(
            f"load does not determine its fuel: error {unit['nmae']:.1%} of the mean, "
            f"R² at the right level {traits['r2_at_level']:.2f}"
        )
    return {"id": unit["id"], "r2": unit["r2"], "why": "; ".join(reasons)}


def list_unknown_minutes(rows: Iterable[tuple[UnitScores, Mapping[str, Any]]]) -> list[UnknownMinutes]:
    """The units, given with their characteristics, whose running minutes no model of hourly load can know."""
    return [
        {"id": unit["id"], "r2": unit["r2"], "most_r2": traits["most_r2"], "edge_share": traits["edge_share"]}
        for unit, traits in rows
        if _has_unknown_minutes(traits)
    ]


def _has_unknown_minutes(traits: Mapping[str, Any]) -> bool:
    most = traits.get("most_r2")
    return most is not None and most < LEAST_R2
