"""Traffic ratios: values on paper, and a profile-weighted mean that is the level of the day."""

import numpy as np
import pytest

from bigdata_emis.equations import area_traffic as equations


def test_vehicle_km_are_flow_times_length_times_time():
    assert equations.vehicle_km(300.0, 2.0) == 600.0
    assert equations.vehicle_km(300.0, 2.0, 0.25) == 150.0


def test_the_level_is_the_day_against_the_days_before():
    assert equations.traffic_level_ratio(800.0, 1000.0) == 0.8


def test_an_hour_with_twice_the_share_of_its_profile_emits_twice_as_much():
    assert equations.traffic_ratio(0.1, 0.05, 1.0) == pytest.approx(2.0)
    assert equations.traffic_ratio(0.1, 0.05, 0.8) == pytest.approx(1.6)


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_weighted_by_the_profile_is_the_level(seed):
    random = np.random.default_rng(seed)
    traffic, profile = (shares / shares.sum() for shares in random.uniform(0.1, 2.0, (2, 24)))
    assert (profile * equations.traffic_ratio(traffic, profile, 0.7)).sum() == pytest.approx(0.7)


def test_a_counted_link_would_have_more_vehicles_without_a_restriction():
    assert equations.unrestricted_vehicle_km(600.0, 0.6) == pytest.approx(1000.0)
    assert equations.unrestricted_vehicle_km(600.0, 1.0) == 600.0
