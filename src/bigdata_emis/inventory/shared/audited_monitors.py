"""Consistency of two measured pollutants, a fraction and its total, once an audit has moved one of them.

Belongs here: hours in which both pollutants were measured. Does not: hours in which at most one was measured
(size_fractions), how far an audit moves an hour (audits).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats

ESTIMATE, P05, P95 = range(3)
IndexPairs = Sequence[tuple[int, int]]
"""Row numbers of a fraction and of a total that contains it."""


@dataclass(frozen=True)
class MonitoredHours:
    """The pollutants of one line by hour before any audit; which are measured or audited.

    before_audit_g: estimate, 5th and 95th percentile (3, pollutants, hours); is_measured, is_audited: (pollutants,
    hours).
    """

    before_audit_g: Floats
    is_measured: Flags
    is_audited: Flags

    def are_consistent(self, fraction: int, total: int) -> Flags:
        """The hours in which both were measured, and the fraction was not above its total."""
        return np.asarray(
            self.is_measured[fraction]
            & self.is_measured[total]
            & (self.before_audit_g[ESTIMATE, fraction] <= self.before_audit_g[ESTIMATE, total])
        )

    def limits_g(self, pollutant: int, pairs: IndexPairs) -> tuple[Floats, Floats]:
        """Lower and upper limit of the audited hours of a pollutant by monitors without an audit.

        The lower limit is the 5th percentile of its measured fractions, the upper one the 95th of its measured totals.
        """
        hour_count = self.is_measured.shape[1]
        lower_g, upper_g = np.zeros(hour_count), np.full(hour_count, np.inf)
        for fraction, total in pairs:
            if pollutant not in (fraction, total):
                continue
            is_limited = self.are_consistent(fraction, total) & self.is_audited[pollutant]
            if pollutant == total:
                is_limited &= ~self.is_audited[fraction]
                lower_g = np.where(is_limited, np.fmax(lower_g, self.before_audit_g[P05, fraction]), lower_g)
            else:
                is_limited &= ~self.is_audited[total]
                upper_g = np.where(is_limited, np.fmin(upper_g, self.before_audit_g[P95, total]), upper_g)
        return lower_g, upper_g


def align_monitors(benchmarked_g: Floats, monitors: MonitoredHours, pairs: IndexPairs) -> Floats:
    """The measured hours after the audits, with no fraction newly above its total.

    benchmarked_g: the estimate, or the estimate with its percentiles, (kinds, pollutants, hours), after each audit was
    applied on its own. pairs: every fraction with each of its totals, the largest fractions first.

    An audited hour stays between the percentiles of the monitors that have no audit. Of two audited hours the fraction
    is capped. Then a monitor without an audit is capped to its audited total, or raised to its audited fraction.
    """
    aligned_g = _limit_audited_hours(benchmarked_g, monitors, pairs)
    consistent = [monitors.are_consistent(fraction, total) for fraction, total in pairs]
    is_audited = monitors.is_audited
    for (fraction, total), both in zip(pairs, consistent, strict=True):
        is_capped = both & is_audited[fraction] & is_audited[total]
        aligned_g[:, fraction] = _capped(aligned_g[:, fraction], aligned_g[:, total], is_capped)
    for (fraction, total), both in zip(pairs, consistent, strict=True):
        is_raised = both & is_audited[fraction] & ~is_audited[total]
        raised_g = np.maximum(aligned_g[:, total], aligned_g[:, fraction])
        aligned_g[:, total] = np.where(is_raised, raised_g, aligned_g[:, total])
    for (fraction, total), both in zip(pairs, consistent, strict=True):
        is_capped = both & is_audited[total] & ~is_audited[fraction]
        aligned_g[:, fraction] = _capped(aligned_g[:, fraction], aligned_g[:, total], is_capped)
    return aligned_g


def _limit_audited_hours(benchmarked_g: Floats, monitors: MonitoredHours, pairs: IndexPairs) -> Floats:
    """The estimates within their limits; the percentiles only give way where the estimate would leave the interval."""
    limited_g = benchmarked_g.copy()
    kinds = len(limited_g)
    for pollutant in range(limited_g.shape[1]):
        lower_g, upper_g = monitors.limits_g(pollutant, pairs)
        lower_by_kind_g = np.stack([lower_g, np.zeros_like(lower_g), lower_g])[:kinds]
        upper_by_kind_g = np.stack([upper_g, upper_g, np.full_like(upper_g, np.inf)])[:kinds]
        limited_g[:, pollutant] = np.maximum(limited_g[:, pollutant], lower_by_kind_g)
        limited_g[:, pollutant] = np.minimum(limited_g[:, pollutant], upper_by_kind_g)
    return limited_g


def _capped(fraction_g: Floats, total_g: Floats, is_capped: Flags) -> Floats:
    return np.asarray(np.where(is_capped, np.minimum(fraction_g, total_g), fraction_g))
