"""The flow of links at free speed: what counters of the class see, else what is usual."""

import numpy as np
import pytest

from bigdata_emis.clean.readings.free_flow_volume import LinkHours, estimate_least_flow_veh_per_h

USUAL_SHARE = np.full(24, 0.1)
FREE, JAMMED = 65.0, 5.0


def links(*, speed, counted, class_day=None, local_hour=None):
    count = len(speed)
    zeros = np.zeros(count, dtype=np.int64)
    return LinkHours(
        speed_km_per_h=np.array(speed),
        free_speed_km_per_h=np.full(count, 60.0),
        capacity_veh_per_h=np.full(count, 2000.0),
        counted_veh_per_h=np.array(counted, dtype=np.float64),
        day=zeros,
        class_day=zeros if class_day is None else np.array(class_day),
        local_hour=zeros if local_hour is None else np.array(local_hour),
    )


def test_an_uncongested_link_carries_the_usual_share_where_nobody_counted_and_a_congested_one_none():
    hours = links(speed=[FREE, JAMMED], counted=[np.nan, np.nan])
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, least_count=1).tolist() == [200.0, 0.0]


def test_counters_at_free_speed_replace_the_usual_share():
    """300 and 500 of 2000 each: a share of 0.2."""
    hours = links(speed=[FREE, FREE, FREE], counted=[300.0, 500.0, np.nan])
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, least_count=2) == pytest.approx([400.0] * 3)
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, least_count=3).tolist() == [200.0] * 3


def test_a_counter_in_a_jam_says_nothing_about_free_flow():
    hours = links(speed=[JAMMED, FREE], counted=[1500.0, np.nan])
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, least_count=1).tolist() == [0.0, 200.0]


def test_the_hour_of_the_class_counts_before_its_day_and_its_day_before_all_classes():
    counted = [200.0, 400.0, np.nan, np.nan, np.nan]
    hours = links(speed=[FREE] * 5, counted=counted, class_day=[0, 0, 0, 0, 1], local_hour=[3, 4, 3, 5, 3])
    flow = estimate_least_flow_veh_per_h(hours, USUAL_SHARE, least_count=1)
    assert flow[2:] == pytest.approx([200.0, 300.0, 300.0])
