"""From a median to the mean that a sum needs."""

import math

import numpy as np
import pytest

from bigdata_emis.statistics.retransformation import calibrate_expected, expect_from_other_groups, ratio_to_total


def test_the_ratio_is_measured_over_estimated_total_of_complete_pairs():
    assert ratio_to_total(np.array([1.0, 3.0, np.nan]), np.array([2.0, 6.0, 50.0])) == 2.0


def test_without_estimates_there_is_no_ratio():
    assert math.isnan(ratio_to_total(np.array([0.0]), np.array([1.0])))


def test_the_mean_of_a_log_normal_quantity_is_found_from_its_median():
    """Median 1, mean exp(sigma² / 2): with sigma 1 the sum of medians is 39 % low, the expected sum is not."""
    measured = np.exp(np.random.default_rng(4).normal(0.0, 1.0, 40_000))
    typical = np.ones(40_000)
    expected = expect_from_other_groups(typical, measured, np.arange(40_000) % 8)
    assert typical.sum() / measured.sum() - 1 == pytest.approx(math.exp(-0.5) - 1, abs=0.02)
    assert expected.sum() / measured.sum() - 1 == pytest.approx(0.0, abs=1e-3)


def test_a_calibration_of_few_members_is_shrunk_to_one():
    """Two members of size 2, measured 6 against 4, with two members that fit: (6 + 4) / (4 + 4)."""
    expected, measured = np.array([2.0, 2.0, np.nan]), np.array([2.0, 4.0, 9.0])
    assert calibrate_expected(expected, measured, prior_members=2.0) == 1.25
    assert calibrate_expected(expected, measured, prior_members=0.0) == 1.5
    assert calibrate_expected(np.zeros(2), np.ones(2), prior_members=5.0) == 1.0


def test_a_group_never_sees_its_own_measurement():
    typical, group = np.ones(4), np.array([0, 0, 1, 1])
    first = expect_from_other_groups(typical, np.array([1.0, 1.0, 3.0, 3.0]), group)
    second = expect_from_other_groups(typical, np.array([9.0, 9.0, 3.0, 3.0]), group)
    assert first.tolist() == [3.0, 3.0, 1.0, 1.0]
    assert second[:2].tolist() == [3.0, 3.0]


def test_members_of_the_only_group_have_no_expectation():
    assert np.isnan(expect_from_other_groups(np.ones(2), np.ones(2), np.zeros(2, np.int64))).all()
