"""Boosting that is refitted as truth arrives."""

import numpy as np
import pytest

from bigdata_emis.validate.online.boosting_expert import BoostingExpert

INPUTS = np.repeat([[0.0], [1.0]], 50, axis=0)
HOURS = np.arange(100.0)


def test_before_anything_is_learned_there_is_no_estimate():
    mean, sd = BoostingExpert("boosting").predict(INPUTS, HOURS)
    assert np.isnan(mean).all()
    assert np.isnan(sd).all()


def test_a_step_of_the_truth_is_learned_and_no_standard_deviation_is_reported():
    expert = BoostingExpert("boosting")
    expert.learn(INPUTS, np.repeat([10.0, 20.0], 50), HOURS)
    mean, sd = expert.predict(np.array([[0.0], [1.0]]), HOURS[:2])
    assert mean == pytest.approx([10, 20], abs=0.01)
    assert np.isnan(sd).all()


def test_new_truth_changes_the_estimate_only_when_there_is_enough_for_a_refit():
    expert = BoostingExpert("boosting", refit_rows=60)
    expert.learn(INPUTS, np.full(100, 10.0), HOURS)
    expert.learn(INPUTS[:50], np.full(50, 40.0), HOURS[:50])
    assert expert.predict(INPUTS[:1], HOURS[:1])[0] == pytest.approx(10)
    expert.learn(INPUTS[:10], np.full(10, 40.0), HOURS[:10])
    assert expert.predict(INPUTS[:1], HOURS[:1])[0] > 20
