"""Trend of a level between equal months of successive years."""

import numpy as np
import pytest

from bigdata_emis.relate.association.level_trend import LevelTrend, estimate_level_trend


def years_of(levels_by_year):
    """300 equal hours in each of twelve months of each year."""
    levels = np.asarray(levels_by_year, float)
    year = np.repeat(2013 + np.arange(len(levels)), 12 * 300)
    month = np.tile(np.repeat(np.arange(1, 13), 300), len(levels))
    return np.repeat(levels, 12 * 300), year, month


def test_a_level_that_halves_each_year_has_a_slope_of_minus_ln_2():
    trend = estimate_level_trend(*years_of([8.0, 4.0, 2.0]))
    assert trend.slope_per_year == pytest.approx(-np.log(2))
    assert trend.standard_error == pytest.approx(0.0, abs=1e-12)
    assert trend.factor(np.array([2.0]))[0] == pytest.approx(0.25)


def test_a_slope_within_its_error_is_none():
    """Six months rise by 10 % and six fall by as much: the mean is hardly anything, its error 0.03."""
    value, year, month = years_of([1.0, 1.0])
    value = np.where(year == 2014, np.where(month <= 6, 1.1, 0.9), value)
    trend = estimate_level_trend(value, year, month)
    assert trend.slope_per_year == 0.0
    assert trend.standard_error == pytest.approx(0.0302, abs=1e-3)
    assert trend.margin(np.array([-1.0, 2.0])).tolist() == pytest.approx([0.0, 2 * trend.standard_error])


def test_one_year_has_no_trend():
    assert estimate_level_trend(*years_of([5.0])) == LevelTrend(0.0, 0.0)
