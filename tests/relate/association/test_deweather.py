"""Deweathering recovers a trend that the weather hides."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bigdata_emis.relate.association.deweather import (
    add_trailing_means,
    clock_columns,
    fit_boosting,
    fit_forest,
    normalise_weather,
    remove_weather,
    wind_components,
)
from tests.relate.association.noise import autoregressive


def clock(hours):
    return clock_columns([datetime(2015, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(hours)])


def test_the_clock_of_an_hour_on_paper():
    """1 January 2015 was a Thursday, 16436 days after 1970."""
    assert clock(14)[13].tolist() == pytest.approx([16436 + 13 / 24, 1, 4, 13])


def test_a_trend_under_strong_wind_is_recovered():
    """Concentration falls by a third in one step while the wind changes it by far more."""
    hours = 24 * 60
    wind = autoregressive(7, 0.9, hours)
    trend = np.where(np.arange(hours) < hours // 2, 90.0, 60.0)
    measured = trend + 8 * wind + np.random.default_rng(8).standard_normal(hours)
    weather = np.column_stack([wind, autoregressive(9, 0.9, hours)])
    normal = remove_weather(measured, clock(hours), weather, trees=40, draws=30)
    assert np.corrcoef(normal, trend)[0, 1] > 0.9
    assert np.corrcoef(measured, trend)[0, 1] < 0.6
    assert normal[-240:].mean() < normal[:240].mean() - 20


def test_hours_without_measurement_stay_missing():
    measured = autoregressive(1, 0.5, 120)
    measured[10:20] = np.nan
    normal = remove_weather(measured, clock(120), autoregressive(2, 0.5, 120)[:, None], trees=5, draws=5)
    assert np.flatnonzero(np.isnan(normal)).tolist() == list(range(10, 20))


@pytest.mark.parametrize(("hours", "value"), [(120, 3.0), (49, None)], ids=["no variation", "fewer than 50 hours"])
def test_a_series_that_no_forest_can_explain_is_missing(hours, value):
    measured = autoregressive(1, 0.5, hours) if value is None else np.full(hours, value)
    weather = autoregressive(2, 0.5, hours)[:, None]
    assert np.isnan(remove_weather(measured, clock(hours), weather, trees=5, draws=5)).all()


def test_a_forest_is_fitted_on_the_hours_with_a_target_only():
    predictors = np.arange(100.0)[:, None]
    target = np.where(predictors[:, 0] < 50, 1.0, np.nan)
    assert fit_forest(predictors, target, trees=5).predict([[80.0]]).tolist() == [1.0]


def test_normal_weather_is_the_mean_over_the_pool():
    """A model that returns the weather itself: the mean of a pool of equal rows is that row."""

    class WeatherItself:
        def predict(self, rows):
            return rows[:, -1]

    assert normalise_weather(WeatherItself(), clock(3), np.full((10, 1), 4.0), draws=7).tolist() == [4.0, 4.0, 4.0]


def test_trailing_means_on_paper():
    means = add_trailing_means(np.array([[1.0], [3.0], [np.nan], [5.0]]), memory_h=(2, 10))
    assert means[:, 1].tolist() == [1.0, 2.0, 3.0, 5.0]
    assert means[:, 2].tolist() == [1.0, 2.0, 2.0, 3.0]


def test_wind_components_on_paper_and_missing_without_direction():
    parts = wind_components(["E", "N", None], np.array([2.0, 3.0, 1.0]))
    assert parts[:2].ravel().tolist() == pytest.approx([2.0, 0.0, 0.0, 3.0])
    assert np.isnan(parts[2]).all()


def test_boosted_trees_of_the_root_predict_the_mean_of_what_the_weather_does_not_explain():
    """Roots 1 and 3 in turn have the mean 2 and the variance 1: 5, the mean of 1 and 9. Below zero counts as zero."""
    target = np.tile([1.0, 9.0], 500)
    constant = np.zeros((1000, 1))
    assert fit_boosting(constant, target).predict(constant[:1]) == pytest.approx([5.0])
    assert fit_boosting(constant, np.full(1000, -4.0)).predict(constant[:1]) == pytest.approx([0.0])


def test_boosted_trees_leave_out_hours_without_a_target():
    wind = np.repeat([0.0, 1.0], 500)[:, None]
    target = np.where(wind[:, 0] > 0, 16.0, np.nan)
    assert fit_boosting(wind, target).predict(wind[:1]) == pytest.approx([16.0])
