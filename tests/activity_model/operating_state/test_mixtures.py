"""Normal mixtures of histograms by expectation–maximisation."""

import numpy as np
import pytest

from bigdata_emis.activity_model.operating_state.mixtures import MIN_SPREAD, expectation_maximisation


def histogram(*samples):
    """Centres and shares of 100 cells, one row a sample."""
    rows = [np.histogram(sample, 100) for sample in samples]
    count = np.array([counts for counts, _ in rows], dtype=float)
    centre = np.array([(edges[:-1] + edges[1:]) / 2 for _, edges in rows])
    return centre, count / count.sum(axis=1, keepdims=True)


def two_peaks(seed=1):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(1.0, 0.1, 3000), rng.normal(3.0, 0.2, 1000)])


def test_two_separate_peaks_have_their_means_spreads_and_weights():
    (levels,), _ = expectation_maximisation(*histogram(two_peaks()), np.array([2]))
    assert levels.mean == pytest.approx([1.0, 3.0], abs=0.02)
    assert levels.spread == pytest.approx([0.1, 0.2], rel=0.15)
    assert levels.weight == pytest.approx([0.75, 0.25], abs=0.02)


def test_the_right_number_of_levels_has_the_larger_likelihood():
    centre, share = histogram(two_peaks(), two_peaks())
    _, likelihood = expectation_maximisation(centre, share, np.array([1, 2]))
    assert likelihood[1] > likelihood[0]


def test_histograms_fitted_together_are_fitted_as_each_alone():
    centre, share = histogram(two_peaks(1), two_peaks(2))
    together, _ = expectation_maximisation(centre, share, np.array([2, 2]))
    alone, _ = expectation_maximisation(centre[1:], share[1:], np.array([2]))
    assert together[1].mean == pytest.approx(alone[0].mean, rel=1e-9)


def test_no_spread_is_narrower_than_meters_resolve():
    (levels,), _ = expectation_maximisation(*histogram(np.array([1.0] * 99 + [2.0])), np.array([2]))
    assert (levels.spread >= MIN_SPREAD).all()
