"""Pooled models of an industry: activity per kWh for lines with little measured activity, or none.

Belongs here: the ratio of one line, the models of industries and of little-measured lines, their estimates, and
the mean that sums need.
Does not: the hierarchical arithmetic (partial_pooling), which lines use a pooled model (relate), tables.

Use: `ratios = [r for line in lines if (r := fit_line_ratio(...))]`, then `fit_pooled_models(ratios)`. The
`parameters` of each row are stored as `parameters_json` under the row's source_id; `estimate_pooled(parameters,
energy_kwh)` applies them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from scipy.stats import norm

from bigdata_emis.activity_model.forms.partial_pooling import (
    LEVEL_SHARE,
    PRIOR_FREEDOM,
    Pool,
    PooledClass,
    fit_pool,
    predict_left_out,
)
from bigdata_emis.arrays import Floats, Integers, Texts
from bigdata_emis.statistics.retransformation import calibrate_expected

POOLED_FORM = "pooled"
INDUSTRY_PREFIX = "industry:"
DAY_H = 24
MIN_DAYS = 2
MIN_VARIANCE = 1e-4
"""Lower limit of the sampling variance of a log ratio: no meter knows it better than to one per cent."""
MAX_SMEARED_VARIANCE = 1.0
"""Limit of the variance between plants in the expected activity: a factor of 1.65 (own judgement).

A few plants may show any spread, and the mean of a log-normal grows with its exponential."""
OUTLIER_SPREADS = 3.0
"""A plant further from its class than so many spreads counts as if it lay there: a wrong unit moves no total."""
RANKS = np.linspace(0.025, 0.975, 39)
"""Ranks at which the hours of a line are stored, and at which the spread between lines is sampled."""


@dataclass(frozen=True)
class LineRatio:
    """Log of activity per kWh of one line, with its sampling variance.

    `relative_by_rank` are the quantiles, at RANKS, of hourly activity over its estimate; `energy_kwh` is the mean of
    its running hours, the size of the line.
    """

    source_id: str
    industry_code: str
    activity_unit_code: str
    log_ratio: float
    variance: float
    relative_by_rank: tuple[float, ...]
    hour_count: int
    energy_kwh: float


def fit_line_ratio(
    energy_kwh: Floats,
    activity: Floats,
    hour_number: Integers,
    *,
    source_id: str,
    industry_code: str,
    activity_unit_code: str,
) -> LineRatio | None:
    """Ratio of a line from its hours with power and measured activity; None below two days.

        log ratio = ln (Σ A / Σ E)

    All arrays are `(hours,)`, NaN where unknown. The variance is a jackknife over calendar days (UTC), since the
    hours of a day are not independent.
    """
    is_usable = np.isfinite(energy_kwh) & np.isfinite(activity) & (energy_kwh > 0)
    energy, measured = energy_kwh[is_usable], activity[is_usable]
    _, day = np.unique(hour_number[is_usable] // DAY_H, return_inverse=True)
    if not len(measured) or day.max() + 1 < MIN_DAYS or measured.sum() <= 0:
        return None
    ratio = measured.sum() / energy.sum()
    variance = max(_jackknife_variance(_daily_sums(day, energy), _daily_sums(day, measured)), MIN_VARIANCE)
    relative = np.quantile(measured / (ratio * energy), RANKS)
    return LineRatio(
        source_id,
        industry_code,
        activity_unit_code,
        float(np.log(ratio)),
        variance,
        tuple(relative.tolist()),
        len(measured),
        float(energy.mean()),
    )


def fit_pooled_models(ratios: list[LineRatio]) -> list[dict[str, Any]]:
    """One model row for each industry, and for each line with a ratio.

    Columns: source_id, form_code, parameters, sample_count, line_count. Industries with the same activity unit share
    information. A plant without measurements uses the row of its industry (source_id "industry:<code>"); a line with
    few measurements has a row of its own, shrunk towards its industry. A line of an industry without any row keeps
    its prior. If an industry counts in two units, the unit with more lines is used.
    """
    rows: list[dict[str, Any]] = []
    by_unit = sorted(ratios, key=lambda r: (r.activity_unit_code, r.source_id))
    for _unit, group in groupby(by_unit, key=lambda r: r.activity_unit_code):
        rows += _fit_unit(list(group))
    row_by_source = {row["source_id"]: row for row in sorted(rows, key=lambda row: int(row["line_count"]))}
    return [row_by_source[source] for source in sorted(row_by_source)]


def estimate_pooled(parameters: dict[str, Any], energy_kwh: Floats) -> tuple[Floats, Floats, Floats]:
    """Activity of each hour with its 90 % interval (value, p05, p95); zero without power."""
    value = float(parameters["activity_per_kwh"]) * np.maximum(energy_kwh, 0.0)
    return value, float(parameters["lower_relative"]) * value, float(parameters["upper_relative"]) * value


def expected_over_typical(parameters: Mapping[str, Any]) -> float:
    """Mean over typical activity of a stored model; 1 for the model of a line, and where none is stored.

    A pooled model estimates the median of its plants. Sums over plants need the mean, which is larger.
    """
    return float(parameters.get("expected_over_typical", 1.0))


def _fit_unit(ratios: list[LineRatio]) -> list[dict[str, Any]]:
    """Rows of all industries that count in one unit."""
    industry: Texts = np.array([r.industry_code for r in ratios])
    pool = fit_pool(np.array([r.log_ratio for r in ratios]), np.array([r.variance for r in ratios]), industry)
    calibration = _expected_calibration(ratios, industry)
    rows = []
    for code in sorted(set(industry.tolist())):
        members = [r for r in ratios if r.industry_code == code]
        spread, pooled_class = np.mean([r.relative_by_rank for r in members], axis=0), pool.class_for(code)
        row = _model_row(f"{INDUSTRY_PREFIX}{code}", pooled_class, pool, spread, members)
        row["parameters"]["expected_over_typical"] *= calibration
        rows.append(row)
        rows += [
            _model_row(r.source_id, pooled_class, pool, np.asarray(r.relative_by_rank), [r], observed=r)
            for r in members
        ]
    return rows


def _expected_calibration(ratios: list[LineRatio], industry: Texts) -> float:
    """Measured over expected activity of all lines of a unit, each expected from the others, weighted by size.

    It corrects what the log-normal form misses of the tails. Shrunk to 1 by PRIOR_FREEDOM lines.
    """
    value, variance = np.array([r.log_ratio for r in ratios]), np.array([r.variance for r in ratios])
    names: Texts = np.array([r.source_id for r in ratios])
    size = np.array([r.energy_kwh for r in ratios])
    mean, spread = predict_left_out(value, variance, industry, names)
    reach = OUTLIER_SPREADS * np.sqrt(np.minimum(spread, MAX_SMEARED_VARIANCE))
    measured = size * np.exp(np.clip(value, mean - reach, mean + reach))
    expected = size * np.exp(mean + np.minimum(spread, MAX_SMEARED_VARIANCE) / 2)
    return calibrate_expected(expected, measured, prior_members=PRIOR_FREEDOM)


def _model_row(
    source_id: str,
    pooled_class: PooledClass,
    pool: Pool,
    relative_by_rank: Floats,
    members: list[LineRatio],
    *,
    observed: LineRatio | None = None,
) -> dict[str, Any]:
    if observed:
        mean, variance = pooled_class.predict_observed(observed.log_ratio, observed.variance)
    else:
        mean, variance = pooled_class.predict_unseen()
    spread = float(np.sqrt(variance)) * (1.0 if observed else pool.calibration)
    lower, upper = _relative_interval(spread, relative_by_rank)
    parameters = {
        "form": POOLED_FORM,
        "activity_per_kwh": float(np.exp(mean)),
        "lower_relative": lower,
        "upper_relative": upper,
        "expected_over_typical": float(np.exp(min(variance, MAX_SMEARED_VARIANCE) / 2)),
        "log_mean": mean,
        "log_spread": spread,
        "class_mean": pooled_class.mean,
        "class_spread": float(np.sqrt(pooled_class.predict_unseen()[1])),
        "activity_unit_code": members[0].activity_unit_code,
    }
    return {
        "source_id": source_id,
        "form_code": POOLED_FORM,
        "parameters": parameters,
        "sample_count": sum(r.hour_count for r in members),
        "line_count": len(members),
    }


def _relative_interval(log_spread: float, relative_by_rank: Floats) -> tuple[float, float]:
    """Quantiles of (which line) × (which hour), both sampled at equally likely points; they enclose one."""
    products = np.exp(log_spread * norm.ppf(RANKS))[:, None] * relative_by_rank
    lower, upper = np.quantile(products, [(1 - LEVEL_SHARE) / 2, (1 + LEVEL_SHARE) / 2])
    return min(float(lower), 1.0), max(float(upper), 1.0)


def _daily_sums(day: Integers, amount: Floats) -> Floats:
    return np.asarray(np.bincount(day, amount), dtype=np.float64)


def _jackknife_variance(energy: Floats, activity: Floats) -> float:
    """Variance of the log ratio, from leaving out each day in turn."""
    ratios = (activity.sum() - activity) / np.maximum(energy.sum() - energy, 1e-12)
    logs = np.log(np.maximum(ratios, 1e-300))
    return float((len(logs) - 1) / len(logs) * ((logs - logs.mean()) ** 2).sum())
