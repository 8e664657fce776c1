"""The legal emission of hours without a valid reading: a maximum of valid hours before the gap, by HJ 75.

Belongs here: gaps, capture and maxima of one series. Does not: what makes an hour valid (clean_cems), or the best
estimate, which statistics use.

A maximum is meant to be unfavourable to the plant, so the legal series is higher than what was emitted; it is for
accounts, and never for models or totals of an inventory.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.statistics.flag_runs import find_runs


@dataclass(frozen=True)
class SubstitutionRule:
    """One row of reference table cems_substitution.

    It holds for a capture of at least `least_capture_share` and below `below_capture_share`, and a gap of at most
    `longest_gap_h`; the substitute is the maximum of the last `valid_hour_count` valid hours before the gap.
    """

    least_capture_share: float
    below_capture_share: float
    longest_gap_h: float
    valid_hour_count: int


@dataclass(frozen=True)
class LegalSeries:
    """The legal emission of one series: `substitute_hours` are the valid hours of the maximum, 0 where measured."""

    emission_g: Floats
    substitute_hours: Integers
    capture_share: Floats


def read_substitution_rules(cems_substitution: pa.Table) -> tuple[SubstitutionRule, ...]:
    """The rules of the reference table, in its order; the first that fits counts."""
    return tuple(
        SubstitutionRule(
            row["least_capture_share"],
            row["below_capture_share"] if row["below_capture_share"] is not None else np.inf,
            row["longest_gap_h"] if row["longest_gap_h"] is not None else np.inf,
            row["valid_hour_count"],
        )
        for row in cems_substitution.to_pylist()
    )


def substitute_gaps(
    emission_g: Floats, is_stopped: Flags, quarter: Integers, rules: Sequence[SubstitutionRule]
) -> LegalSeries:
    """The legal series of consecutive hours.

    emission_g: the valid hours, NaN elsewhere. is_stopped: hours in which the source did not run, which emit 0 and are
    counted neither as valid nor as missing. quarter: the number of the quarter of each hour.

    A gap is a run of hours that are neither valid nor stopped. All of its hours have the same substitute. Where no rule
    fits, since too little was captured, or no valid hour came before, they have none.
    """
    is_valid = ~np.isnan(emission_g) & ~is_stopped
    legal = np.where(is_stopped, 0.0, emission_g)
    capture = capture_share(is_valid, is_stopped, quarter)
    hours = np.zeros(len(emission_g), dtype=np.int64)
    valid_hours = np.flatnonzero(is_valid)
    for first, end in find_runs(~is_valid & ~is_stopped):
        before = valid_hours[: np.searchsorted(valid_hours, first)]
        rule = _fitting(rules, capture[end - 1], end - first)
        if rule is not None and len(before):
            last = before[-rule.valid_hour_count :]
            legal[first:end] = emission_g[last].max()
            hours[first:end] = rule.valid_hour_count
    return LegalSeries(legal, hours, capture)


def capture_share(is_valid: Flags, is_stopped: Flags, quarter: Integers) -> Floats:
    """The captured share of a quarter up to and with each hour, NaN while the source has not run in it.

    capture = (H − H_stopped − H_invalid) ÷ (H − H_stopped)
    """
    share = np.full(len(is_valid), np.nan)
    for number in np.unique(quarter):
        of_quarter = quarter == number
        running = np.cumsum(~is_stopped[of_quarter])
        valid = np.cumsum(is_valid[of_quarter])
        share[of_quarter] = np.divide(valid, running, out=np.full(len(running), np.nan), where=running > 0)
    return share


def _fitting(rules: Sequence[SubstitutionRule], capture: float, gap_h: int) -> SubstitutionRule | None:
    return next(
        (
            rule
            for rule in rules
            if rule.least_capture_share <= capture < rule.below_capture_share and gap_h <= rule.longest_gap_h
        ),
        None,
    )
