"""Each way of measuring an association, on matrices of hourly series (rows: series, columns: hours).

Belongs here: what each method yields for indicators × targets. Does not: which series these are, or the table (association).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.association import significance
from bigdata_emis.relate.association.correlations import (
    LEAST_PAIRS,
    LONGEST_LAG_H,
    Strongest,
    effective_counts,
    lagged_rows,
    paired,
    row_by_row,
    row_correlations,
    strongest,
)
from bigdata_emis.relate.association.prewhitening import HOURS_OF_DAY
from bigdata_emis.statistics.agreement import grey_relational_grade, partial_correlations
from bigdata_emis.statistics.mutual_information import informational_correlation, shifted_information

TRIED = LONGEST_LAG_H + 1
KNOWN_SHARE = 0.9
"""A weather variable known in less than nine tenths of the hours of the best known one is not controlled for."""


@dataclass(frozen=True)
class Finding:
    """What one method found, each an array indicators × targets; NaN where it says nothing.

    `worth` is how many independent pairs the pairs count for.
    """

    method: str
    lag_h: Floats
    strength: Floats
    low: Floats
    high: Floats
    chance: Floats
    count: Floats
    worth: Floats

    @property
    def is_few(self) -> Flags:
        """The pairs are worth no more independent ones than Fisher's z loses: they are neither ranked nor tested."""
        return np.isfinite(self.strength) & (self.worth <= significance.FISHER_LOST)

    @property
    def rankable(self) -> Floats:
        """The strengths that may be ranked, NaN for the others."""
        return np.where(self.is_few, np.nan, self.strength)


def pearson_finding(indicators: Floats, targets: Floats, *, is_paired: bool = False) -> Finding:
    """Pearson correlation at the lag where it is strongest; the p value is corrected for memory and for the lags tried."""
    found = paired(indicators, targets) if is_paired else strongest(indicators, targets)
    worth = effective_counts(indicators, targets, found.count, product=row_by_row if is_paired else None)
    return _by_fisher("pearson", found, worth)


def spearman_finding(indicators: Floats, targets: Floats, *, is_paired: bool = False) -> Finding:
    """The same for ranks, ranked anew over the hours that the lag leaves."""
    x, y = ranked(indicators), ranked(targets)
    found = paired(x, y) if is_paired else strongest(x, y)
    worth = effective_counts(x, y, found.count, product=row_by_row if is_paired else None)
    exact = np.column_stack(
        [
            _rank_correlations(
                lagged_rows(indicators, found.lag_h[:, column]), targets if is_paired else targets[[column]]
            )
            for column in range(found.strength.shape[1])
        ]
    )
    refined = Strongest(np.where(np.isfinite(found.strength), exact, np.nan), found.lag_h, found.count)
    return _by_fisher("spearman", refined, worth, variance_factor=significance.SPEARMAN_VARIANCE)


def prewhitened_finding(
    whitened_indicators: Floats, whitened_targets: Floats, *, resampled: Flags, is_paired: bool = False
) -> Finding:
    """Correlation of what is new in each hour, at the lag where it is strongest; intervals of the rows `resampled` by resampled days.

    Whitened series need no correction for memory (Haugh 1976), only for the lags tried, and for the day that the daily rhythm cost.
    """
    found = (
        paired(whitened_indicators, whitened_targets) if is_paired else strongest(whitened_indicators, whitened_targets)
    )
    days = whitened_targets.shape[1] / HOURS_OF_DAY
    finding = _by_fisher("prewhitened", found, found.count * max(0.0, 1 - 1 / days))
    rows = np.flatnonzero(resampled)
    for column in range(found.strength.shape[1] if len(rows) else 0):
        shifted = lagged_rows(whitened_indicators[rows], found.lag_h[rows, column])
        beside = whitened_targets[rows] if is_paired else np.broadcast_to(whitened_targets[column], shifted.shape)
        low, high = significance.resampled_interval(shifted, beside)
        is_there = np.isfinite(found.strength[rows, column])
        finding.low[rows, column], finding.high[rows, column] = (
            np.where(is_there, low, np.nan),
            np.where(is_there, high, np.nan),
        )
    return finding


def grey_finding(indicators: Floats, targets: Floats, *, by_value: Finding) -> Finding:
    """Grey relational grade (Deng) of indicators that are compared together, each at its lag; ranks only, so without a p value."""
    empty = np.full(by_value.strength.shape, np.nan)
    finding = Finding(
        "grey",
        by_value.lag_h,
        empty.copy(),
        empty.copy(),
        empty.copy(),
        empty.copy(),
        by_value.count.copy(),
        empty.copy(),
    )
    for column, target in enumerate(targets):
        used = np.flatnonzero(np.isfinite(by_value.strength[:, column]))
        together = lagged_rows(indicators[used], by_value.lag_h[used, column].astype(np.int64)).T
        hours = np.isfinite(together).all(axis=1) & np.isfinite(target)
        if not len(used) or hours.sum() < LEAST_PAIRS:
            continue
        finding.strength[used, column] = grey_relational_grade(together[hours], target[hours])
        finding.low[used, column], finding.high[used, column] = significance.grey_interval(
            together[hours], target[hours]
        )
        finding.count[used, column] = hours.sum()
    return finding


def partial_finding(indicators: Floats, targets: Floats, *, weather: Floats, by_value: Finding) -> Finding:
    """Correlation given the weather of the target's hour, at the lag of Pearson's; each weather column costs an independent pair."""
    strength = np.full(by_value.strength.shape, np.nan)
    complete = np.isfinite(weather).sum(axis=0)
    weather = weather[:, (complete > 0) & (complete >= KNOWN_SHARE * complete.max(initial=0))]
    for column, target in enumerate(targets if weather.shape[1] else []):
        shifted = lagged_rows(indicators, by_value.lag_h[:, column].astype(np.int64))
        strength[:, column] = partial_correlations(shifted, target, weather)
    strength[~np.isfinite(by_value.strength)] = np.nan
    found = Strongest(strength, by_value.lag_h.astype(np.int64), by_value.count.astype(np.int64))
    return _by_fisher("partial", found, np.maximum(by_value.worth - weather.shape[1], 0.0))


def information_finding(indicators: Floats, targets: Floats) -> Finding:
    """Informational correlation of the same hours (lag 0), with a p value under circular shifts."""
    shape = (len(indicators), len(targets))
    found = np.array([information_test(x, y) for x in indicators for y in targets], float).reshape(*shape, 3)
    short = found[:, :, 2] < LEAST_PAIRS
    strength, chance = np.where(short, np.nan, found[:, :, 0]), np.where(short, np.nan, found[:, :, 1])
    empty = np.full(shape, np.nan)
    return Finding("mutual_information", np.zeros(shape), strength, empty, empty, chance, found[:, :, 2], empty)


def ranked(series: Floats) -> Floats:
    """The rank of each value within its row; equal values share the mean of their ranks."""
    known = np.isfinite(series)
    ranks: Floats = stats.rankdata(np.where(known, series, np.inf), axis=1)
    return np.where(known, ranks, np.nan)


def set_ranks(strength: Floats) -> Floats:
    """The place of each indicator (row) within each target (column)."""
    return np.column_stack([significance.ranks(column) for column in strength.T]) if strength.size else strength


def false_discovery(chances: Sequence[Floats], method: str) -> list[Floats]:
    """The share of false finds among all pairs of one method that are at least as unlikely by chance, per matrix of p values.

    Source: Benjamini and Hochberg (1995), J. Royal Stat. Soc. B 57, 289 ("bh"); Benjamini and Yekutieli (2001), Annals of Statistics 29, 1165 ("by").
    """
    flat = np.concatenate([chance.ravel() for chance in chances]) if chances else np.empty(0)
    known = np.isfinite(flat)
    adjusted = np.full(len(flat), np.nan)
    if known.any():
        adjusted[known] = stats.false_discovery_control(flat[known], method=method)
    ends = np.cumsum([chance.size for chance in chances])[:-1]
    return (
        [part.reshape(chance.shape) for part, chance in zip(np.split(adjusted, ends), chances, strict=True)]
        if chances
        else []
    )


def _by_fisher(method: str, found: Strongest, worth: Floats, *, variance_factor: float = 1.0) -> Finding:
    is_there = np.isfinite(found.strength)
    low, high = significance.fisher_interval(found.strength, worth, variance_factor=variance_factor)
    chance = significance.p_value(found.strength, worth, tried=TRIED, variance_factor=variance_factor)
    low, high, worth = (np.where(is_there, part, np.nan) for part in (low, high, worth))
    chance = np.where(is_there & (worth > significance.FISHER_LOST), chance, np.nan)
    return Finding(
        method, found.lag_h.astype(float), found.strength, low, high, chance, found.count.astype(float), worth
    )


def _rank_correlations(indicators: Floats, targets: Floats) -> Floats:
    """The rank correlation of each row with its target, over their common hours."""
    y = np.broadcast_to(targets, indicators.shape)
    known = np.isfinite(indicators) & np.isfinite(y)
    return row_correlations(ranked(np.where(known, indicators, np.nan)), ranked(np.where(known, y, np.nan)))


SHIFTS = 19
NEAREST_SHIFT_H = 12
"""Shorter shifts would compare an hour with its own neighbourhood."""


def information_test(indicator: Floats, target: Floats) -> tuple[float, float, int]:
    """Informational correlation of the same hours, its p value under circular shifts, and the number of pairs.

    A shift keeps each series' memory and rhythm and breaks what binds the two. The estimates of 19 shifts, spread evenly, tell
    what chance gives: p is that of one more draw from a normal distribution with their mean and spread (Student's t).

    Source: circular shifts as in Harris (2020), arXiv 2012.06862; prediction of a further draw: Student (1908), Biometrika 6, 1.
    """
    known = np.isfinite(indicator) & np.isfinite(target)
    x, y = indicator[known], target[known]
    if len(x) < 2 * NEAREST_SHIFT_H or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan"), float("nan"), int(known.sum())
    shifts = np.unique(np.linspace(NEAREST_SHIFT_H, len(x) - NEAREST_SHIFT_H, SHIFTS).astype(int)).tolist()
    found, *by_chance = shifted_information(x, y, [0, *shifts])
    return informational_correlation(max(0.0, found)), _chance(found, np.array(by_chance)), int(known.sum())


def _chance(found: float, by_chance: Floats) -> float:
    """The probability of a further draw at least as large; 1 where there are too few shifts to know their spread."""
    count = len(by_chance)
    spread = float(by_chance.std(ddof=1)) * np.sqrt(1 + 1 / count) if count > 1 else 0.0
    return float(stats.t.sf((found - by_chance.mean()) / spread, count - 1)) if spread > 0 else 1.0
