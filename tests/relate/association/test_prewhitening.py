"""Prewhitening removes rhythm and memory."""

import numpy as np
import pytest

from bigdata_emis.relate.association.correlations import autocorrelations
from bigdata_emis.relate.association.prewhitening import fit_autoregressions, prewhiten, remove_daily_rhythm
from tests.relate.association.noise import autoregressive


def test_an_autoregression_has_its_coefficient():
    coefficients, order = fit_autoregressions(autoregressive(3, 0.8, 2000)[None])
    assert order[0] >= 1
    assert coefficients[0, 0] == pytest.approx(0.8, abs=0.05)


def test_the_daily_rhythm_is_the_mean_of_each_hour_of_the_day():
    series = np.concatenate([np.arange(24.0), np.arange(24.0) + 2])[None]
    assert remove_daily_rhythm(series)[0].tolist() == pytest.approx([-1.0] * 24 + [1.0] * 24)


def test_a_whitened_series_has_no_memory_and_starts_after_its_order():
    series = autoregressive(5, 0.9, 480)[None]
    white = prewhiten(series)
    assert abs(autocorrelations(white, np.array([1]))[0, 0]) < 0.15
    assert autocorrelations(series, np.array([1]))[0, 0] > 0.8
    assert np.isnan(white[0, 0])


def test_a_whitened_flat_series_is_zero():
    white = prewhiten(np.full((1, 72), 5.0))
    assert np.nanmax(np.abs(white)) == 0
