"""The hours of one line: starts, stops, gaps, neighbours and covariates."""

from dataclasses import fields

import numpy as np

from bigdata_emis.activity_model.inputs.line_series import AHEAD_H, BACK_H, build_line_series, hide_later_hours


def series(energy_kwh, hours=None):
    numbers = np.arange(len(energy_kwh)) if hours is None else np.array(hours)
    return build_line_series(numbers, np.zeros(len(energy_kwh), dtype=np.int64), np.array(energy_kwh, dtype=float))


def test_hours_since_a_start_count_from_one_and_are_unknown_before_it():
    assert series([5, 0, 0, 7, 7, 7]).hours_since_start.tolist() == [BACK_H, BACK_H, BACK_H, 1, 2, 3]


def test_the_first_hour_after_a_stop_knows_how_long_the_line_was_off():
    assert series([5, 0, 0, 7, 7, 7]).hours_off_before.tolist() == [0, 0, 0, 2, 0, 0]


def test_the_last_running_hour_and_those_before_it_know_the_coming_stop():
    assert series([5, 5, 0, 0]).hours_to_stop.tolist() == [2, 1, AHEAD_H, AHEAD_H]


def test_only_the_two_hours_before_a_start_are_starting():
    assert series([0, 0, 0, 7]).is_starting.tolist() == [False, True, True, False]


def test_neighbours_beyond_a_gap_are_the_hour_itself():
    gapped = series([5, 6, 9], hours=[0, 1, 3])
    assert gapped.previous_kwh.tolist() == [5, 5, 9]
    assert gapped.next_kwh.tolist() == [6, 6, 9]


def test_a_start_before_a_gap_is_unknown_after_it():
    assert series([0, 5, 5, 5], hours=[0, 1, 2, 4]).hours_since_start.tolist() == [BACK_H, 1, 2, BACK_H]


def test_a_line_without_hours_has_an_empty_series():
    assert len(series([]).hours_since_start) == 0


def test_further_neighbours_are_the_second_and_third_hour_and_the_nearest_known_one_beyond_the_end():
    hours = series([1, 2, 3, 4])
    assert hours.earlier_kwh.tolist() == [[1, 1], [1, 1], [1, 1], [2, 1]]
    assert hours.later_kwh.tolist() == [[3, 4], [4, 4], [4, 4], [4, 4]]


def test_selected_hours_keep_their_neighbours_and_covariates():
    hours = build_line_series(
        np.arange(3),
        np.zeros(3, dtype=np.int64),
        np.array([1.0, 2.0, 3.0]),
        covariates={"air_temperature_degc": np.array([1.0, 2, 3])},
    )
    selected = hours.where(np.array([True, False, True]))
    assert selected.covariates["air_temperature_degc"].tolist() == [1, 3]
    assert selected.next_kwh.tolist() == [2, 3]


def test_without_later_hours_each_hour_is_as_when_it_was_the_latest_one():
    energy_kwh = np.array([0, 0, 50, 80, 100, 90, 0, 0, 60, 100], dtype=float)
    masked = hide_later_hours(series(energy_kwh))
    for hour in range(10):
        latest = series(energy_kwh[: hour + 1])
        for name in (f.name for f in fields(masked) if f.name != "covariates"):
            assert np.array_equal(getattr(masked, name)[hour], getattr(latest, name)[-1]), (hour, name)
