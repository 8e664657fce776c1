"""Simulated transmission faults occur at their rates, and the log has each of them."""

import numpy as np
import pytest

from bigdata_emis.demo.plan import random_stream
from bigdata_emis.demo.providers.faults import Damage, FaultRates, damage_readings
from bigdata_emis.window import HOUR_US

NONE = {"gap": 0.0, "duplicate": 0.0, "spike": 0.0, "negative": 0.0, "text": 0.0, "late": 0.0, "dead_sensor": 0.0}


def damaged(**rates: float) -> Damage:
    """A day of 100 sensors that read 5 in every hour."""
    event = np.repeat(np.arange(24), 100).astype(np.int64) * HOUR_US
    return damage_readings(
        random_stream(1, "x"),
        np.full(2400, 5.0),
        event_us=event,
        sensor=np.tile(np.arange(100), 24),
        interval_us=HOUR_US,
        rates=FaultRates(**{**NONE, **rates}),
    )


def test_without_faults_every_reading_arrives_once_at_the_end_of_its_interval():
    whole = damaged()
    assert whole.arrived_row.tolist() == list(range(2400))
    assert set(whole.value) == {5.0}
    assert whole.arrival_us[0] == HOUR_US
    assert whole.log.empty


def test_gaps_duplicates_and_wrong_signs_are_logged_as_they_occur():
    bad = damaged(gap=0.1, duplicate=0.1, negative=0.1)
    count = bad.log["fault"].value_counts()
    assert len(bad.arrived_row) == 2400 - count["gap"] + count["duplicate"]
    assert len(np.unique(bad.arrived_row)) == 2400 - count["gap"]
    assert (bad.value < 0).sum() >= count["negative"]
    assert 0.07 < count["gap"] / 2400 < 0.13


def test_late_rows_arrive_one_to_six_hours_after_their_interval():
    late = damaged(late=1.0)
    delay_h = (late.arrival_us - np.repeat(np.arange(1, 25), 100) * HOUR_US) / HOUR_US
    assert set(delay_h) == {1, 2, 3, 4, 5, 6}


def test_a_spike_is_ten_to_fifty_times_the_reading():
    spikes = damaged(spike=1.0).value
    assert spikes.min() >= 5 * 10
    assert spikes.max() <= 5 * 50


def test_a_dead_sensor_sends_nothing_for_four_hours_or_more():
    dead = damaged(dead_sensor=1.0).log
    hours = dead[dead["fault"] == "dead"].groupby("sensor").size()
    assert hours.max() <= 20
    assert len(hours) == pytest.approx(100, abs=10)
