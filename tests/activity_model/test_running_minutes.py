"""Edge hours of short runs: what hours alike in load leave unexplained."""

import numpy as np
import pytest

from bigdata_emis.activity_model.running_minutes import (
    MIN_EDGE_HOURS,
    describe_running_minutes,
    find_edge_hours,
    has_unknown_minutes,
    most_explainable_r2,
)
from tests.activity_model.builders import series


def runs(count, *loads):
    """So many runs of these loads, each followed by two idle hours, after a first idle hour."""
    return series([0.0, *([*loads, 0.0, 0.0] * count)])


def test_the_first_and_the_last_hour_of_a_run_are_at_its_edge():
    assert find_edge_hours(series([0.0, 5.0, 6.0, 7.0, 0.0, 8.0, 0.0])).tolist() == [
        False,
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    # Nobody knows what was before the first hour, or comes after the last.
    assert not find_edge_hours(series([5.0, 6.0])).any()


def test_hours_alike_in_load_bound_the_explainable_variance_on_paper():
    """40 runs of one hour at 40 kWh, activity 1 and 3 in turn: s² = 40 ÷ 39, so 1 − 40 × 40 ÷ 39 ÷ 40 < 0, that is 0.

    With 40 runs of three hours, 2 4 x: the last hour is 1 or 3, s² = 40 ÷ 39; total variance by hand.
    """
    single = runs(40, 40.0)
    assert most_explainable_r2(single, np.where(single.is_on, np.tile([3.0, 1.0], 61)[:121], 0.0)) == 0.0
    triple = runs(40, 20.0, 40.0, 20.0)
    last = np.tile([1.0, 3.0], 20)
    activity = np.zeros(len(triple.energy_kwh))
    activity[1::5], activity[2::5], activity[3::5] = 2.0, 4.0, last
    mean = (2 + 4 + 2) / 3
    total = 40 * ((2 - mean) ** 2 + (4 - mean) ** 2) + ((last - mean) ** 2).sum()
    assert most_explainable_r2(triple, activity) == pytest.approx(1 - 40 * (40 / 39) / total)


def test_edges_that_follow_from_the_load_are_explained():
    rng = np.random.default_rng(1)
    hours = runs(60, 20.0, 40.0, 30.0)
    energy = np.where(hours.is_on, hours.energy_kwh * rng.choice([1.0, 0.8], len(hours.energy_kwh)), 0.0)
    varied = series(energy)
    assert most_explainable_r2(varied, 3 * varied.energy_kwh) == pytest.approx(1.0)
    assert describe_running_minutes(varied, 3 * varied.energy_kwh) == {}


def test_few_edge_hours_or_no_variation_say_nothing():
    few = runs(MIN_EDGE_HOURS // 2 - 1, 40.0, 40.0)
    assert most_explainable_r2(few, few.energy_kwh * np.arange(len(few.energy_kwh))) is None
    many = runs(MIN_EDGE_HOURS, 40.0, 40.0)
    assert most_explainable_r2(many, many.energy_kwh) is None
    assert most_explainable_r2(series([0.0, 0.0]), np.zeros(2)) is None


def test_quarters_of_an_hour_at_one_load_make_the_minutes_unknown():
    """A peaker reports 40 MW for any part of an hour, and burns ¼, ½, ¾ or all of the fuel of an hour."""
    hours = runs(60, 40.0, 40.0)
    activity = np.where(hours.is_on, np.random.default_rng(2).choice([1.0, 2, 3, 4], len(hours.energy_kwh)), 0.0)
    entry = describe_running_minutes(hours, activity)
    assert entry["running_minutes"]["most_r2"] < 0.1
    assert has_unknown_minutes({"form": "affine", **entry})
    assert has_unknown_minutes({"form": "blend", "members": [{"form": "affine", **entry}, {"form": "affine"}]})
    assert not has_unknown_minutes({"form": "affine"})
