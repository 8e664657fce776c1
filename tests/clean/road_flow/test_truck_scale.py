"""What trucks that a platform sees say of the flow of links, as far as counters confirm it."""

import math

import numpy as np
import pytest

from bigdata_emis.clean.road_flow.phone_scale import LinkFlows
from bigdata_emis.clean.road_flow.truck_scale import (
    LEAST_TRUCKS_SEEN,
    SUPPRESSED_TRUCKS,
    choose_factors,
    read_truck_counts,
    truck_factors,
    truck_index,
)
from tests.clean.reading_frames import frame, grid, hour, ids

DAY = np.zeros(24, dtype=np.int64)


def hourly(values) -> np.ndarray:
    return np.repeat(np.asarray(values, dtype=float)[:, None], 24, axis=1)


def flows(implied, counted=None) -> LinkFlows:
    each = hourly(implied)
    return LinkFlows(each, each, np.full(each.shape, np.nan) if counted is None else hourly(counted), DAY)


def test_the_index_is_the_logarithm_of_trucks_for_each_implied_vehicle() -> None:
    assert truck_index(hourly([20.0, 5.0]), flows([10.0, 10.0]), 0) == pytest.approx([math.log(2), math.log(0.5)])


def test_few_trucks_and_few_hours_say_nothing() -> None:
    few = hourly([LEAST_TRUCKS_SEEN / 24 - 0.01, LEAST_TRUCKS_SEEN / 24 + 0.01, 50.0])
    few[2, 5:] = np.nan
    index = truck_index(few, flows([10.0] * 3), 0)
    assert np.isfinite(index).tolist() == [False, True, False]


def test_hours_of_days_pooled_are_those_up_to_three_days_before() -> None:
    trucks, implied = np.full((1, 120), 10.0), np.full((1, 120), 10.0)
    trucks[0, :24] = 1000.0
    five = LinkFlows(implied, implied, np.full((1, 120), np.nan), np.repeat(np.arange(5), 24))
    assert truck_index(trucks, five, 4) == pytest.approx([0.0])


def test_a_link_without_counter_gets_the_learnt_share_of_what_trucks_say() -> None:
    """Links 0 to 8 have e^k trucks a vehicle and count e^0.4k vehicles; the last has e^6: 2 above the mean of 4."""
    steps = np.array([*range(9), 6.0])
    counted = np.append(10.0 * np.exp(0.4 * steps[:9]), np.nan)
    factors, explained = truck_factors(hourly(10.0 * np.exp(steps)), flows([10.0] * 10, counted))
    assert factors[9, 0] == pytest.approx(math.exp(0.8))
    assert explained == pytest.approx([1.0])


def test_how_many_trucks_use_the_platform_does_not_matter() -> None:
    steps = np.array([*range(9), 6.0])
    counted = np.append(10.0 * np.exp(0.4 * steps[:9]), np.nan)
    all_trucks, half = (
        truck_factors(hourly(share * 10.0 * np.exp(steps)), flows([10.0] * 10, counted))[0] for share in (1.0, 0.5)
    )
    assert half == pytest.approx(all_trucks)


def test_counters_that_do_not_follow_trucks_leave_them_unused() -> None:
    counted = np.where(np.arange(10) % 2, 12.0, 8.0)
    factors, explained = truck_factors(hourly(10.0 * np.exp(np.arange(10.0))), flows([10.0] * 10, counted))
    assert np.isnan(factors).all()
    assert explained.tolist() == [0.0]


@pytest.mark.parametrize(("explained", "expected", "by_trucks"), [(0.6, [3.0, 3.0, 2.0], [1, 1, 0]),
                                                                  (0.4, [2.0, 3.0, 2.0], [0, 1, 0])])  # fmt: skip
def test_the_evidence_that_explains_more_is_used_and_the_other_where_it_is_alone(explained, expected, by_trucks):
    phones = np.array([[2.0], [np.nan], [2.0]]), np.array([0.5])
    trucks = np.array([[3.0], [3.0], [np.nan]]), np.array([explained])
    factor, is_by_trucks = choose_factors(phones, trucks)
    assert factor[:, 0].tolist() == expected
    assert is_by_trucks[:, 0].astype(int).tolist() == by_trucks


def test_one_evidence_alone_is_used() -> None:
    alone = np.array([[2.0], [np.nan]]), np.array([0.5])
    assert not choose_factors(alone, None)[1].any()
    factor, is_by_trucks = choose_factors(None, alone)
    assert (factor[0, 0], is_by_trucks[:, 0].tolist()) == (2.0, [True, False])


def test_a_link_without_a_row_has_no_truck_only_in_hours_in_which_others_have_some(spark):
    rows = [
        {"link_id": "a", "hour_utc": hour(0), "truck_count": 7, "is_suppressed": False},
        {"link_id": "b", "hour_utc": hour(1), "truck_count": None, "is_suppressed": True},
        {"link_id": "gone", "hour_utc": hour(2), "truck_count": 9, "is_suppressed": False},
    ]
    links = ids(spark, "link_id", "a", "b").toArrow()
    seen = read_truck_counts(frame(spark, "truck_hourly", rows), links, grid())
    assert seen is not None
    assert seen[:, :2].tolist() == [[7.0, 0.0], [0.0, SUPPRESSED_TRUCKS]]
    assert np.isnan(seen[:, 2:]).all()
    assert read_truck_counts(frame(spark, "truck_hourly", rows[2:]), links, grid()) is None
    nobody = frame(spark, "truck_hourly", rows).where("link_id = 'nobody'")
    assert read_truck_counts(nobody, links, grid()) is None
