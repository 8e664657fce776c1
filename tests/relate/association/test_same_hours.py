"""Ranks compare indicators over the same hours."""

import numpy as np

from bigdata_emis.relate.association import methods
from bigdata_emis.relate.association.same_hours import choose_common_hours, correlate_over_same_hours

HOURS = 240


def test_an_indicator_that_was_only_measured_in_a_good_week_is_not_the_strongest():
    """Both follow the target without error in the first half and not at all in the second; one has only the first."""
    random = np.random.default_rng(5)
    target = random.normal(size=HOURS)
    noise = random.normal(size=HOURS)
    whole = np.where(np.arange(HOURS) < HOURS // 2, target, noise)
    gappy = np.where(np.arange(HOURS) < HOURS // 2 + 10, whole, np.nan)
    x, y = np.vstack([whole, gappy]), target[None, :]
    result = methods.correlate_pearson(x, y)
    assert result.strength[1, 0] > result.strength[0, 0] + 0.2
    same = correlate_over_same_hours(x, y, result)
    np.testing.assert_allclose(same[0, 0], same[1, 0])


def test_rows_with_the_fewest_hours_are_left_out_until_the_others_have_enough():
    is_known = np.ones((3, 100), dtype=bool)
    is_known[1, 90:] = False
    is_known[2, :60] = False
    rows, common = choose_common_hours(is_known, np.ones(3, dtype=bool))
    assert rows.tolist() == [0, 1]
    assert common.sum() == 90
    rows, common = choose_common_hours(is_known, np.array([False, False, True]))
    assert (rows.tolist(), int(common.sum())) == ([2], 40)


def test_without_rankable_rows_there_are_no_common_hours():
    rows, common = choose_common_hours(np.ones((2, 50), dtype=bool), np.zeros(2, dtype=bool))
    assert (len(rows), int(common.sum())) == (0, 0)


def test_rank_correlations_are_ranked_again_over_the_same_hours():
    target = np.linspace(0.1, 3.0, HOURS)
    x = np.exp(target)[None, :]
    result = methods.correlate_spearman(x, target[None, :])
    assert correlate_over_same_hours(x, target[None, :], result, by_rank=True)[0, 0] == 1.0
