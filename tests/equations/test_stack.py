"""Emission measured by a stack monitor on paper."""

import pytest

from bigdata_emis.equations import stack


def test_stack_emission_is_concentration_times_flow():
    """30 mg/m³ in 500,000 m³/h are 15 kg an hour."""
    assert stack.emission_g(30.0, 500_000.0) == pytest.approx(15_000.0)


def test_a_quarter_of_an_hour_has_a_quarter_of_the_mass():
    assert stack.emission_g(30.0, 500_000.0, interval_h=0.25) == pytest.approx(3_750.0)
