"""The own profile, the links that move alike, and the ridge on them."""

import numpy as np
import pytest

from bigdata_emis.inventory.roads.silent_speed import (
    estimate_by_ridge,
    estimate_silent_speed,
    nearest_in_time,
    own_profile,
)

STEP = np.arange(3 * 288) % 288
WEEKEND = np.arange(3 * 288) < 288
PAST = np.arange(3 * 288) < 2 * 288


def test_the_profile_is_that_of_past_days_of_the_same_kind():
    speed = np.repeat([60.0, 40.0, 99.0], 288)
    profile = own_profile(speed, STEP, WEEKEND, PAST)
    assert profile[0] == 60
    assert profile[-1] == 40


def test_without_a_past_day_of_the_kind_all_past_days_count():
    speed = np.repeat([60.0, 40.0, 99.0], 288)
    profile = own_profile(speed, STEP, ~PAST, PAST)
    assert profile[-1] == 50


def build_speeds():
    wave = np.sin(np.arange(3 * 288) / 31)
    noise = np.random.default_rng(1).normal(0, 0.2, (20, 3 * 288))
    sign = np.where(np.arange(20) % 2, -1.0, 1.0)[:, None]
    return 50 + 8 * sign * wave + noise


def test_links_that_move_alike_come_first():
    near = nearest_in_time(build_speeds(), 0, np.arange(1, 20), PAST)
    assert set(near[:9].tolist()) == set(range(2, 20, 2))


def test_the_ridge_follows_neighbours_after_the_past():
    speed = build_speeds()
    estimate = estimate_by_ridge(speed, 0, np.array([2, 4, 6]), PAST)
    assert np.abs(estimate - speed[0])[~PAST].mean() < 0.3


def test_a_silent_link_is_estimated_from_its_past_and_the_others():
    speed = build_speeds()
    visible = speed.copy()
    visible[0, ~PAST] = np.nan
    estimate = estimate_silent_speed(visible, STEP, WEEKEND, ~PAST, np.array([0]))
    assert np.abs(estimate.value - speed[0, ~PAST]).mean() == pytest.approx(0, abs=0.6)
