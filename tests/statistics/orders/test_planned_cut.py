"""A plan on another base: by hand, in hours without emission, and in each series alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.statistics.orders.planned_cut import plan_without_control


def plan(cut, base, without, series=None):
    arrays = [np.array(values, dtype=float) for values in (cut, base, without)]
    return plan_without_control(*arrays, np.array(series if series is not None else [0] * len(cut))).tolist()


def test_a_plan_is_the_same_share_of_another_base():
    """Half of 60 g was ordered, where the inventory had the order in it; without it the line emits 100 g."""
    assert plan([30.0], [60.0], [100.0]) == [50.0]


def test_an_hour_without_emission_has_the_order_of_the_hour_before():
    assert plan([80.0, 0.0, 0.0, 10.0], [80.0, 0.0, 0.0, 40.0], [100.0] * 4) == [100.0, 100.0, 100.0, 25.0]


def test_a_first_hour_without_emission_has_the_order_of_the_first_hour_with_one():
    assert plan([0.0, 30.0], [0.0, 60.0], [100.0, 100.0]) == [50.0, 50.0]


def test_no_series_has_the_order_of_another():
    assert plan([60.0, 0.0, 0.0, 30.0], [60.0, 0.0, 0.0, 60.0], [10.0] * 4, [0, 0, 1, 2]) == [10.0, 10.0, 0.0, 5.0]


def test_a_series_that_never_emits_has_no_plan():
    assert plan([0.0, 0.0], [0.0, 0.0], [10.0, 10.0]) == [0.0, 0.0]


def test_nothing_gives_nothing():
    assert plan([], [], []) == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 1e6), st.floats(0, 1e6)), min_size=1))
def test_a_plan_is_never_more_than_its_base_and_is_itself_on_its_own_base(rows):
    share, base, without = (np.array(values) for values in zip(*rows, strict=True))
    series = np.zeros(len(rows), dtype=np.int64)
    assert (plan_without_control(share * base, base, without, series) <= without * (1 + 1e-12)).all()
    assert plan_without_control(share * base, base, base, series) == pytest.approx(share * base)
