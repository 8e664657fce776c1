"""Totals by fuel: the sum of medians is low, the expected sum is not."""

import numpy as np
import pytest

from bigdata_emis.validate.avert.plants import MODEL_NAMES, FactorEstimate, LeftOut
from bigdata_emis.validate.avert.totals import total_left_out


def left_out(emission_g: list[float], typical_g_per_kwh: float, fold: list[int]) -> LeftOut:
    count = len(emission_g)
    middle = np.full(count, np.log(typical_g_per_kwh))
    estimates = {name: FactorEstimate(middle, middle, middle) for name in MODEL_NAMES}
    emission, numbers, ones = np.array(emission_g), np.arange(count), np.ones(count)
    measured = np.log(emission)
    return LeftOut(
        "Coal",
        "SO2",
        "per_kwh",
        numbers,
        numbers,
        ones,
        emission,
        measured,
        estimates,
        estimates,
        [],
        ones,
        np.array(fold),
    )


def test_a_dirty_plant_makes_the_sum_of_medians_low_and_the_expected_sum_learns_it_from_others():
    """Per fold a plant of 1 g and one of 9 g, typical 2 g: 8 of 20 g as medians, 20 of 20 g as expected."""
    total = total_left_out(left_out([1.0, 9.0, 1.0, 9.0], 2.0, [0, 0, 1, 1]))
    assert total["measured_t"] == pytest.approx(20e-6)
    assert total["typical_bias_share"] == pytest.approx(8 / 20 - 1)
    assert total["estimated_t"] == pytest.approx(20e-6)
    assert total["bias_share"] == pytest.approx(0.0)


def test_a_single_dirty_plant_is_not_known_to_its_own_estimate():
    total = total_left_out(left_out([1.0, 1.0, 1.0, 21.0], 1.0, [0, 1, 2, 3]))
    assert total["bias_share"] == pytest.approx((3 * 23 / 3 + 1) / 24 - 1)


def test_the_spread_of_a_bias_is_that_of_the_errors_of_the_groups():
    """Groups measure 1, 1, 1, 21 g and expect 23/3, 23/3, 23/3, 1 g: errors of 20/3 three times, and −20."""
    total = total_left_out(left_out([1.0, 1.0, 1.0, 21.0], 1.0, [0, 1, 2, 3]))
    errors = np.array([20 / 3, 20 / 3, 20 / 3, -20.0])
    assert total["bias_sd_share"] == pytest.approx(np.sqrt(4 * errors.var(ddof=1)) / 24)
    even = total_left_out(left_out([1.0, 9.0, 1.0, 9.0], 2.0, [0, 0, 1, 1]))
    assert even["bias_sd_share"] == pytest.approx(0.0, abs=1e-12)
