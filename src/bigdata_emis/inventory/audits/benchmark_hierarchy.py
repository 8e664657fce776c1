"""Audits of a size fraction and of its total, reconciled in every hour of a month in which their totals agree.

Belongs here: the audits of one line and month together. Does not: one audit (monthly_benchmark), which of a fraction
and its total gives way (size_fractions).
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
from bigdata_emis.codes import AuditStatus, Method
from bigdata_emis.inventory.audits.monthly_benchmark import APPLIED_STATUSES, MonthlyBenchmark
from bigdata_emis.inventory.shared.audited_monitors import ESTIMATE, P05, P95, MonitoredHours, align_monitors
from bigdata_emis.inventory.shared.size_fractions import SourcePriority, fraction_total_pairs, limit_fractions_to_totals
from bigdata_emis.reference.pollutant_hierarchy import Containment

HOUR_S = 3600
MAX_PASSES = 100
CLOSURE_SHARE = 1e-13
"""Passes end when every month differs from its audit by at most this share of estimate plus audit."""


@dataclass(frozen=True)
class _LineMonth:
    """The related pollutants of one line and month, the largest first, (pollutants, hours).

    monitors: hours before the audits; reach_g: how far one unit of shift moves them; audited_g: monthly total, NaN
    without an audit, (pollutants,).
    """

    monitors: MonitoredHours
    reach_g: Floats
    source_priority: Ranks
    audited_g: Floats
    pairs: Sequence[tuple[int, int]]

    @property
    def emission_g(self) -> Floats:
        """The hours before the audits."""
        return np.asarray(self.monitors.before_audit_g[ESTIMATE])

    def independent_g(self, shift: Floats) -> Floats:
        """The hours with each audit applied on its own."""
        return np.asarray(np.maximum(self.emission_g + shift[:, None] * self.reach_g, 0.0))

    def constrained_g(self, shift: Floats) -> Floats:
        """The hours as anchor_emission will constrain size fractions to their totals."""
        aligned_g = align_monitors(self.independent_g(shift)[None], self.monitors, self.pairs)
        return np.asarray(limit_fractions_to_totals(aligned_g, self.source_priority, self.pairs)[0])

    def limits_g(self, pollutant: int, constrained_g: Floats) -> tuple[Floats, Floats]:
        """The limits of a pollutant: its totals above, its measured fractions below."""
        lower_g, upper_g = self.monitors.limits_g(pollutant, self.pairs)
        for fraction, total in self.pairs:
            is_raised = self.source_priority[fraction] > self.source_priority[total]
            is_unconstrained = is_raised | self._is_unconstrained(fraction, total)
            if total == pollutant:
                lower_g = np.where(is_raised, np.fmax(lower_g, constrained_g[fraction]), lower_g)
            if fraction == pollutant:
                upper_g = np.where(is_unconstrained, upper_g, np.fmin(upper_g, constrained_g[total]))
        return lower_g, upper_g

    def _is_unconstrained(self, fraction: int, total: int) -> Flags:
        """Hours in which the total does not limit its fraction.

        Both are measured, and either they contradict each other or the total follows the fraction.
        """
        lower_priority = np.minimum(self.source_priority[fraction], self.source_priority[total])
        are_measured = lower_priority == SourcePriority.MEASURED
        is_limiting = self.monitors.are_consistent(fraction, total) & self.monitors.is_audited[total]
        return np.asarray(are_measured & ~is_limiting)


def reconcile_audits(
    audits: Mapping[str, MonthlyBenchmark],
    measured: pa.Table,
    containment: Containment,
    *,
    first: datetime,
    hour_count: int,
) -> dict[str, MonthlyBenchmark]:
    """The audits of one line and month with no fraction above its total, every month closed.

        e' = min(w', max(0, e + z c s))   for a fraction of the total w'
        e' = max(p', e + z c s)           for the total of a fraction p' with the higher source priority

    The shift z is solved again under these limits, so that the other hours take what an hour cannot hold, in proportion
    to their uncertainty. Hours of other pollutants that a monitor measured (`measured`) remain, except that they follow
    an audited hour that was measured too, within their own interval (audited_monitors). Where no z closes all months,
    the audits are irreconcilable, and none moves an hour.

    Source: generalised least squares under bounds, as in statistics/reconciliation.
    """
    related = {
        code: audits[code] for code in containment.codes if code in audits and audits[code].status in APPLIED_STATUSES
    }
    unapplied = [
        audit.hours.filter(pc.equal(audit.hours["method_code"], Method.MEASURED))
        for code, audit in audits.items()
        if code not in related
    ]
    every_measured = pa.concat_tables([measured, *(rows.select(measured.column_names) for rows in unapplied)])
    month = _line_month(related, every_measured, containment, first, hour_count)
    audited = np.flatnonzero(~np.isnan(month.audited_g))
    before = np.zeros(len(month.audited_g))
    before[audited] = [audit.shift for audit in related.values()]
    shift = _solve_shifts(month, before.copy(), audited)
    if shift is None:
        refused = {
            code: replace(audit, status=AuditStatus.IRRECONCILABLE, shift=0.0) for code, audit in related.items()
        }
        return {**audits, **refused}
    is_changed = (shift != before) | _rows_that_differ(month.constrained_g(shift), month.independent_g(shift))
    changed = {
        code: _reconciled(audit, float(shift[row]))
        for (code, audit), row in zip(related.items(), audited, strict=True)
        if is_changed[row]
    }
    return {**audits, **changed}


def solve_bounded_shift(
    emission_g: Floats, reach_g: Floats, *, lower_g: Floats, upper_g: Floats, total_g: float
) -> float | None:
    """The shift z with Σ min(u, max(l, e + z r)) = total, None where there is none.

    The sum is piecewise linear and increasing in z; the pieces end where an hour meets one of its limits.
    """

    def bounded_g(shift: float) -> Floats:
        return np.asarray(np.minimum(upper_g, np.maximum(lower_g, emission_g + shift * reach_g)))

    is_movable, slack_g = reach_g > 0, CLOSURE_SHARE * (total_g + float(emission_g.sum()))
    ends = [((limit_g - emission_g) / np.where(is_movable, reach_g, np.nan)) for limit_g in (lower_g, upper_g)]
    knots = np.unique(np.concatenate([[0.0], *(end[np.isfinite(end)] for end in ends)]))
    above = bisect_left(knots, total_g - slack_g, key=lambda knot: float(bounded_g(knot).sum()))
    if above < len(knots) and abs(float(bounded_g(knots[above]).sum()) - total_g) <= slack_g:
        return float(knots[above])
    if not above or (above == len(knots) and np.isfinite(upper_g[is_movable]).all()):
        return None
    middle = (knots[above - 1] + knots[above]) / 2 if above < len(knots) else knots[-1] + 1.0
    moved_g = emission_g + middle * reach_g
    is_free = is_movable & (moved_g > lower_g) & (moved_g < upper_g)
    constant_g = float(bounded_g(middle)[~is_free].sum() + emission_g[is_free].sum())
    return (total_g - constant_g) / float(reach_g[is_free].sum())


def _reconciled(audit: MonthlyBenchmark, shift: float) -> MonthlyBenchmark:
    status = AuditStatus.RECONCILED if audit.status == AuditStatus.AGREES else audit.status
    return replace(audit, shift=shift, status=status)


def _rows_that_differ(left: Floats, right: Floats) -> Flags:
    """The rows that differ in an hour that has a value."""
    return np.asarray(((left != right) & ~np.isnan(left)).any(axis=1))


def _line_month(
    related: Mapping[str, MonthlyBenchmark],
    measured: pa.Table,
    containment: Containment,
    first: datetime,
    hour_count: int,
) -> _LineMonth:
    without_audit = {
        code: measured.filter(pc.equal(measured["pollutant_code"], code))
        for code in containment.codes
        if code not in related
    }
    pollutants = [code for code in containment.codes if code in related or without_audit[code].num_rows]
    shape = (len(pollutants), hour_count)
    before_g, reach_g = np.full((3, *shape), np.nan), np.zeros(shape)
    priority = np.full(shape, SourcePriority.MEASURED, dtype=np.int8)
    is_measured, is_audited = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for row, code in enumerate(pollutants):
        rows = related[code].hours if code in related else without_audit[code]
        hour = hour_numbers(rows["hour_utc"]) - int(first.timestamp()) // HOUR_S
        for kind, name in ((ESTIMATE, "emission_g"), (P05, "emission_g_p05"), (P95, "emission_g_p95")):
            before_g[kind, row, hour] = rows[name].to_numpy()
        is_measured[row, hour] = pc.equal(rows["method_code"], Method.MEASURED).to_numpy()
        if code in related:
            reach_g[row, hour], is_audited[row, hour] = related[code].reach_g, True
            priority[row, hour] = np.where(is_measured[row, hour], SourcePriority.MEASURED, SourcePriority.AUDITED)
    audited_g = np.array([related[code].audited_g if code in related else np.nan for code in pollutants])
    monitors, pairs = MonitoredHours(before_g, is_measured, is_audited), fraction_total_pairs(pollutants, containment)
    return _LineMonth(monitors, reach_g, priority, audited_g, pairs)


def _solve_shifts(month: _LineMonth, shift: Floats, audited: Integers) -> Floats | None:
    """The shifts with which every audited month closes, solved pollutant by pollutant in passes; None without any."""
    scale_g = month.audited_g[audited] + month.emission_g[audited].sum(axis=1)
    for _ in range(MAX_PASSES):
        gap_g = month.constrained_g(shift)[audited].sum(axis=1) - month.audited_g[audited]
        if (np.abs(gap_g) <= CLOSURE_SHARE * scale_g).all():
            return shift
        for row in audited:
            lower_g, upper_g = month.limits_g(row, month.constrained_g(shift))
            solved = solve_bounded_shift(
                month.emission_g[row],
                month.reach_g[row],
                lower_g=lower_g,
                upper_g=upper_g,
                total_g=month.audited_g[row],
            )
            if solved is None:
                return None
            shift[row] = solved
    return None
