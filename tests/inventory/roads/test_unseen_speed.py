"""Distances on the network, filled gaps and moving means."""

import numpy as np
import pytest

from bigdata_emis.inventory.roads.unseen_speed import FAR, RoadNetwork, estimate_unseen_speed, fill_gaps, moving_mean


def build_network(count):
    number = np.arange(count)
    gap = np.abs(number[:, None] - number)
    return RoadNetwork(number * 1.0, np.zeros(count), np.where(gap <= 1, np.exp(-(gap**2.0)), 0.0))


def test_the_network_distance_adds_up_along_the_road():
    distance = build_network(4).network_distance
    assert distance[0, 1] == pytest.approx(1, abs=0.01)
    assert distance[0, 3] == pytest.approx(3, abs=0.01)


def test_links_that_no_path_joins_are_far():
    assert RoadNetwork(np.array([0.0, 1.0]), np.zeros(2), np.eye(2)).network_distance[0, 1] == FAR


def test_gaps_are_interpolated_and_a_link_without_readings_stays_unknown():
    filled = fill_gaps(np.array([[10.0, np.nan, 30.0, np.nan], [np.nan] * 4]))
    assert filled[0].tolist() == [10, 20, 30, 30]
    assert np.isnan(filled[1]).all()


def test_a_moving_mean_repeats_the_ends():
    assert moving_mean(np.array([[0.0, 3.0, 6.0]]), 1).tolist() == [[1.0, 3.0, 5.0]]


def test_equal_speeds_everywhere_are_the_speed_of_a_link_never_seen():
    speed = np.full((20, 576), 40.0)
    speed[7] = np.nan
    clock = np.arange(576) % 288 / 12
    estimate = estimate_unseen_speed(build_network(20), speed, clock, np.zeros(576), np.array([7]))
    np.testing.assert_allclose(estimate.value, 40.0)
