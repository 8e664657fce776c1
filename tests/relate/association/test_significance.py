"""Intervals, p values and ranks against values on paper."""

import numpy as np
import pytest
from scipy import stats

from bigdata_emis.relate.association import significance
from bigdata_emis.relate.association.correlations import correlate_rows
from tests.relate.association.noise import HOURS, autoregressive


def test_fisher_interval_on_paper():
    """Atanh 0.5 = 0.5493, spread 1 / √100 = 0.1: 0.5493 ± 0.1645."""
    low, high = significance.fisher_interval(np.array([0.5]), np.array([103.0]))
    assert low[0] == pytest.approx(np.tanh(0.5493 - 0.1645), abs=1e-3)
    assert high[0] == pytest.approx(np.tanh(0.5493 + 0.1645), abs=1e-3)


def test_the_interval_of_a_chosen_lag_is_that_of_all_lags_together():
    """0.05 ÷ 10 lags = 0.005 is exceeded at z = 2.576."""
    low, high = significance.fisher_interval(np.array([0.5]), np.array([103.0]), lags_tried=10)
    assert (low[0], high[0]) == pytest.approx((np.tanh(0.5493 - 0.2576), np.tanh(0.5493 + 0.2576)), abs=1e-3)
    given = significance.fisher_interval(np.array([0.5]), np.array([103.0]))
    widened = significance.widen_for_choice(np.array([0.5]), *given, lags_tried=10)
    assert (widened[0][0], widened[1][0]) == pytest.approx((low[0], high[0]))
    assert significance.widen_for_choice(*np.array([[0.5], [-1.0], [1.0]]), lags_tried=10)[0][0] == -1.0


def test_three_pairs_have_the_whole_range():
    low, high = significance.fisher_interval(np.array([0.5]), np.array([3.0]))
    assert (low[0], high[0]) == (-1.0, 1.0)


def test_p_value_on_paper():
    """Two-sided, at z = 0.5493 × √100 = 5.493."""
    p_value = significance.p_values(np.array([0.5]), np.array([103.0]))[0]
    assert p_value == pytest.approx(2 * stats.norm.sf(5.493), rel=1e-3)


def test_p_values_are_multiplied_by_the_lags_tried_up_to_one():
    """Weak: 49 × p is above 1; perfect: 0; three pairs: 1."""
    p_values = significance.p_values(np.array([0.1, 1.0, 0.9]), np.array([103.0, 50.0, 3.0]), lags_tried=49)
    assert p_values.tolist() == [1.0, 0.0, 1.0]


def test_resampled_blocks_are_whole_days_of_consecutive_hours():
    drawn = significance.draw_blocks(HOURS, draws=5)
    assert drawn.shape == (5, HOURS)
    assert (np.diff(drawn[:, :24], axis=1) == 1).all()


def test_bootstrap_interval_is_that_of_the_resampled_days_and_holds_the_correlation():
    x = autoregressive(1, 0.5)[None]
    y = x + autoregressive(2, 0.5)
    low, high = significance.bootstrap_interval(x, y)
    draws = [np.corrcoef(x[0, rows], y[0, rows])[0, 1] for rows in significance.draw_blocks(HOURS)]
    assert [low[0], high[0]] == pytest.approx(np.percentile(draws, [5, 95]).tolist())
    assert low[0] < correlate_rows(x, y)[0] < high[0]


def test_grey_interval_of_the_target_itself_is_one():
    target = autoregressive(1, 0.5)
    indicators = np.column_stack([target, autoregressive(2, 0.5)])
    low, high = significance.grey_interval(indicators, target)
    assert (low[0], high[0]) == (pytest.approx(1), pytest.approx(1))
    assert low[1] < high[1] < 1


def test_ranks_are_by_absolute_size_and_skip_missing_strengths():
    ranks = significance.rank_strengths(np.array([0.2, -0.9, np.nan, 0.5]))
    assert ranks.tolist() == pytest.approx([3.0, 1.0, np.nan, 2.0], nan_ok=True)
