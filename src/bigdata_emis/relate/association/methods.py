"""The methods that measure an association, on matrices of hourly series `(series, hours)`.

Belongs here: what each method yields for indicators × targets.
Does not: which series these are (pairs, series_matrix), or rows of the table (associate).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import AssociationMethod
from bigdata_emis.relate.association import significance
from bigdata_emis.relate.association.correlations import (
    MAX_LAG_H,
    MIN_PAIRS,
    BestLag,
    correlate_at_best_lag,
    correlate_pairs_at_best_lag,
    correlate_rows,
    effective_sample_sizes,
    lag_rows,
    multiply_matching_rows,
)
from bigdata_emis.statistics.agreement import grey_relational_grade, partial_correlations
from bigdata_emis.statistics.mutual_information import informational_correlation, shifted_information
from bigdata_emis.window import HOURS_PER_DAY

LAGS_TRIED = MAX_LAG_H + 1
MIN_WEATHER_SHARE = 0.9
"""A weather variable with values in less than 90 % of the hours of the most complete one is not controlled for."""
SHIFTS = 19
MIN_SHIFT_H = 12
"""Shorter shifts would compare an hour with its own neighbours."""


@dataclass(frozen=True)
class AssociationResult:
    """The result of one method: arrays `(indicators, targets)`, NaN without a value.

    `p05` and `p95` bound the strength; `effective_count` is how many independent pairs the pairs are worth.
    """

    method: str
    lag_h: Floats
    strength: Floats
    p05: Floats
    p95: Floats
    p_value: Floats
    count: Floats
    effective_count: Floats

    @property
    def has_few_pairs(self) -> Flags:
        """Whether the pairs are worth three independent ones at most: not ranked, not tested."""
        return np.isfinite(self.strength) & (self.effective_count <= significance.FISHER_LOSS)

    @property
    def rankable_strength(self) -> Floats:
        """The strengths that may be ranked, NaN for the others."""
        return np.where(self.has_few_pairs, np.nan, self.strength)


def correlate_pearson(indicators: Floats, targets: Floats, *, is_paired: bool = False) -> AssociationResult:
    """Pearson correlation at the strongest lag, corrected for memory and for the lags tried.

    `is_paired` compares each indicator with the target of the same row only.
    """
    best = (correlate_pairs_at_best_lag if is_paired else correlate_at_best_lag)(indicators, targets)
    product = multiply_matching_rows if is_paired else None
    effective_count = effective_sample_sizes(indicators, targets, best.count, product=product)
    return _add_fisher_interval(AssociationMethod.PEARSON, best, effective_count)


def correlate_spearman(indicators: Floats, targets: Floats, *, is_paired: bool = False) -> AssociationResult:
    """Spearman correlation at the strongest lag, ranked again over the hours that it leaves."""
    x, y = rank_rows(indicators), rank_rows(targets)
    best = (correlate_pairs_at_best_lag if is_paired else correlate_at_best_lag)(x, y)
    effective_count = effective_sample_sizes(x, y, best.count, product=multiply_matching_rows if is_paired else None)
    exact = np.column_stack(
        [
            _correlate_ranks(lag_rows(indicators, best.lag_h[:, column]), targets if is_paired else targets[[column]])
            for column in range(best.strength.shape[1])
        ]
    )
    refined = BestLag(np.where(np.isfinite(best.strength), exact, np.nan), best.lag_h, best.count)
    return _add_fisher_interval(
        AssociationMethod.SPEARMAN, refined, effective_count, variance_factor=significance.SPEARMAN_VARIANCE
    )


def correlate_prewhitened(
    whitened_indicators: Floats, whitened_targets: Floats, *, resampled: Flags, is_paired: bool = False
) -> AssociationResult:
    """Correlation of prewhitened series at the strongest lag.

    Rows marked `resampled` get a bootstrap interval.

    Whitened series need no correction for autocorrelation (Haugh 1976), only for the lags tried and for the day that
    the daily rhythm cost.
    """
    search = correlate_pairs_at_best_lag if is_paired else correlate_at_best_lag
    best = search(whitened_indicators, whitened_targets)
    days = whitened_targets.shape[1] / HOURS_PER_DAY
    result = _add_fisher_interval(AssociationMethod.PREWHITENED, best, best.count * max(0.0, 1 - 1 / days))
    rows = np.flatnonzero(resampled)
    for column in range(best.strength.shape[1] if len(rows) else 0):
        shifted = lag_rows(whitened_indicators[rows], best.lag_h[rows, column])
        partners = whitened_targets[rows] if is_paired else np.broadcast_to(whitened_targets[column], shifted.shape)
        p05, p95 = significance.widen_for_choice(
            best.strength[rows, column], *significance.bootstrap_interval(shifted, partners), lags_tried=LAGS_TRIED
        )
        has_strength = np.isfinite(best.strength[rows, column])
        result.p05[rows, column] = np.where(has_strength, p05, np.nan)
        result.p95[rows, column] = np.where(has_strength, p95, np.nan)
    return result


def grade_grey(indicators: Floats, targets: Floats, *, pearson: AssociationResult) -> AssociationResult:
    """Grey relational grade (Deng) of indicators compared together, each at its Pearson lag.

    The grade only ranks, so there is no p value.
    """
    empty = np.full(pearson.strength.shape, np.nan)
    result = AssociationResult(
        AssociationMethod.GREY,
        pearson.lag_h,
        empty.copy(),
        empty.copy(),
        empty.copy(),
        empty.copy(),
        pearson.count.copy(),
        empty.copy(),
    )
    for column, target in enumerate(targets):
        used = np.flatnonzero(np.isfinite(pearson.strength[:, column]))
        together = lag_rows(indicators[used], pearson.lag_h[used, column].astype(np.int64)).T
        is_complete = np.isfinite(together).all(axis=1) & np.isfinite(target)
        if not len(used) or is_complete.sum() < MIN_PAIRS:
            continue
        complete, target_values = together[is_complete], target[is_complete]
        result.strength[used, column] = grey_relational_grade(complete, target_values)
        result.p05[used, column], result.p95[used, column] = significance.grey_interval(complete, target_values)
        result.count[used, column] = is_complete.sum()
    return result


def correlate_given_weather(
    indicators: Floats, targets: Floats, *, weather: Floats, pearson: AssociationResult
) -> AssociationResult:
    """Partial correlation given the weather of the target's hour, at the Pearson lag.

    `weather` has shape `(hours, variables)`; each variable used costs one independent pair.
    """
    strength = np.full(pearson.strength.shape, np.nan)
    known_hours = np.isfinite(weather).sum(axis=0)
    is_complete = (known_hours > 0) & (known_hours >= MIN_WEATHER_SHARE * known_hours.max(initial=0))
    weather = weather[:, is_complete]
    for column, target in enumerate(targets if weather.shape[1] else []):
        shifted = lag_rows(indicators, pearson.lag_h[:, column].astype(np.int64))
        strength[:, column] = partial_correlations(shifted, target, weather)
    strength[~np.isfinite(pearson.strength)] = np.nan
    best = BestLag(strength, pearson.lag_h.astype(np.int64), pearson.count.astype(np.int64))
    effective_count = np.maximum(pearson.effective_count - weather.shape[1], 0.0)
    return _add_fisher_interval(AssociationMethod.PARTIAL, best, effective_count)


def correlate_mutual_information(indicators: Floats, targets: Floats) -> AssociationResult:
    """Informational correlation of the same hours (lag 0), with a p value under circular shifts."""
    shape = (len(indicators), len(targets))
    tested = np.array([measure_information(x, y) for x in indicators for y in targets], float).reshape(*shape, 3)
    is_short = tested[:, :, 2] < MIN_PAIRS
    strength = np.where(is_short, np.nan, tested[:, :, 0])
    p_value = np.where(is_short, np.nan, tested[:, :, 1])
    empty = np.full(shape, np.nan)
    return AssociationResult(
        AssociationMethod.MUTUAL_INFORMATION, np.zeros(shape), strength, empty, empty, p_value, tested[:, :, 2], empty
    )


def rank_rows(series: Floats) -> Floats:
    """The rank of each value within its row; equal values share the mean of their ranks."""
    is_known = np.isfinite(series)
    ranks: Floats = stats.rankdata(np.where(is_known, series, np.inf), axis=1)
    return np.where(is_known, ranks, np.nan)


def rank_indicators(strength: Floats) -> Floats:
    """The rank of each indicator (row) by strength within each target (column), 1 the strongest."""
    return (
        np.column_stack([significance.rank_strengths(column) for column in strength.T]) if strength.size else strength
    )


def adjust_false_discovery(p_values: Sequence[Floats], method: str) -> list[Floats]:
    """The q values: share of false discoveries among all pairs with at most this p value.

    `p_values` are the matrices of one method, adjusted together; `method` is "bh" or "by".

    Source: Benjamini and Hochberg (1995), J. Royal Stat. Soc. B 57, 289 ("bh");
    Benjamini and Yekutieli (2001), Annals of Statistics 29, 1165 ("by").
    """
    flat = np.concatenate([matrix.ravel() for matrix in p_values]) if p_values else np.empty(0)
    is_known = np.isfinite(flat)
    adjusted = np.full(len(flat), np.nan)
    if is_known.any():
        adjusted[is_known] = stats.false_discovery_control(flat[is_known], method=method)
    ends = np.cumsum([matrix.size for matrix in p_values])[:-1]
    return (
        [part.reshape(matrix.shape) for part, matrix in zip(np.split(adjusted, ends), p_values, strict=True)]
        if p_values
        else []
    )


def measure_information(indicator: Floats, target: Floats) -> tuple[float, float, int]:
    """Informational correlation, its p value under circular shifts, and the number of pairs.

    A shift keeps the autocorrelation and rhythm of each series and breaks the relation between the two. The estimates
    of 19 shifts, spread evenly, show what chance gives: p is the probability of one more draw from a normal
    distribution with their mean and spread (Student's t).

    Source: circular shifts as in Harris (2020), arXiv 2012.06862;
    prediction of a further draw: Student (1908), Biometrika 6, 1.
    """
    is_known = np.isfinite(indicator) & np.isfinite(target)
    x, y = indicator[is_known], target[is_known]
    if len(x) < 2 * MIN_SHIFT_H or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan"), float("nan"), int(is_known.sum())
    shifts = np.unique(np.linspace(MIN_SHIFT_H, len(x) - MIN_SHIFT_H, SHIFTS).astype(int)).tolist()
    information, *by_chance = shifted_information(x, y, [0, *shifts])
    p_value = _p_value_of_draw(information, np.array(by_chance))
    return informational_correlation(max(0.0, information)), p_value, int(is_known.sum())


def _add_fisher_interval(
    method: AssociationMethod, best: BestLag, effective_count: Floats, *, variance_factor: float = 1.0
) -> AssociationResult:
    """The result of a correlation with Fisher's interval and p values, missing where the strength is."""
    has_strength = np.isfinite(best.strength)
    p05, p95 = significance.fisher_interval(
        best.strength, effective_count, lags_tried=LAGS_TRIED, variance_factor=variance_factor
    )
    p_value = significance.p_values(
        best.strength, effective_count, lags_tried=LAGS_TRIED, variance_factor=variance_factor
    )
    p05, p95, effective_count = (np.where(has_strength, part, np.nan) for part in (p05, p95, effective_count))
    p_value = np.where(has_strength & (effective_count > significance.FISHER_LOSS), p_value, np.nan)
    return AssociationResult(
        method, best.lag_h.astype(float), best.strength, p05, p95, p_value, best.count.astype(float), effective_count
    )


def _correlate_ranks(indicators: Floats, targets: Floats) -> Floats:
    """The rank correlation of each row with its target, over their common hours."""
    y = np.broadcast_to(targets, indicators.shape)
    is_known = np.isfinite(indicators) & np.isfinite(y)
    return correlate_rows(rank_rows(np.where(is_known, indicators, np.nan)), rank_rows(np.where(is_known, y, np.nan)))


def _p_value_of_draw(value: float, by_chance: Floats) -> float:
    """The probability of a further draw at least as large; 1 where too few shifts give their spread."""
    count = len(by_chance)
    spread = float(by_chance.std(ddof=1)) * np.sqrt(1 + 1 / count) if count > 1 else 0.0
    return float(stats.t.sf((value - by_chance.mean()) / spread, count - 1)) if spread > 0 else 1.0
