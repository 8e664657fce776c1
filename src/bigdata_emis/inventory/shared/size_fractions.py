"""Size fractions and totals of particulate: when a better source revises a total, its fractions follow, in every hour.

Belongs here: the hourly series of many lines, and one fraction with one total. Does not: why a series was revised
(monitors, audits), two measured pollutants under an audit (audited_monitors).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers, Ranks
from bigdata_emis.inventory.shared.audited_monitors import IndexPairs, MonitoredHours, align_monitors
from bigdata_emis.reference.pollutant_hierarchy import Containment


class SourcePriority(IntEnum):
    """Preference among sources: where a fraction and its total disagree, the lower gives way."""

    MODELLED = 0
    AUDITED = 1
    MEASURED = 2


@dataclass(frozen=True)
class PollutantSeries:
    """The hourly series of many lines, one for each line and pollutant, under a revision.

    line_number: line of each series; pollutant_codes: its pollutant; original_g: emission before the revision
    (series, hours), from one source for a fraction and its total; source_priority: (series, hours); is_revised: which
    series a better source revised; monitors: the hours before any audit, where audits revised them.
    """

    line_number: Integers
    pollutant_codes: list[str]
    original_g: Floats
    source_priority: Ranks
    is_revised: Flags
    monitors: MonitoredHours | None = None

    def align_line_monitors(self, revised_g: Floats, rows: list[int], pairs: IndexPairs) -> Floats:
        """The series of one line (these rows), its measured and audited pollutants consistent."""
        if self.monitors is None:
            return revised_g
        monitors = self.monitors
        of_line = MonitoredHours(
            monitors.before_audit_g[:, rows], monitors.is_measured[rows], monitors.is_audited[rows]
        )
        return align_monitors(revised_g, of_line, pairs)


def align_size_fractions(revised_g: Floats, series: PollutantSeries, containment: Containment) -> tuple[Floats, Flags]:
    """The emission with fractions that follow their revised totals, and the affected series.

    revised_g: estimate, 5th and 95th percentile (3, series, hours), revised or original. A fraction that was not
    revised itself follows its smallest total that was revised, or that follows one, except in its measured hours.
    Afterwards no fraction exceeds its total, except where two monitors contradict each other.
    """
    aligned_g, is_affected = revised_g.copy(), np.zeros(len(series.line_number), dtype=bool)
    for row_by_pollutant in _revised_lines(series, containment):
        rows = list(row_by_pollutant.values())
        pairs = fraction_total_pairs(list(row_by_pollutant), containment)
        aligned_g[:, rows] = series.align_line_monitors(aligned_g[:, rows], rows, pairs)
        _scale_fractions(aligned_g, series, row_by_pollutant, containment)
        aligned_g[:, rows] = limit_fractions_to_totals(aligned_g[:, rows], series.source_priority[rows], pairs)
        is_affected[rows] = True
    return aligned_g, is_affected


def fraction_total_pairs(pollutant_codes: Sequence[str], containment: Containment) -> list[tuple[int, int]]:
    """Positions in a list of pollutants of every fraction and each of its totals.

    The largest fractions come first.
    """
    pairs = containment.every_pair(set(pollutant_codes))
    return [(pollutant_codes.index(fraction), pollutant_codes.index(total)) for fraction, total in pairs]


def limit_fractions_to_totals(values_g: Floats, source_priority: Ranks, pairs: IndexPairs) -> Floats:
    """The values with no fraction above its total; the lower source priority gives way.

    values_g: (kinds of value, series, hours); pairs: every fraction with each of its totals, the largest fractions
    first. With equal priority the fraction gives way; two measured values that contradict each other both remain.
    """
    limited_g = values_g.copy()
    # Upwards a higher priority raises the totals, then downwards the fractions are capped.
    for fraction, total in reversed(pairs):
        limited_g[:, total] = raise_total(
            limited_g[:, total],
            limited_g[:, fraction],
            total_priority=source_priority[total],
            fraction_priority=source_priority[fraction],
        )
    for fraction, total in pairs:
        limited_g[:, fraction] = cap_fraction(
            limited_g[:, fraction],
            limited_g[:, total],
            fraction_priority=source_priority[fraction],
            total_priority=source_priority[total],
        )
    return limited_g


def scale_fraction(fraction_g: Floats, original_total_g: Floats, total_g: Floats) -> Floats:
    """A fraction from the same source as its total, scaled by the revision of the total.

        fraction × total ÷ original total

    fraction_g, total_g: estimate, 5th and 95th percentile (3, hours); original_total_g: (hours,). The share of the
    fraction and its relative spread remain, but none of the three exceeds the total. Where the original total is zero,
    the share over all other hours is used; where it is missing (NaN), the fraction is only capped to the total.
    """
    is_positive = original_total_g > 0
    has_both = is_positive & ~np.isnan(fraction_g[0])
    summed_fraction_g = fraction_g[:, has_both].sum(axis=1, keepdims=True)
    summed_total_g = original_total_g[has_both].sum()
    is_zero = ~is_positive & ~np.isnan(original_total_g) & bool(summed_total_g)
    numerator_g = np.where(is_zero, summed_fraction_g, fraction_g)
    denominator_g = np.where(is_positive, original_total_g, summed_total_g if summed_total_g else 1.0)
    scaled_g = np.where(is_positive | is_zero, numerator_g / denominator_g * total_g[0], fraction_g)
    return np.asarray(np.where(np.isnan(total_g[0]), fraction_g, np.minimum(scaled_g, total_g)))


def raise_total(total_g: Floats, fraction_g: Floats, *, total_priority: Ranks, fraction_priority: Ranks) -> Floats:
    """The total, raised to the fraction where the fraction has the higher source priority.

    fraction_g, total_g: (kinds of value, hours), NaN where there is none.
    """
    is_raised = _have_values(fraction_g, total_g) & (fraction_priority > total_priority)
    return np.asarray(np.where(is_raised, np.maximum(fraction_g, total_g), total_g))


def cap_fraction(fraction_g: Floats, total_g: Floats, *, fraction_priority: Ranks, total_priority: Ranks) -> Floats:
    """The fraction, capped to the total where it has no higher source priority.

    fraction_g, total_g: (kinds of value, hours), NaN where there is none. Two measured values that contradict each
    other both remain.
    """
    is_capped = (
        _have_values(fraction_g, total_g)
        & (fraction_priority <= total_priority)
        & (fraction_priority < SourcePriority.MEASURED)
    )
    return np.asarray(np.where(is_capped, np.minimum(fraction_g, total_g), fraction_g))


def _revised_lines(series: PollutantSeries, containment: Containment) -> list[dict[str, int]]:
    """The series by pollutant of each line of which a fraction or a total was revised."""
    codes = set(containment.codes)
    lines: dict[int, dict[str, int]] = defaultdict(dict)
    for row in np.flatnonzero([code in codes for code in series.pollutant_codes]):
        lines[int(series.line_number[row])][series.pollutant_codes[row]] = int(row)
    return [
        row_by_pollutant
        for row_by_pollutant in lines.values()
        if len(row_by_pollutant) > 1 and any(series.is_revised[row] for row in row_by_pollutant.values())
    ]


def _scale_fractions(
    aligned_g: Floats, series: PollutantSeries, row_by_pollutant: dict[str, int], containment: Containment
) -> None:
    """Scale the fractions of one line that were not revised, in place; a scaled fraction scales its own fractions."""
    revised = {row for row in row_by_pollutant.values() if series.is_revised[row]}
    for fraction_code, total_code in containment.pairs(set(row_by_pollutant)):
        fraction, total = row_by_pollutant[fraction_code], row_by_pollutant[total_code]
        if total in revised and fraction not in revised:
            scaled_g = scale_fraction(aligned_g[:, fraction], series.original_g[total], aligned_g[:, total])
            is_measured = series.source_priority[fraction] == SourcePriority.MEASURED
            aligned_g[:, fraction] = np.where(is_measured, aligned_g[:, fraction], scaled_g)
            revised.add(fraction)


def _have_values(fraction_g: Floats, total_g: Floats) -> Flags:
    return np.asarray(~np.isnan(fraction_g[0]) & ~np.isnan(total_g[0]))
