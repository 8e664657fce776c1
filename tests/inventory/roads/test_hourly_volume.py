"""The model of hourly volume on counts whose law is known."""

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.inventory.roads.hourly_volume import MIN_COUNTED_HOURS, estimate_volume
from bigdata_emis.inventory.roads.volume_inputs import VolumeHours

WEEKS = 12


def build_hours(weeks=WEEKS):
    count = weeks * 168
    weather = np.zeros((count, 6))
    weather[:, 1] = np.random.default_rng(2).integers(0, 2, count // 12).repeat(12)
    return VolumeHours(96 + np.arange(count), weather, {})


def test_hidden_weeks_follow_profile_and_rain_and_the_interval_covers_them():
    hours = build_hours()
    truth = 500.0 + 2 * hours.hour_of_week - 150 * hours.weather[:, 1]
    truth = truth + np.random.default_rng(3).normal(0, 20, len(truth))
    is_hidden = np.isin(hours.week_number, [4, 8])
    estimate = estimate_volume(hours, np.where(is_hidden, np.nan, truth), weeks="surrounding")
    error = np.abs(estimate.value - truth)[is_hidden]
    assert error.mean() < 35
    inside = (estimate.p05 <= truth) & (truth <= estimate.p95)
    assert 0.82 < inside[is_hidden].mean() < 0.97


def test_fewer_than_eight_counted_weeks_are_refused():
    hours = build_hours(9)
    volume = np.where(np.arange(9 * 168) < MIN_COUNTED_HOURS - 1, 100.0, np.nan)
    with pytest.raises(InputError, match="1343 counted hours"):
        estimate_volume(hours, volume, weeks="earlier")
