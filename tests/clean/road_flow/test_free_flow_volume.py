"""The flow of links at free speed: what counters of the class see, else what is usual."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.clean.road_flow.free_flow_volume import LinkHours, estimate_least_flow_veh_per_h, pooled_ratio, shrink

USUAL_SHARE = np.full(24, 0.1)
FREE, JAMMED = 65.0, 5.0


def links(*, speed, counted, road_class=None, local_hour=None, day=None, factor=None):
    count = len(speed)
    zeros = np.zeros(count, dtype=np.int64)
    return LinkHours(
        speed_km_per_h=np.array(speed),
        free_speed_km_per_h=np.full(count, 60.0),
        capacity_veh_per_h=np.full(count, 2000.0),
        factor=np.ones(count) if factor is None else np.array(factor),
        counted_veh_per_h=np.array(counted, dtype=np.float64),
        day=zeros if day is None else np.array(day),
        road_class=zeros if road_class is None else np.array(road_class),
        local_hour=zeros if local_hour is None else np.array(local_hour),
    )


def test_an_uncongested_link_carries_the_usual_share_where_nobody_counted_and_a_congested_one_none():
    hours = links(speed=[FREE, JAMMED], counted=[np.nan, np.nan])
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, prior_count=1).tolist() == [200.0, 0.0]


def test_counters_at_free_speed_pull_the_usual_share_in_three_steps():
    """300 and 500 of 2000 each are 0.2. With n0 = 2: 0.1, then 0.15, 0.175, 0.1875 of 2000."""
    hours = links(speed=[FREE, FREE, FREE], counted=[300.0, 500.0, np.nan])
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, prior_count=2) == pytest.approx([375.0] * 3)
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, prior_count=0) == pytest.approx([400.0] * 3)


@given(count=st.integers(0, 200), counted_share=st.floats(0.0, 1.0))
def test_one_count_more_moves_the_floor_by_less_than_its_weight(count, counted_share):
    """The floor of an uncounted link stays between the usual and the counted share, without a jump."""

    def floor(number):
        hours = links(speed=[FREE] * (number + 1), counted=[2000.0 * counted_share] * number + [np.nan])
        return estimate_least_flow_veh_per_h(hours, USUAL_SHARE, prior_count=12)[-1]

    low, high = sorted((200.0, 2000.0 * counted_share))
    assert low - 1e-6 <= floor(count) <= high + 1e-6
    assert abs(floor(count + 1) - floor(count)) <= 3 * (high - low) / (count + 13) + 1e-6


def test_counts_of_the_three_days_before_are_used_and_older_or_later_ones_are_not():
    hours = links(speed=[FREE] * 3, counted=[400.0, np.nan, np.nan], day=[0, 3, 4])
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, prior_count=0)[1:] == pytest.approx([400.0, 200.0])
    before = links(speed=[FREE] * 2, counted=[np.nan, 400.0], day=[0, 1])
    assert estimate_least_flow_veh_per_h(before, USUAL_SHARE, prior_count=0)[0] == pytest.approx(200.0)


def test_the_calibration_of_an_earlier_day_does_not_reach_a_later_one():
    """It rests on days that a later day does not see: only the day's own calibration, here 2, counts."""
    results = [
        estimate_least_flow_veh_per_h(
            links(speed=[FREE] * 2, counted=[400.0, np.nan], day=[0, 3], factor=[earlier, 2.0]),
            USUAL_SHARE,
            prior_count=1,
        )[1]
        for earlier in (0.5, 1.0, 4.0)
    ]
    assert results == pytest.approx([400.0] * 3)


def test_a_counter_in_a_jam_says_nothing_about_free_flow():
    hours = links(speed=[JAMMED, FREE], counted=[1500.0, np.nan])
    assert estimate_least_flow_veh_per_h(hours, USUAL_SHARE, prior_count=1).tolist() == [0.0, 200.0]


def test_the_hour_of_the_class_weighs_most_and_another_class_has_the_share_of_all():
    counted = [200.0, 400.0, np.nan, np.nan, np.nan]
    hours = links(speed=[FREE] * 5, counted=counted, road_class=[0, 0, 0, 0, 1], local_hour=[3, 4, 3, 5, 3])
    flow = estimate_least_flow_veh_per_h(hours, USUAL_SHARE, prior_count=0)
    assert flow[2:] == pytest.approx([200.0, 300.0, 300.0])


def test_a_ratio_without_a_denominator_counts_nothing():
    ratio, count = pooled_ratio(
        np.ones(2),
        lambda _day: np.zeros(2),
        is_used=np.ones(2, dtype=bool),
        group=np.zeros(2, dtype=int),
        day=np.zeros(2, dtype=int),
    )
    assert (ratio.tolist(), count.tolist()) == ([0.0, 0.0], [0, 0])
    assert shrink(ratio, count, prior=np.full(2, 0.3), prior_count=0).tolist() == [0.3, 0.3]
