"""Candidate covariance functions of the gas turbine."""

import numpy as np
import pytest

from bigdata_emis.validate.gas_turbine.kernels import LOAD_LENGTHS, candidate_kernels

INPUTS = np.zeros((1, 5))
ZERO_H = np.zeros(1)


def covariance(kernel, *, load: float = 0.0, after_h: float = 0.0) -> float:
    other = INPUTS.copy()
    other[0, 0] = load
    return float(kernel.covariance(INPUTS, ZERO_H, other, ZERO_H + after_h)[0, 0])


def test_candidates_differ_in_the_length_of_load_or_in_decay():
    kernels = candidate_kernels()
    assert len({kernel.name for kernel in kernels}) == len(kernels) == len(LOAD_LENGTHS) + 1


def test_the_variance_of_an_hour_is_the_sum_of_its_terms_and_noise():
    for kernel in candidate_kernels():
        assert covariance(kernel) + kernel.noise_share == pytest.approx(kernel.variance_share) == pytest.approx(1.427)


def test_covariance_falls_with_distance_in_load_and_in_time():
    sharp, *_, smooth, fast = candidate_kernels()
    assert covariance(sharp, load=0.3) < covariance(smooth, load=0.3) < covariance(smooth)
    assert covariance(fast, after_h=2000) < covariance(sharp, after_h=2000) < covariance(sharp)
