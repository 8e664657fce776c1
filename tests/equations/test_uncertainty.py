"""Uncertainty of one estimate: products, and bounds of a lognormal."""

import math

import numpy as np
import pytest

from bigdata_emis.equations import uncertainty


def test_errors_of_a_product_add_in_quadrature():
    assert uncertainty.relative_sd_share(0.3, 0.4) == pytest.approx(0.5)


def test_lognormal_bounds_enclose_ninety_per_cent_of_draws_with_that_mean():
    low, high = uncertainty.emission_g_p05(100.0, 0.5), uncertainty.emission_g_p95(100.0, 0.5)
    spread = math.sqrt(math.log(1.25))
    draws = np.random.default_rng(1).lognormal(math.log(100) - spread**2 / 2, spread, 200_000)
    assert draws.mean() == pytest.approx(100, rel=0.01)
    assert [(draws < low).mean(), (draws > high).mean()] == pytest.approx([0.05, 0.05], abs=0.002)


def test_activity_and_emission_have_the_same_relative_bounds():
    assert uncertainty.activity_p05(7.0, 0.5) == uncertainty.emission_g_p05(7.0, 0.5)
    assert uncertainty.activity_p95(7.0, 0.5) == uncertainty.emission_g_p95(7.0, 0.5)


def test_no_error_gives_no_width():
    assert uncertainty.activity_p05(7.0, 0.0) == uncertainty.activity_p95(7.0, 0.0) == 7.0
