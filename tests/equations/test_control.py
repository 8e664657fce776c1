"""Planned and achieved cuts on paper, and the properties of combined cuts."""

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
