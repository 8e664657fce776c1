"""A Gaussian process that is extended as truth arrives."""

import numpy as np
import pytest

from bigdata_emis.validate.online.gaussian_process import GaussianProcessExpert, Kernel, KernelTerm

FADING = Kernel("fading", (KernelTerm(1.0, None, 10.0),), noise_share=1.0)
SHARP = Kernel("sharp", (KernelTerm(1.0, (0.5,), 500.0), KernelTerm(0.2, None, 50.0)), noise_share=0.01)
HALF_H = 10 * np.log(2)


def column(*values):
    return np.array(values, dtype=float)[:, None]


def test_two_hours_by_hand():
    process = GaussianProcessExpert(FADING)
    process.learn(column(7, 7), np.array([0.0, 2.0]), np.array([0.0, HALF_H]))
    # The covariance is [[2, 1/2], [1/2, 2]]; the weights of -1 and 1 are -2/3 and 2/3.
    mean, spread = process.predict(column(7), np.array([HALF_H]))
    assert mean == pytest.approx(1 - 2 / 3 * 0.5 + 2 / 3)
    assert spread**2 == pytest.approx(2 - np.array([0.5, 1]) @ np.linalg.solve([[2, 0.5], [0.5, 2]], [0.5, 1]))


def test_far_from_all_learned_hours_the_estimate_is_the_mean_with_the_prior_variance():
    process = GaussianProcessExpert(FADING)
    process.learn(column(7, 7), np.array([0.0, 2.0]), np.array([0.0, HALF_H]))
    mean, spread = process.predict(column(7), np.array([1e6]))
    assert (mean[0], spread[0]) == pytest.approx((1.0, np.sqrt(2.0)))


def test_learning_day_by_day_equals_learning_at_once():
    rng = np.random.default_rng(8)
    inputs, hour = rng.normal(size=(60, 1)), np.arange(60.0)
    target = np.sin(inputs[:, 0]) + hour / 60
    daily, once = GaussianProcessExpert(SHARP), GaussianProcessExpert(SHARP)
    for process, ends in ((daily, (20, 30, 37, 60)), (once, (20, 60))):
        for first, last in zip((0, *ends), ends, strict=False):
            process.learn(inputs[first:last], target[first:last], hour[first:last])
    asked = np.linspace(-2, 2, 5)[:, None], np.full(5, 84.0)
    np.testing.assert_allclose(daily.predict(*asked), once.predict(*asked), rtol=1e-9)


def test_when_the_store_is_full_the_oldest_hours_are_dropped():
    process = GaussianProcessExpert(
        Kernel("still", (KernelTerm(1.0, (0.1,), None),), noise_share=0.01), least_rows=3, most_rows=5
    )
    process.learn(column(9, 1, 2), np.array([100.0, 1, 2]), np.arange(3.0))
    assert process.predict(column(9), np.array([3.0]))[0] > 90
    process.learn(column(1, 2, 1), np.array([1.0, 2, 1]), np.arange(3.0, 6))
    assert process.predict(column(9), np.array([6.0]))[0] == pytest.approx(4 / 3)


def test_an_hour_with_an_unknown_input_is_not_learned_and_has_no_estimate():
    process = GaussianProcessExpert(SHARP)
    process.learn(column(np.nan), np.array([5.0]), np.array([0.0]))
    assert np.isnan(process.predict(column(1), np.array([1.0]))).all()
    process.learn(column(1, 2, np.nan), np.array([5.0, 6.0, 7e9]), np.arange(3.0))
    mean, _ = process.predict(column(1, np.nan), np.array([3.0, 3.0]))
    assert mean[0] == pytest.approx(5.0, abs=0.3)
    assert np.isnan(mean[1])
