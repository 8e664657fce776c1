"""One line, pollutant and month against its audited total: how far the audit moves the hours, and how surely.

Belongs here: the generalised least squares of one audit. Does not: audits of parts and wholes beside each other (audit_parts), frames (settle).
"""

from dataclasses import dataclass
from math import hypot
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats
from bigdata_emis.inventory.shared.error_correlation import Correlations
from bigdata_emis.statistics.propagation import standard_deviation

SETTLED, CONTRADICTS, INCOMPLETE, NOTHING, NOT_EMITTED = (
    "settled",
    "contradicts",
    "incomplete",
    "nothing_to_move",
    "not_emitted",
)
RECONCILED, IRRECONCILABLE = "reconciled", "irreconcilable"
MOVING = (SETTLED, CONTRADICTS, RECONCILED)
"""The status codes of audits that hours are moved by."""
NO_METHOD = "none"
CONTRADICTS_FROM = 1.96
"""Standard deviations of the difference of made and audited (95 % of a normal) beyond which they contradict each other."""
BEYOND = 1 + 1e-9
"""So much further than needed, so that rounding leaves nothing where the audit says nothing."""


@dataclass(frozen=True)
class MonthAudit:
    """An audited total beside the hours of its line, pollutant and month, in order of method and hour.

    reach_g: how far the audit moves each hour for one standard deviation of shift; coefficients: by method, from which a day finds it again.
    """

    audited_g: float
    hours: pa.Table
    emission_g: Floats
    reach_g: Floats
    coefficients: list[dict[str, Any]]
    status: str
    shift: float

    def rows(self) -> list[dict[str, Any]]:
        """What the settlement keeps of it: one row a method."""
        told = {
            "made_emission_g": float(self.emission_g.sum()),
            "audit_shift": self.shift,
            "audit_status_code": self.status,
        }
        return [{**told, **row} for row in self.coefficients]


def settled(rows: pa.Table, audit: dict[str, Any], hour_count: int, correlations: Correlations) -> MonthAudit:
    """What an audit makes of the hours of its month, all of one line and pollutant, in order of method and hour.

    e' = max(0, e + z c s), with c s = (ρ s Σs + (1 − ρ) s²) ÷ √Q over the hours of one method, ρ the part of the error's variance that
    they share, and Q the variance of the month's sum with that of the audit.
    """
    known = rows.filter(rows["emission_g"].is_valid())
    method = known["method_code"].to_numpy()
    emission_g, p05_g, p95_g = (known[name].to_numpy() for name in ("emission_g", "emission_g_p05", "emission_g_p95"))
    spread_g = standard_deviation(emission_g, p05_g, p95_g)
    methods = sorted(set(method)) or [NO_METHOD]
    is_absent = not len(emission_g) and bool(rows["is_made"][0].as_py())
    status, shift, moves_g2, root_g = NOT_EMITTED if is_absent else INCOMPLETE, 0.0, np.zeros(len(spread_g)), 0.0
    shared = {m: correlations.of(None, m)[0] if m != NO_METHOD else 0.0 for m in methods}
    audited_g = float(audit["audited_emission_g"])
    if len(emission_g) == hour_count:
        moves_g2 = np.concatenate([_moves_g2(spread_g[method == m], shared[m]) for m in methods])
        root_g = hypot(float(moves_g2.sum()) ** 0.5, audit["relative_sd_share"] * audited_g)
        status, shift = _shift(emission_g, moves_g2, audited_g, root_g)
    root_g = root_g or 1.0
    told = [_coefficients(one, spread_g[method == one], shared[one], root_g) for one in methods]
    return MonthAudit(audited_g, known, emission_g, moves_g2 / root_g, told, status, shift)


def _moves_g2(spread_g: Floats, shared_share: float) -> Floats:
    """The covariance of each hour with the sum of the hours of its method."""
    return np.asarray(shared_share * spread_g * spread_g.sum() + (1 - shared_share) * spread_g**2)


def _coefficients(method: str, spread_g: Floats, shared_share: float, root_g: float) -> dict[str, Any]:
    """The part of an hour's standard deviation that the audit explains is shared + own × s ÷ mean s."""
    mean_g = float(spread_g.mean()) if len(spread_g) else 0.0
    shared, own = shared_share * float(spread_g.sum()) / root_g, (1 - shared_share) * mean_g / root_g
    return {"method_code": method, "mean_sd_g": mean_g, "shared_coefficient": shared, "own_coefficient": own}


def _shift(emission_g: Floats, moves_g2: Floats, audited_g: float, root_g: float) -> tuple[str, float]:
    """Status, and the shift z with Σ max(0, e + z m / √Q) = audit: hours that would fall below zero stay at zero, the others take their part."""
    difference_g = audited_g - float(emission_g.sum())
    status = CONTRADICTS if abs(difference_g) > CONTRADICTS_FROM * root_g else SETTLED
    if not difference_g:
        return SETTLED, 0.0
    if not audited_g and (moves_g2[emission_g > 0] > 0).all():
        return status, -float((emission_g[moves_g2 > 0] / moves_g2[moves_g2 > 0]).max()) * root_g * BEYOND
    stays = np.ones(len(emission_g), dtype=bool)
    while True:
        weight_g2 = float(moves_g2[stays].sum())
        if not weight_g2:
            return NOTHING, 0.0
        step_per_g = (audited_g - float(emission_g[stays].sum())) / weight_g2
        negative = stays & (emission_g + step_per_g * moves_g2 < 0)
        if not negative.any():
            break
        stays &= ~negative
    return status, step_per_g * root_g
