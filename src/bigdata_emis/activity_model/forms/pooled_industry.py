"""Models of an industry: activity (or emission) per unit of a proxy, for lines with little truth of their own or none.

Belongs here: what one line shows, models of industries and of little-seen lines as plain numbers, their estimates.
Does not: the hierarchical arithmetic (pool), which lines need them (relate), tables.

Use: `ratios = [r for line in lines if (r := line_ratio(...))]`, then `pooled_models(ratios)`; each row's `parameters` go into
`parameters_json` of a model whose source_id is the row's; `estimate_pooled(parameters, energy_kwh)` evaluates it.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from scipy.stats import norm

from bigdata_emis.activity_model.forms.partial_pooling import LEVEL_SHARE, Class, Pool, fit_pool
from bigdata_emis.arrays import Floats, Integers, Texts

FORM = "pooled"
INDUSTRY_PREFIX = "industry:"
HOURS_A_BLOCK = 24
LEAST_BLOCKS = 2
LEAST_VARIANCE = 1e-4
"""No meter's ratio is known better than to one per cent."""
RANKS = np.linspace(0.025, 0.975, 39)
"""Ranks at which the hours of a line are kept, and at which the spread between lines is sampled."""


@dataclass(frozen=True)
class LineRatio:
    """What the hours of one line show: log of activity per kWh, its sampling variance, and hourly activity over its estimate by rank."""

    source_id: str
    industry_code: str
    activity_unit_code: str
    log_ratio: float
    variance: float
    relative_by_rank: tuple[float, ...]
    hour_count: int


def line_ratio(
    energy_kwh: Floats,
    activity: Floats,
    hour_number: Integers,
    *,
    source_id: str,
    industry_code: str,
    activity_unit_code: str,
) -> LineRatio | None:
    """The ratio of a line from hours in which it draws power and its activity is known; None when two days of any are not there.

    log (sum A / sum E), its variance by the jackknife over calendar days: hours of a day tell much the same.
    """
    taught = np.isfinite(energy_kwh) & np.isfinite(activity) & (energy_kwh > 0)
    energy, made = energy_kwh[taught], activity[taught]
    _, day = np.unique(hour_number[taught] // HOURS_A_BLOCK, return_inverse=True)
    if not len(made) or day.max() + 1 < LEAST_BLOCKS or made.sum() <= 0:
        return None
    ratio = made.sum() / energy.sum()
    variance = max(_jackknife(_by_day(day, energy), _by_day(day, made)), LEAST_VARIANCE)
    relative = np.quantile(made / (ratio * energy), RANKS)
    return LineRatio(
        source_id,
        industry_code,
        activity_unit_code,
        float(np.log(ratio)),
        variance,
        tuple(relative.tolist()),
        len(made),
    )


def pooled_models(ratios: list[LineRatio]) -> list[dict[str, Any]]:
    """A row for each industry, and one for each line that taught it: {source_id, form_code, parameters, sample_count, line_count}.

    Industries that count in the same unit lend each other strength; a plant never seen gets its industry's row (source_id
    "industry:<code>"), a line with some truth its own, drawn to the industry by how little it was seen. The line of an industry
    never seen goes by its prior. Where an industry counts in two units, the one of more lines is its own.
    """
    rows: list[dict[str, Any]] = []
    by_unit = sorted(ratios, key=lambda r: (r.activity_unit_code, r.source_id))
    for _unit, group in groupby(by_unit, key=lambda r: r.activity_unit_code):
        rows += _unit_models(list(group))
    lines = {row["source_id"]: row for row in sorted(rows, key=lambda row: int(row["line_count"]))}
    return [lines[source] for source in sorted(lines)]


def estimate_pooled(parameters: dict[str, Any], energy_kwh: Floats) -> tuple[Floats, Floats, Floats]:
    """Activity of each hour with its 90 % interval (value, p05, p95); nothing is made without power."""
    value = float(parameters["activity_per_kwh"]) * np.maximum(energy_kwh, 0.0)
    return value, float(parameters["lower_relative"]) * value, float(parameters["upper_relative"]) * value


def _unit_models(ratios: list[LineRatio]) -> list[dict[str, Any]]:
    industry: Texts = np.array([r.industry_code for r in ratios])
    pool = fit_pool(np.array([r.log_ratio for r in ratios]), np.array([r.variance for r in ratios]), industry)
    rows = []
    for code in sorted(set(industry.tolist())):
        members = [r for r in ratios if r.industry_code == code]
        spread = np.mean([r.relative_by_rank for r in members], axis=0)
        rows.append(_row(f"{INDUSTRY_PREFIX}{code}", pool.of(code), pool, spread, members))
        rows += [_row(r.source_id, pool.of(code), pool, np.asarray(r.relative_by_rank), [r], seen=r) for r in members]
    return rows


def _row(
    source_id: str, kin: Class, pool: Pool, by_rank: Floats, members: list[LineRatio], *, seen: LineRatio | None = None
) -> dict[str, Any]:
    mean, variance = kin.seen(seen.log_ratio, seen.variance) if seen else kin.new()
    spread = float(np.sqrt(variance)) * (1.0 if seen else pool.calibration)
    lower, upper = _relative_interval(spread, by_rank)
    parameters = {
        "form": FORM,
        "activity_per_kwh": float(np.exp(mean)),
        "lower_relative": lower,
        "upper_relative": upper,
        "log_mean": mean,
        "log_spread": spread,
        "class_mean": kin.mean,
        "class_spread": float(np.sqrt(kin.new()[1])),
        "activity_unit_code": members[0].activity_unit_code,
    }
    hours = sum(r.hour_count for r in members)
    return {
        "source_id": source_id,
        "form_code": FORM,
        "parameters": parameters,
        "sample_count": hours,
        "line_count": len(members),
    }


def _relative_interval(log_spread: float, by_rank: Floats) -> tuple[float, float]:
    """Ranks of (which line it is) × (which hour it is), both sampled at equally likely points; around one."""
    products = np.exp(log_spread * norm.ppf(RANKS))[:, None] * by_rank
    lower, upper = np.quantile(products, [(1 - LEVEL_SHARE) / 2, (1 + LEVEL_SHARE) / 2])
    return min(float(lower), 1.0), max(float(upper), 1.0)


def _by_day(day: Integers, amount: Floats) -> Floats:
    return np.asarray(np.bincount(day, amount), dtype=np.float64)


def _jackknife(energy: Floats, made: Floats) -> float:
    """Variance of the log ratio when each day is left out in turn."""
    without = (made.sum() - made) / np.maximum(energy.sum() - energy, 1e-12)
    logs = np.log(np.maximum(without, 1e-300))
    return float((len(logs) - 1) / len(logs) * ((logs - logs.mean()) ** 2).sum())
