"""Planned and achieved cuts on paper, and the properties of combined cuts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.equations import control

SHARE = st.floats(0, 0.9)


def test_a_measure_cuts_its_share_of_the_part_that_it_affects():
    """40 % of the half that is affected: 20 % of 200 g."""
    applied = control.applied_cut_share(0.5, 0.4)
    assert applied == pytest.approx(0.2)
    assert control.cut_emission_g(200.0, applied) == pytest.approx(40.0)


def test_two_measures_each_act_on_what_the_other_leaves():
    """Half of the remaining half: 75 %."""
    assert control.combined_cut_share(0.5, 0.5) == 0.75


@given(SHARE, SHARE, SHARE)
def test_a_combined_cut_does_not_depend_on_the_order_and_stays_a_share(a: float, b: float, c: float):
    one_way = control.combined_cut_share(control.combined_cut_share(a, b), c)
    other_way = control.combined_cut_share(control.combined_cut_share(c, a), b)
    assert one_way == pytest.approx(other_way)
    assert max(a, b, c) - 1e-12 <= one_way <= 1


def test_a_cut_is_a_share_of_the_baseline_and_its_gap_is_to_the_target():
    assert control.cut_share(40.0, 200.0) == pytest.approx(0.2)
    assert control.gap_share(0.3, 0.2) == pytest.approx(0.1)
    assert control.gap_share(0.3, 0.4) == pytest.approx(-0.1)


def test_the_achieved_cut_is_negative_where_emission_rose():
    assert control.achieved_share(150.0, 200.0) == pytest.approx(0.25)
    assert control.achieved_share(250.0, 200.0) == pytest.approx(-0.25)


def test_a_line_ordered_to_halve_its_output_keeps_its_base_load():
    """A base load of 20 kWh and half of the other 80 kWh."""
    allowed = control.allowed_energy_kwh(100.0, 0.2, cut_order_share=0.5, power_elasticity=1.0)
    assert allowed == pytest.approx(60.0)
    assert control.allowed_energy_kwh(100.0, 0.2, cut_order_share=1.0, power_elasticity=1.0) == pytest.approx(20.0)


def test_the_achieved_mass_is_negative_where_emission_rose():
    assert control.achieved_emission_g(100.0, 60.0) == 40.0
    assert control.achieved_emission_g(100.0, 130.0) == -30.0


def test_only_what_is_above_the_ordered_remainder_is_excess():
    """Ordered from 100 to 60 g: 75 g are 15 g too many, 50 g are none."""
    assert control.excess_emission_g(75.0, 100.0, cut_order_share=0.4) == pytest.approx(15.0)
    assert control.excess_emission_g(50.0, 100.0, cut_order_share=0.4) == 0.0


def test_a_share_of_the_cut_is_moved() -> None:
    assert control.moved_emission_g(40.0, 0.25) == 10.0


def test_free_emission_is_what_is_left_up_to_the_capacity() -> None:
    assert control.free_emission_g(6.0, 2.0, emission_g=10.0) == 2.0
    assert control.free_emission_g(6.0, 2.0, emission_g=13.0) == 0.0


def test_all_free_capacity_is_used_where_more_is_to_be_made_up() -> None:
    assert control.free_capacity_share(3.0, 12.0) == 0.25
    assert control.free_capacity_share(30.0, 12.0) == 1.0
    assert control.added_emission_g(12.0, 0.25) == 3.0


def test_the_net_share_is_below_zero_where_more_is_added_than_cut() -> None:
    assert control.net_cut_share(30.0, 10.0, baseline_emission_g=100.0) == pytest.approx(0.2)
    assert control.net_cut_share(10.0, 30.0, baseline_emission_g=100.0) == pytest.approx(-0.2)


@given(
    moved=st.floats(0, 1e9),
    free=st.lists(st.floats(0, 1e9), min_size=1, max_size=48).map(np.array).filter(lambda hours: hours.sum() > 1e-6),
)
def test_no_hour_gets_more_than_is_free_and_all_hours_no_more_than_is_moved(moved: float, free: np.ndarray) -> None:
    used = control.free_capacity_share(moved, free.sum())
    added = control.added_emission_g(free, used)
    assert (added <= free).all()
    assert added.sum() == pytest.approx(min(moved, free.sum()), rel=1e-12)
