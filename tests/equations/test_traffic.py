"""Flow and emission of road links on paper, with the properties of the speed-flow relation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.equations import traffic


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(0.0, 0.0), (70.0 / math.e, 200 * 70 / math.e), (70.0, 0.0), (90.0, 0.0)],
    ids=["standing", "maximum flow", "free flow", "above free flow"],
)
def test_flow_from_speed(speed: float, expected: float):
    assert traffic.flow_veh_per_h(speed, 70.0, jam_density_veh_per_km=200.0) == pytest.approx(expected)


@given(st.floats(0.001, 120))
def test_no_speed_has_more_flow_than_the_capacity(speed: float):
    flow = traffic.flow_veh_per_h(speed, 70.0, jam_density_veh_per_km=200.0)
    assert 0 <= flow <= traffic.capacity_veh_per_h(70.0, jam_density_veh_per_km=200.0) + 1e-9


def test_the_capacity_is_the_flow_at_the_free_speed_over_e():
    speed = 70.0 * traffic.SPEED_AT_CAPACITY_SHARE
    assert speed == pytest.approx(70.0 / math.e)
    flow = traffic.flow_veh_per_h(speed, 70.0, jam_density_veh_per_km=200.0)
    assert traffic.capacity_veh_per_h(70.0, jam_density_veh_per_km=200.0) == pytest.approx(flow)


def test_corrections_multiply_the_base_factor():
    factor = traffic.emission_factor_g_per_km(
        4.0, temperature_correction=1.15, humidity_correction=1.0, speed_correction=0.5
    )
    assert factor == pytest.approx(2.3)


def test_emission_of_a_link():
    """1000 vehicles an hour, a tenth of them of the class, 2 km at 2.3 g/km."""
    assert traffic.emission_g(1000.0, 0.1, emission_factor_g_per_km=2.3, length_km=2.0) == pytest.approx(460.0)
