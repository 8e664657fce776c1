"""Drift of the level: from months of a line, shrunk to its class, and the margin that grows with age."""

import numpy as np
import pytest

from bigdata_emis.activity_model.level_drift import (
    CLASS_DRIFT_SHARE,
    HOURS_PER_YEAR,
    MONTH_H,
    drift_margin,
    fit_level_drift,
    moved_margin_share,
)


def months(levels, hours=100):
    """So many hours at the start of each month, the activity a factor above its prediction."""
    number = np.concatenate([np.arange(hours) + int(np.ceil(k * MONTH_H)) for k in range(len(levels))])
    return number, np.repeat(np.array(levels), hours) * 10.0, np.full(len(number), 10.0)


def test_without_two_months_a_line_drifts_as_its_class():
    assert fit_level_drift(*months([1.0])) == {"drift_share": pytest.approx(CLASS_DRIFT_SHARE), "latest_hour": 99}
    empty = np.empty(0)
    assert fit_level_drift(np.empty(0, np.int64), empty, empty)["latest_hour"] == 0


def test_a_steady_line_drifts_less_than_its_class():
    """Twelve months without change weigh as much as the class: half of its variance remains."""
    drift = fit_level_drift(*months([1.0] * 12))["drift_share"]
    assert drift == pytest.approx(CLASS_DRIFT_SHARE / 2**0.5)


def test_the_drift_of_two_months_on_paper():
    """A change of 10 % over four months is 0.0953² ÷ ⅓ a year; weights 12 and 2."""
    number, activity, predicted = months([1.0, 1.1])
    number[100:] = number[:100] + int(np.ceil(4 * MONTH_H))
    expected = ((12 * CLASS_DRIFT_SHARE**2 + 2 * np.log(1.1) ** 2 * 3) / 14) ** 0.5
    assert fit_level_drift(number, activity, predicted)["drift_share"] == pytest.approx(expected)


def test_a_fault_of_one_month_counts_no_more_than_the_largest_change():
    faulty = fit_level_drift(*months([1.0] * 11 + [50.0]))["drift_share"]
    assert faulty == fit_level_drift(*months([1.0] * 11 + [2.0]))["drift_share"]


def test_the_margin_grows_with_the_square_root_of_the_age():
    """At the latest hour √⅛, seven eighths of a year later √1, of 0.9 × 0.1 × 200."""
    later = np.array([1000, 1000 + int(0.875 * HOURS_PER_YEAR)])
    margin = drift_margin(np.array([200.0, 200.0]), later, {"drift_share": 0.1, "latest_hour": 1000})
    assert margin == pytest.approx([18 * 0.125**0.5, 18.0], rel=1e-3)
    before = drift_margin(np.array([200.0]), np.array([0]), {"drift_share": 0.1, "latest_hour": 1000})
    assert before[0] == pytest.approx(margin[0])


def test_a_renewed_level_is_as_old_as_the_truth_of_its_verdict():
    """A year after the training, truth of half a year ago: √(⅛ + ½) of 0.9 × 0.1 × 200."""
    hour = int(HOURS_PER_YEAR)
    drift = {"drift_share": 0.1, "latest_hour": 0, "renewed_hour": hour // 2}
    margin = drift_margin(np.array([200.0]), np.array([hour]), drift)
    assert margin[0] == pytest.approx(18 * 0.625**0.5, rel=1e-3)


def test_a_renewed_level_is_no_younger_than_a_quarter_of_a_year_and_no_older_than_its_training():
    hour = int(HOURS_PER_YEAR)
    for trained, age in ((0, 0.25), (hour - 100, 100 / HOURS_PER_YEAR)):
        drift = {"drift_share": 0.1, "latest_hour": trained, "renewed_hour": hour - 10}
        margin = drift_margin(np.array([200.0]), np.array([hour]), drift)
        assert margin[0] == pytest.approx(18 * (0.125 + age) ** 0.5, rel=1e-3)


def test_a_level_that_moved_has_the_margin_of_its_own_drift():
    """0.1 in four years is a drift of 0.05; it is no quicker than a quarter of a year."""
    assert moved_margin_share(0.1, 4.0) == pytest.approx(0.9 * 0.05 * 0.375**0.5)
    assert moved_margin_share(-0.1, 4.0) == moved_margin_share(0.1, 4.0)
    assert moved_margin_share(0.1, 0.01) == pytest.approx(0.9 * 0.2 * 0.375**0.5)
