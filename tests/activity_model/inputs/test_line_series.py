"""The hours of one line: starts, stops, gaps."""

import numpy as np

from bigdata_emis.activity_model.inputs.line_series import AHEAD_H, BACK_H, line_series


def series(energy_kwh, first_hour=0, hours=None):
    numbers = np.arange(first_hour, first_hour + len(energy_kwh)) if hours is None else np.array(hours)
    return line_series(numbers, np.zeros(len(energy_kwh), dtype=np.int64), np.array(energy_kwh, dtype=float))


def test_hours_since_a_start_count_from_one_and_are_unknown_before_it():
    assert series([5, 0, 0, 7, 7, 7]).hours_since_start.tolist() == [BACK_H, BACK_H, BACK_H, 1, 2, 3]


def test_the_first_hour_after_a_stop_knows_how_long_the_line_was_off():
    assert series([5, 0, 0, 7, 7, 7]).hours_off_before.tolist() == [0, 0, 0, 2, 0, 0]


def test_a_stop_is_seen_from_the_last_running_hour_and_the_ones_before():
    assert series([5, 5, 0, 0]).hours_to_stop.tolist() == [2, 1, AHEAD_H, AHEAD_H]


def test_only_the_two_hours_before_a_start_are_starting():
    assert series([0, 0, 0, 7]).is_starting.tolist() == [False, True, True, False]


def test_neighbours_beyond_a_gap_are_the_hour_itself():
    gapped = series([5, 6, 9], hours=[0, 1, 3])
    assert gapped.previous_kwh.tolist() == [5, 5, 9]
    assert gapped.next_kwh.tolist() == [6, 6, 9]


def test_a_start_before_a_gap_is_forgotten_after_it():
    assert series([0, 5, 5, 5], hours=[0, 1, 2, 4]).hours_since_start.tolist() == [BACK_H, 1, 2, BACK_H]


def test_a_line_without_hours_has_an_empty_series():
    assert len(series([]).hours_since_start) == 0


def test_further_neighbours_are_the_second_and_third_hour_and_the_nearest_known_beyond_the_end():
    hours = series([1, 2, 3, 4])
    assert hours.earlier_kwh.tolist() == [[1, 1], [1, 1], [1, 1], [2, 1]]
    assert hours.later_kwh.tolist() == [[3, 4], [4, 4], [4, 4], [4, 4]]


def test_what_is_measured_beside_the_energy_goes_with_the_chosen_hours():
    hours = line_series(
        np.arange(3),
        np.zeros(3, dtype=np.int64),
        np.ones(3),
        covariates={"air_temperature_degc": np.array([1.0, 2, 3])},
    )
    assert hours.where(np.array([True, False, True])).covariates["air_temperature_degc"].tolist() == [1, 3]
