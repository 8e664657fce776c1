"""Hidden states: what is observed decides, states last, and a persistent error is not taken for a state."""

import numpy as np
import pytest

from bigdata_emis.statistics.hidden_states import (
    NORMAL_GRID,
    normal_grid_weights,
    persistent_error_steps,
    state_probability,
    sticky_steps,
)

PRIOR = np.array([[0.8, 0.2]])
STEPS = persistent_error_steps(0.9)


def likelihood(of_states):
    """Log likelihood by hour and state, the same for every persistent error."""
    table = np.log(np.array(of_states, dtype=float))
    return np.repeat(table[None, :, :, None], len(NORMAL_GRID), axis=3)


def test_the_steps_of_the_error_are_probabilities_and_stay_near():
    assert STEPS.sum(axis=1) == pytest.approx(np.ones(len(NORMAL_GRID)))
    assert (np.diag(STEPS) > 0.5).all()
    assert normal_grid_weights().sum() == pytest.approx(1)


def test_the_steps_of_states_are_probabilities_that_favour_staying():
    steps = sticky_steps(PRIOR, 0.9)
    assert steps.sum(axis=2) == pytest.approx(np.ones((1, 2)))
    assert steps[0, 1, 1] == pytest.approx(0.92)


def test_without_observations_the_prior_remains():
    probability = state_probability(likelihood([[1, 1]] * 4), PRIOR, 0.9, STEPS)
    assert probability[0] == pytest.approx(np.repeat(PRIOR, 4, axis=0))


def test_one_hour_by_hand_is_the_rule_of_bayes():
    probability = state_probability(likelihood([[0.1, 0.4]]), PRIOR, 0.9, STEPS)
    assert probability[0, 0, 1] == pytest.approx(0.2 * 0.4 / (0.8 * 0.1 + 0.2 * 0.4))


def test_neighbouring_hours_support_each_other():
    weak = [[0.4, 0.6]]
    alone = state_probability(likelihood(weak), PRIOR, 0.95, STEPS)[0, 0, 1]
    among = state_probability(likelihood(weak * 9), PRIOR, 0.95, STEPS)[0, 4, 1]
    assert among > alone


def test_a_shift_that_the_error_explains_is_no_other_state():
    """State 1 lies at the shift of one standard deviation: with such an error it is less sure."""
    observed = 1.0
    at_state = np.array([0.0, 1.0])
    with_error = -0.5 * ((observed - at_state[:, None] - NORMAL_GRID[None, :]) / 0.3) ** 2
    without = -0.5 * ((observed - at_state[:, None] - 0 * NORMAL_GRID[None, :]) / 0.3) ** 2
    sure, unsure = (
        state_probability(np.repeat(table[None, None], 6, axis=1), PRIOR, 0.95, STEPS)[0, 3, 1]
        for table in (without, with_error)
    )
    assert unsure < 0.7 < sure
