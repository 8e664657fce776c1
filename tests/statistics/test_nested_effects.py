"""Nested effects: posterior computed on paper, weighted means, variances found in simulated classes, outliers."""

import numpy as np
import pytest

from bigdata_emis.statistics.nested_effects import condition_effects, fit_nested_effects

ONE_LEVEL = np.zeros(1, np.int64)


def conditioned(value, *, variance=0.0, own_share=1.0, own_variance=1.0, level_variance=1.0):
    values = np.array(value, float)
    return condition_effects(
        values,
        np.full(len(values), variance),
        np.ones((len(values), 1)),
        own_share=np.full(len(values), own_share),
        level=ONE_LEVEL,
        level_variance=np.array([level_variance]),
        own_variance=own_variance,
    )


def test_two_members_move_their_class_two_thirds_of_the_way():
    """Precision 1 + 1 + 1 (prior): the mean is (1 + 3) / 3 with variance 1 / 3; an unseen member varies by 1 more."""
    middle, spread = conditioned([1.0, 3.0]).predict_unseen(np.ones((1, 1)))
    assert middle[0] == pytest.approx(4 / 3)
    assert spread[0] == pytest.approx(4 / 3)


def test_a_mean_of_two_equal_members_counts_as_two():
    """A value of 2 with half the variance: precision 2 + 1, mean 4 / 3, as of members 1 and 3."""
    assert conditioned([2.0], own_share=0.5).mean[0] == pytest.approx(4 / 3)


def test_a_member_with_a_value_lies_between_it_and_its_class():
    """Variance 2 of a member (class 1, own 1), measured as 2 with variance 1: mean 2 × 2 / 3, variance 2 / 3."""
    effects = conditioned([2.0], variance=1.0)
    middle, spread = effects.predict_observed(np.ones((1, 1)), np.array([2.0]), np.array([1.0]))
    assert middle[0] == pytest.approx(4 / 3)
    assert spread[0] == pytest.approx(2 / 3)


def test_a_wrong_unit_moves_a_class_by_no_more_than_its_reach():
    """Nine members at 0 and one at 1000: it counts like one at about 3 own deviations, 3 / 11 of the class."""
    assert abs(conditioned([0.0] * 9 + [1000.0]).mean[0]) < 0.35


def test_variances_of_both_levels_are_found_again():
    """200 classes of five with variance 0.5 between and 0.2 within them; priors say 1 and 1."""
    random = np.random.default_rng(3)
    number = np.repeat(np.arange(200), 5)
    value = random.normal(0, 0.5**0.5, 200)[number] + random.normal(0, 0.2**0.5, 1000)
    effects = fit_nested_effects(
        value,
        np.zeros(1000),
        np.eye(200)[number],
        own_share=np.ones(1000),
        level=np.zeros(200, np.int64),
        prior_variance=np.array([1.0]),
        prior_own_variance=1.0,
    )
    assert effects.level_variance[0] == pytest.approx(0.5, rel=0.2)
    assert effects.own_variance == pytest.approx(0.2, rel=0.1)


def test_without_values_for_a_level_its_variance_stays_that_of_the_prior_nearly():
    """One class with one value of 0: its square says little against five prior degrees of freedom."""
    effects = fit_nested_effects(
        np.array([0.0]),
        np.array([1.0]),
        np.ones((1, 1)),
        own_share=np.ones(1),
        level=ONE_LEVEL,
        prior_variance=np.array([0.4]),
        prior_own_variance=0.3,
    )
    assert effects.level_variance[0] == pytest.approx(0.4, rel=0.15)
    assert effects.own_variance == pytest.approx(0.3, rel=0.15)
