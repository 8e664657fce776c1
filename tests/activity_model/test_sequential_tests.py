"""Sequential tests of a promised error rate: the betting capital, the sign test and daily means."""

import numpy as np
import pytest

from bigdata_emis.activity_model.sequential_tests import betting_capital, daily_means, sign_test_p_value


def test_a_bet_grows_by_the_excess_of_each_day_over_the_promise():
    # One day that misses completely at a promise of 0.1: stakes of 0.5, 1, 2 and 4 each win 0.9 times themselves.
    assert betting_capital(np.array([1.0]), 0.1) == pytest.approx(1 + 0.9 * (0.5 + 1 + 2 + 4) / 4)


def test_the_capital_is_the_largest_ever_reached():
    assert betting_capital(np.array([1.0, 0.0, 0.0]), 0.1) == betting_capital(np.array([1.0]), 0.1)


def test_a_kept_promise_wins_nothing_and_no_days_are_no_evidence():
    assert betting_capital(np.full(100, 0.1), 0.1) == 1.0
    assert betting_capital(np.empty(0), 0.1) == 1.0


def test_a_bet_against_a_true_promise_wins_in_at_most_one_of_twenty_cases():
    random = np.random.default_rng(1)
    won = [betting_capital((random.random(28) < 0.1).astype(float), 0.1) >= 20 for _ in range(2000)]
    assert np.mean(won) <= 0.05


@pytest.mark.parametrize(("wins", "days", "chance"), [(0, 0, 1.0), (0, 3, 1.0), (3, 3, 0.125), (6, 7, 8 / 128)])
def test_the_chance_of_so_many_won_days_between_equal_models(wins, days, chance):
    assert sign_test_p_value(wins, days) == chance


def test_each_day_counts_once_however_many_hours_it_has():
    assert daily_means(np.array([1.0, 3.0, 10.0]), np.array([0, 5, 24])).tolist() == [2.0, 10.0]


def test_no_hours_have_no_days():
    assert daily_means(np.empty(0), np.empty(0, dtype=np.int64)).tolist() == []
