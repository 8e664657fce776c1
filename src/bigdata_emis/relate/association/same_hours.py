"""Strengths for ranks: indicators compared with a target over the same hours.

Belongs here: the hours that all ranked indicators have, and the strengths over them.
Does not: the methods that choose lags (methods), or the pairs (pairs).
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.relate.association.correlations import MIN_PAIRS, correlate_rows, lag_rows
from bigdata_emis.relate.association.methods import AssociationResult, rank_rows

LEAST_SHARE = 0.5
"""Share of the hours of the most complete indicator that the common hours must reach."""


def correlate_over_same_hours(
    indicators: Floats, targets: Floats, result: AssociationResult, *, by_rank: bool = False
) -> Floats:
    """Correlations at the lags of a result over the hours common to all ranked indicators, (indicators, targets).

    Series with gaps and lags leave each indicator other hours, and a strong week is not a strong indicator. NaN where
    an indicator is not rankable, or has so few hours that it would leave the others less than half of theirs.
    """
    strength = np.full(result.strength.shape, np.nan)
    for column, target in enumerate(targets):
        shifted = lag_rows(indicators, np.nan_to_num(result.lag_h[:, column]).astype(np.int64))
        is_known = np.isfinite(shifted) & np.isfinite(target)
        ranked, hours = choose_common_hours(is_known, np.isfinite(result.rankable_strength[:, column]))
        if not len(ranked):
            continue
        x, y = shifted[ranked][:, hours], np.broadcast_to(target[hours], (len(ranked), int(hours.sum())))
        strength[ranked, column] = correlate_rows(rank_rows(x), rank_rows(y)) if by_rank else correlate_rows(x, y)
    return strength


def choose_common_hours(is_known: Flags, is_rankable: Flags) -> tuple[Integers, Flags]:
    """Rows that are ranked together, in order, and the hours that all of them have.

    `is_known` is `(indicators, hours)`. Rows with the fewest hours are left out until the others have enough.
    """
    rows = np.flatnonzero(is_rankable)
    count = is_known[rows].sum(axis=1)
    least = max(float(MIN_PAIRS), LEAST_SHARE * float(count.max(initial=0)))
    fullest_first = rows[np.argsort(-count, kind="stable")]
    common = np.logical_and.accumulate(is_known[fullest_first], axis=0)
    kept = int((common.sum(axis=1) >= least).sum())
    if not kept:
        return np.empty(0, np.int64), np.zeros(is_known.shape[1], dtype=np.bool_)
    return np.sort(fullest_first[:kept]).astype(np.int64), common[kept - 1]
