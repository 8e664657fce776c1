"""Audits of a part and of its whole that agree in the month, made to agree in every hour: what an hour cannot hold goes to the others.

Belongs here: the audits of one line and month beside each other. Does not: one audit (audit_month), which part yields (line_parts).
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.activity_model.inputs.line_rows import hour_numbers
from bigdata_emis.arrays import Flags, Floats, Integers, Ranks
from bigdata_emis.inventory.audits.monthly_benchmark import IRRECONCILABLE, MOVING, RECONCILED, SETTLED, MonthAudit
from bigdata_emis.inventory.monitors.fuse_lines import MEASURED as MEASURED_CODE
from bigdata_emis.inventory.shared.audited_monitors import ESTIMATE, P05, P95, Monitors, in_step
from bigdata_emis.inventory.shared.size_fractions import AUDITED, MEASURED, every_pair, held_within
from bigdata_emis.reference.pollutant_hierarchy import Containment

HOUR_S = 3600
MOST_PASSES = 100
CLOSED_SHARE = 1e-13
"""Passes end when every month differs from its audit by no more than this share of what was made and audited."""


@dataclass(frozen=True)
class _Month:
    """Pollutants (rows, the largest first) by hour: as made, how far one shift moves them, how firmly they stand; audited total, nan without one."""

    monitors: Monitors
    reach_g: Floats
    firmness: Ranks
    audited_g: Floats
    pairs: Sequence[tuple[int, int]]

    @property
    def emission_g(self) -> Floats:
        """The hours as made."""
        return np.asarray(self.monitors.told_g[ESTIMATE])

    def alone_g(self, shift: Floats) -> Floats:
        """The hours as each audit by itself moves them."""
        return np.asarray(np.maximum(self.emission_g + shift[:, None] * self.reach_g, 0.0))

    def held_g(self, shift: Floats) -> Floats:
        """The hours as anchor_emission will hold parts within wholes."""
        return np.asarray(
            held_within(in_step(self.alone_g(shift)[None], self.monitors, self.pairs), self.firmness, self.pairs)[0]
        )

    def bounds_g(self, one: int, held_g: Floats) -> tuple[Floats, Floats]:
        """What the other pollutants of the line leave to one: its wholes above, what is measured of its parts below."""
        lower_g, upper_g = self.monitors.limits_g(one, self.pairs)
        for part, whole in self.pairs:
            is_lifted = self.firmness[part] > self.firmness[whole]
            is_free = is_lifted | self._is_free(part, whole)
            if whole == one:
                lower_g = np.where(is_lifted, np.fmax(lower_g, held_g[part]), lower_g)
            if part == one:
                upper_g = np.where(is_free, upper_g, np.fmin(upper_g, held_g[whole]))
        return lower_g, upper_g

    def _is_free(self, part: int, whole: int) -> Flags:
        """Hours in which the whole leaves its part alone: monitors that contradict each other, or of which the whole goes with the part."""
        are_measured = np.minimum(self.firmness[part], self.firmness[whole]) == MEASURED
        return np.asarray(are_measured & ~(self.monitors.agree(part, whole) & self.monitors.is_audited[whole]))


def reconciled(
    audits: Mapping[str, MonthAudit], measured: pa.Table, containment: Containment, *, first: datetime, hour_count: int
) -> dict[str, MonthAudit]:
    """The audits of one line and month by pollutant, shifted so that in no hour a part exceeds its whole and each month still adds up.

    e' = min(w', max(0, e + z c s)) for a part of the whole w', and max(p', …) for the whole of a part p' that stands more firmly; z is
    found anew under these bounds, so that what an hour cannot hold goes to the other hours, by how unsure they are. Hours of other
    pollutants that a monitor measured (`measured`) stand, save that they go with an audited hour that was measured too, within their own
    interval (audited_monitors). Where no z meets all, the audits are called irreconcilable, and none moves an hour.

    Source: generalised least squares under bounds, as equations/reconciliation.
    """
    chain = {code: audits[code] for code in containment.codes if code in audits and audits[code].status in MOVING}
    still = [
        audit.hours.filter(pc.equal(audit.hours["method_code"], MEASURED_CODE))
        for code, audit in audits.items()
        if code not in chain
    ]
    month = _month(
        chain,
        pa.concat_tables([measured, *(rows.select(measured.column_names) for rows in still)]),
        containment,
        first,
        hour_count,
    )
    audited = np.flatnonzero(~np.isnan(month.audited_g))
    before = np.zeros(len(month.audited_g))
    before[audited] = [audit.shift for audit in chain.values()]
    shift = _shifts(month, before.copy(), audited)
    if shift is None:
        return {**audits, **{code: replace(audit, status=IRRECONCILABLE, shift=0.0) for code, audit in chain.items()}}
    is_held = (shift != before) | _differ(month.held_g(shift), month.alone_g(shift))
    return {
        **audits,
        **{
            code: _as_held(audit, float(shift[at]))
            for (code, audit), at in zip(chain.items(), audited, strict=True)
            if is_held[at]
        },
    }


def _as_held(audit: MonthAudit, shift: float) -> MonthAudit:
    return replace(audit, shift=shift, status=RECONCILED if audit.status == SETTLED else audit.status)


def _differ(one: Floats, other: Floats) -> Flags:
    """The rows that differ in an hour of which something is known."""
    return np.asarray(((one != other) & ~np.isnan(one)).any(axis=1))


def _month(
    chain: Mapping[str, MonthAudit], measured: pa.Table, containment: Containment, first: datetime, hour_count: int
) -> _Month:
    stands = {
        code: measured.filter(pc.equal(measured["pollutant_code"], code))
        for code in containment.codes
        if code not in chain
    }
    kinds = [code for code in containment.codes if code in chain or stands[code].num_rows]
    shape = (len(kinds), hour_count)
    told_g, reach_g, firmness = np.full((3, *shape), np.nan), np.zeros(shape), np.full(shape, MEASURED, dtype=np.int8)
    is_measured, is_audited = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for at, code in enumerate(kinds):
        rows = chain[code].hours if code in chain else stands[code]
        hour = hour_numbers(rows["hour_utc"]) - int(first.timestamp()) // HOUR_S
        for kind, name in ((ESTIMATE, "emission_g"), (P05, "emission_g_p05"), (P95, "emission_g_p95")):
            told_g[kind, at, hour] = rows[name].to_numpy()
        is_measured[at, hour] = pc.equal(rows["method_code"], MEASURED_CODE).to_numpy()
        if code in chain:
            reach_g[at, hour], is_audited[at, hour] = chain[code].reach_g, True
            firmness[at, hour] = np.where(is_measured[at, hour], MEASURED, AUDITED)
    audited_g = np.array([chain[code].audited_g if code in chain else np.nan for code in kinds])
    return _Month(
        Monitors(told_g, is_measured, is_audited), reach_g, firmness, audited_g, every_pair(kinds, containment)
    )


def _shifts(month: _Month, shift: Floats, audited: Integers) -> Floats | None:
    """The shifts with which every audited month adds up, found pollutant by pollutant until all do; None when there are none."""
    scale_g = month.audited_g[audited] + month.emission_g[audited].sum(axis=1)
    for _ in range(MOST_PASSES):
        gap_g = month.held_g(shift)[audited].sum(axis=1) - month.audited_g[audited]
        if (np.abs(gap_g) <= CLOSED_SHARE * scale_g).all():
            return shift
        for one in audited:
            lower_g, upper_g = month.bounds_g(one, month.held_g(shift))
            found = bounded_shift(
                month.emission_g[one],
                month.reach_g[one],
                lower_g=lower_g,
                upper_g=upper_g,
                total_g=month.audited_g[one],
            )
            if found is None:
                return None
            shift[one] = found
    return None


def bounded_shift(
    emission_g: Floats, reach_g: Floats, *, lower_g: Floats, upper_g: Floats, total_g: float
) -> float | None:
    """The shift z with Σ min(u, max(l, e + z r)) = total, None where there is none.

    The sum rises with z in straight pieces whose ends are the values of z at which an hour meets a bound.
    """

    def held_g(shift: float) -> Floats:
        return np.asarray(np.minimum(upper_g, np.maximum(lower_g, emission_g + shift * reach_g)))

    moves, slack_g = reach_g > 0, CLOSED_SHARE * (total_g + float(emission_g.sum()))
    ends = [((bound_g - emission_g) / np.where(moves, reach_g, np.nan)) for bound_g in (lower_g, upper_g)]
    knots = np.unique(np.concatenate([[0.0], *(end[np.isfinite(end)] for end in ends)]))
    above = bisect_left(knots, total_g - slack_g, key=lambda knot: float(held_g(knot).sum()))
    if above < len(knots) and abs(float(held_g(knots[above]).sum()) - total_g) <= slack_g:
        return float(knots[above])
    if not above or (above == len(knots) and np.isfinite(upper_g[moves]).all()):
        return None
    middle = (knots[above - 1] + knots[above]) / 2 if above < len(knots) else knots[-1] + 1.0
    place_g = emission_g + middle * reach_g
    is_free = moves & (place_g > lower_g) & (place_g < upper_g)
    fixed_g = float(held_g(middle)[~is_free].sum() + emission_g[is_free].sum())
    return (total_g - fixed_g) / float(reach_g[is_free].sum())
