"""The ratio of monitor to model: medians by state, persistence of deviations, errors of the past."""

import numpy as np
import pytest

from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule, fit_ratio_history, median_of_state

RULE = FusionRule(ratio_h=72, prior_h=3, persistence_h=24, persistent_share=0.7, neighbour_h=12, least_interval_h=72)


def history(measured, modelled, state=None):
    count = len(measured)
    return fit_ratio_history(
        np.asarray(measured, dtype=float),
        np.asarray(modelled, dtype=float),
        np.zeros(count, dtype=np.int64) if state is None else np.asarray(state),
        np.asarray(modelled) > 0,
        RULE,
    )


def test_each_value_gets_the_median_of_its_state():
    medians = median_of_state(np.array([1.0, 2.0, 9.0, 5.0]), np.array([0, 0, 0, 1]))
    assert medians.tolist() == [2, 2, 2, 5]


def test_hours_without_measurement_or_without_modelled_emission_have_no_ratio():
    result = history([200.0, np.nan, 0.0, 200.0], [100.0, 100.0, 100.0, 0.0])
    assert result.position.tolist() == [0]
    assert result.log_ratio.tolist() == pytest.approx([np.log(2)])


def test_a_short_series_has_the_persistence_of_the_rule():
    result = history([100.0, 200.0, 100.0], [100.0] * 3)
    assert (result.persistence_h, result.persistent_share) == (24, 0.7)


def test_a_deviation_that_fades_in_a_day_has_such_a_persistence():
    """An autoregressive log ratio with a factor of exp(-1/24) an hour."""
    random = np.random.default_rng(2)
    log_ratio = np.zeros(20_000)
    for hour in range(1, len(log_ratio)):
        log_ratio[hour] = np.exp(-1 / 24) * log_ratio[hour - 1] + random.normal(0, 0.05)
    result = history(100 * np.exp(log_ratio), np.full(len(log_ratio), 100.0))
    assert result.persistence_h == pytest.approx(24, rel=0.2)
    assert result.persistent_share > 0.9


def test_past_errors_compare_with_ratios_at_least_a_day_earlier():
    """A ratio of 1 for 30 hours, then of 2: the median a day earlier is still 1 in the last ten hours."""
    result = history([100.0] * 30 + [200.0] * 10, [100.0] * 40)
    assert len(result.errors) == 40 - 24
    assert np.exp(result.errors).tolist() == pytest.approx([1.0] * 6 + [2.0] * 10)
