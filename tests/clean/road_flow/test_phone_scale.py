"""What phones near a link say of its flow, as far as counters confirm it."""

import math

import numpy as np
import pytest

from bigdata_emis.clean.road_flow.phone_scale import (
    LEAST_SENSORS,
    LinkFlows,
    PhoneCells,
    learn_slope,
    link_index,
    phone_factors,
)

DAY = np.zeros(24, dtype=np.int64)


def flows(vehicle_km, counted=None) -> LinkFlows:
    """Links of one kilometre with the same flow in every hour of a day."""
    each = np.repeat(np.asarray(vehicle_km, dtype=float)[:, None], 24, axis=1)
    seen = np.full(each.shape, np.nan) if counted is None else np.repeat(np.asarray(counted)[:, None], 24, axis=1)
    return LinkFlows(each, each, seen, DAY)


def one_cell_a_link(moving) -> PhoneCells:
    each = np.repeat(np.asarray(moving, dtype=float)[:, None], 24, axis=1)
    return PhoneCells(each, each, link=np.arange(len(each)), cell=np.arange(len(each)), share=np.ones(len(each)))


def test_the_index_is_the_logarithm_of_devices_for_each_implied_vehicle_km() -> None:
    assert link_index(one_cell_a_link([20.0, 10.0]), flows([10.0, 10.0]), 0) == pytest.approx([math.log(2), 0.0])


def test_links_of_one_cell_share_its_devices() -> None:
    """Two links with 10 and 30 vehicle-km in a cell with 80 devices: two devices a vehicle-km for both."""
    phones = PhoneCells(*[np.full((1, 24), 80.0)] * 2, np.array([0, 1]), np.array([0, 0]), np.array([1.0, 1.0]))
    assert link_index(phones, flows([10.0, 30.0]), 0) == pytest.approx([math.log(2), math.log(2)])


def test_devices_that_move_and_do_not_drive_count_nowhere() -> None:
    """Of 1,000 by day and 3,000 by night a tenth walks; with 10 and 50 vehicle-km drive two devices for each."""
    is_day = np.arange(24) % 2 == 0
    present, driven = np.where(is_day, 1000.0, 3000.0)[None, :], np.where(is_day, 50.0, 10.0)[None, :]
    phones = PhoneCells(present, 0.1 * present + 2.0 * driven, np.array([0]), np.array([0]), np.ones(1))
    assert link_index(phones, LinkFlows(driven, driven, np.full((1, 24), np.nan), DAY), 0) == pytest.approx(
        [math.log(2)]
    )


def test_no_fewer_than_none_walk() -> None:
    """More devices where fewer are present: all of them count as driving, (20 + 10) ÷ (10 + 5) a vehicle-km."""
    is_day = np.arange(24) % 2 == 0
    present, driven = np.where(is_day, 100.0, 900.0)[None, :], np.where(is_day, 10.0, 5.0)[None, :]
    phones = PhoneCells(present, 2.0 * driven, np.array([0]), np.array([0]), np.ones(1))
    assert link_index(phones, LinkFlows(driven, driven, np.full((1, 24), np.nan), DAY), 0) == pytest.approx(
        [math.log(2)]
    )


def test_the_learnt_share_is_what_explains_counters_that_were_left_out() -> None:
    """Ten counters on a line with alternating errors: of the slope counts the share that left-out counters confirm."""
    index = np.arange(10.0)
    evidence = learn_slope(index, index + np.where(index % 2, 1.0, -1.0))
    assert 0.0 < evidence.explained_share < 1.0
    expected = math.exp(evidence.explained_share * evidence.slope * (9.0 - 4.5))
    assert evidence.factor(np.array([9.0])) == pytest.approx([expected])


def test_hours_without_phones_count_nowhere_and_few_hours_say_nothing() -> None:
    phones = one_cell_a_link([20.0, 20.0])
    phones.moving[0, :18] = phones.moving[1, :19] = np.nan
    index = link_index(phones, flows([10.0, 10.0]), 0)
    assert index[0] == pytest.approx(math.log(2))
    assert np.isnan(index[1])


def test_a_link_that_lies_in_cells_with_phones_by_less_than_half_has_no_index() -> None:
    phones = PhoneCells(*[np.full((1, 24), 20.0)] * 2, np.array([0, 1]), np.array([0, 0]), np.array([0.4, 0.6]))
    index = link_index(phones, flows([10.0, 10.0]), 0)
    assert np.isnan(index[0])
    assert np.isfinite(index[1])


def test_counters_that_follow_phones_give_their_slope() -> None:
    """Twice the devices a vehicle-km go with 2 to the power of 0.4 times the vehicles."""
    index = np.arange(10.0)
    evidence = learn_slope(index, 0.4 * index + 3.0)
    assert evidence.slope == pytest.approx(0.4)
    assert evidence.explained_share == pytest.approx(1.0)
    assert evidence.is_used


def test_counters_that_do_not_follow_phones_leave_them_unused() -> None:
    index = np.arange(10.0)
    assert not learn_slope(index, np.where(index % 2, 1.0, -1.0)).is_used
    assert not learn_slope(index, -index).is_used


def test_few_counters_teach_nothing() -> None:
    index = np.arange(float(LEAST_SENSORS - 1))
    assert not learn_slope(index, index).is_used
    assert not learn_slope(np.ones(20), np.arange(20.0)).is_used


def test_a_link_without_counter_gets_the_learnt_share_of_what_phones_say() -> None:
    """Links 0 to 8 have e^k devices a vehicle-km and count e^0.4k vehicles; the last has e^6: 2 above the mean of 4."""
    steps = np.array([*range(9), 6.0])
    counted = np.append(10.0 * np.exp(0.4 * steps[:9]), np.nan)
    factors, _ = phone_factors(one_cell_a_link(10.0 * np.exp(steps)), flows([10.0] * 10, counted))
    assert factors[9, 0] == pytest.approx(math.exp(0.8))
    assert factors[4, 0] == pytest.approx(1.0)


def test_nothing_is_drawn_beyond_what_counters_saw() -> None:
    steps = np.array([*range(9), 50.0])
    counted = np.append(10.0 * np.exp(0.4 * steps[:9]), np.nan)
    factors, _ = phone_factors(one_cell_a_link(10.0 * np.exp(steps)), flows([10.0] * 10, counted))
    assert factors[9, 0] == pytest.approx(math.exp(0.4 * 4))


def test_penetration_of_the_operator_cancels() -> None:
    steps = np.array([*range(9), 6.0])
    counted = np.append(10.0 * np.exp(0.4 * steps[:9]), np.nan)
    half, _ = phone_factors(one_cell_a_link(5.0 * np.exp(steps)), flows([10.0] * 10, counted))
    whole, _ = phone_factors(one_cell_a_link(10.0 * np.exp(steps)), flows([10.0] * 10, counted))
    assert half == pytest.approx(whole)


def test_counters_of_the_days_before_teach_the_day_and_later_ones_do_not() -> None:
    steps = np.array([*range(9), 6.0])
    two = np.repeat(np.array([0, 1]), 24)
    flow = np.full((10, 48), 10.0)
    counted = np.full((10, 48), np.nan)
    counted[:9, :24] = 10.0 * np.exp(0.4 * steps[:9])[:, None]
    moving = np.repeat(10.0 * np.exp(steps)[:, None], 48, axis=1)
    phones = PhoneCells(moving, moving, np.arange(10), np.arange(10), np.ones(10))
    assert phone_factors(phones, LinkFlows(flow, flow, counted, two))[0][9] == pytest.approx([math.exp(0.8)] * 2)
    later, _ = phone_factors(phones, LinkFlows(flow, flow, counted[:, ::-1], two))
    assert np.isnan(later[9, 0])
