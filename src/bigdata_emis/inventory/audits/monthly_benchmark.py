"""Benchmarking of one line, pollutant and month to its audited total: how far each hour moves, and how certainly.

Belongs here: the generalised least squares of one audit. Does not: audits of a size fraction and its total together
(benchmark_hierarchy), frames (settle_audit).
"""

from dataclasses import dataclass
from math import hypot
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import AuditStatus, Method
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.statistics.propagation import standard_deviation

APPLIED_STATUSES = (AuditStatus.AGREES, AuditStatus.CONTRADICTS, AuditStatus.RECONCILED)
"""The status codes of audits to which hours are benchmarked."""
CONTRADICTION_SD = 1.96
"""Standard deviations of the difference between estimate and audit (95 % of a normal) above which they contradict."""
OVERSHOOT = 1 + 1e-9
"""Factor on the shift of an audit of zero, so that rounding leaves nothing in any hour."""


@dataclass(frozen=True)
class MonthlyBenchmark:
    """An audited total with the hours of its line, pollutant and month.

    The hours are in order of method and hour. reach_g: how far one unit of shift moves each hour, (hours,);
    coefficients: by method, from which anchor_emission computes the reach of an hour again.
    """

    audited_g: float
    hours: pa.Table
    emission_g: Floats
    reach_g: Floats
    coefficients: list[dict[str, Any]]
    status: str
    shift: float

    def settlement_rows(self) -> list[dict[str, Any]]:
        """The rows of table audit_settlement: one for each method."""
        common = {
            "made_emission_g": float(self.emission_g.sum()),
            "audit_shift": self.shift,
            "audit_status_code": self.status,
        }
        return [{**common, **row} for row in self.coefficients]


def benchmark_month(
    rows: pa.Table, audit: dict[str, Any], hour_count: int, correlations: ErrorCorrelations
) -> MonthlyBenchmark:
    """Benchmark the hours of one line, pollutant and month to their audited total.

        e' = max(0, e + z c s),   c s = (ρ s Σs + (1 − ρ) s²) ÷ √Q

    The sum Σs is over the hours of one method, ρ is the share of the error variance common to them, and Q is the
    variance of the monthly sum plus that of the audit.
    """
    hours = rows.filter(rows["emission_g"].is_valid())
    method = hours["method_code"].to_numpy()
    emission_g, p05_g, p95_g = (hours[name].to_numpy() for name in ("emission_g", "emission_g_p05", "emission_g_p95"))
    sd_g = standard_deviation(emission_g, p05_g, p95_g)
    methods = sorted(set(method)) or [Method.NONE]
    is_not_emitted = not len(emission_g) and bool(rows["is_made"][0].as_py())
    status = AuditStatus.NOT_EMITTED if is_not_emitted else AuditStatus.INCOMPLETE
    shift, covariance_g2, root_q_g = 0.0, np.zeros(len(sd_g)), 0.0
    common = {m: correlations.shares(None, m)[0] if m != Method.NONE else 0.0 for m in methods}
    audited_g = float(audit["audited_emission_g"])
    if len(emission_g) == hour_count:
        covariance_g2 = np.concatenate([_covariance_with_sum_g2(sd_g[method == m], common[m]) for m in methods])
        root_q_g = hypot(float(covariance_g2.sum()) ** 0.5, audit["relative_sd_share"] * audited_g)
        status, shift = _solve_shift(emission_g, covariance_g2, audited_g, root_q_g)
    root_q_g = root_q_g or 1.0
    coefficients = [_coefficients(m, sd_g[method == m], common[m], root_q_g) for m in methods]
    return MonthlyBenchmark(audited_g, hours, emission_g, covariance_g2 / root_q_g, coefficients, status, shift)


def _covariance_with_sum_g2(sd_g: Floats, common_share: float) -> Floats:
    """The covariance of each hour with the sum of the hours of its method."""
    return np.asarray(common_share * sd_g * sd_g.sum() + (1 - common_share) * sd_g**2)


def _coefficients(method: str, sd_g: Floats, common_share: float, root_q_g: float) -> dict[str, Any]:
    """The share of an hour's standard deviation that the audit explains is shared + own × s ÷ mean s."""
    mean_g = float(sd_g.mean()) if len(sd_g) else 0.0
    shared, own = common_share * float(sd_g.sum()) / root_q_g, (1 - common_share) * mean_g / root_q_g
    return {"method_code": method, "mean_sd_g": mean_g, "shared_coefficient": shared, "own_coefficient": own}


def _solve_shift(
    emission_g: Floats, covariance_g2: Floats, audited_g: float, root_q_g: float
) -> tuple[AuditStatus, float]:
    """Status, and the shift z with Σ max(0, e + z m ÷ √Q) = audit.

    Hours that would become negative are set to zero, and the other hours take their part.
    """
    difference_g = audited_g - float(emission_g.sum())
    is_contradiction = abs(difference_g) > CONTRADICTION_SD * root_q_g
    status = AuditStatus.CONTRADICTS if is_contradiction else AuditStatus.AGREES
    if not difference_g:
        return AuditStatus.AGREES, 0.0
    if not audited_g and (covariance_g2[emission_g > 0] > 0).all():
        movable = covariance_g2 > 0
        return status, -float((emission_g[movable] / covariance_g2[movable]).max()) * root_q_g * OVERSHOOT
    is_free = np.ones(len(emission_g), dtype=bool)
    while True:
        covariance_sum_g2 = float(covariance_g2[is_free].sum())
        if not covariance_sum_g2:
            return AuditStatus.NOTHING_TO_MOVE, 0.0
        step_per_g = (audited_g - float(emission_g[is_free].sum())) / covariance_sum_g2
        is_negative = is_free & (emission_g + step_per_g * covariance_g2 < 0)
        if not is_negative.any():
            break
        is_free &= ~is_negative
    return status, step_per_g * root_q_g
