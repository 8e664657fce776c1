"""Blend of experts by their known errors."""

import numpy as np
import pytest

from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, blend_estimates, remove_known_bias

HOURS = np.arange(48)


def test_weights_follow_known_errors():
    estimates, truth = [np.full(48, 1.0), np.full(48, 2.0)], np.zeros(48)
    blend = blend_estimates(
        estimates, truth, hour_number=HOURS, schedule=Schedule(0, late_h=24), rule=BlendRule(sharpness=1.0)
    )
    assert (blend[0], blend[24]) == pytest.approx((1.5, 0.8 * 1 + 0.2 * 2))


def test_an_expert_without_estimate_of_an_hour_has_no_weight_in_it():
    blend = blend_estimates(
        [np.full(3, np.nan), np.array([2.0, 2, np.nan])],
        np.zeros(3),
        hour_number=HOURS[:3],
        schedule=Schedule(0, late_h=24),
        rule=BlendRule(),
    )
    assert blend.tolist() == pytest.approx([2, 2, np.nan], nan_ok=True)


def test_the_mean_of_known_errors_is_removed():
    blend = remove_known_bias(
        np.full(48, 3.0), np.full(48, 5.0), hour_number=HOURS, schedule=Schedule(0, late_h=24), rule=BlendRule()
    )
    assert (blend[0], blend[23], blend[24], blend[47]) == (3, 3, 5, 5)


def test_a_step_estimates_the_rows_of_a_period_from_the_rows_known_at_its_start():
    steps = list(Schedule(24, late_h=12).estimation_steps(np.arange(60)))
    assert steps == [(slice(24, 48), 13), (slice(48, 60), 37)]
