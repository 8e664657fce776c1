"""Equations of industry, stacks, roads, areas and controls against values on paper, with their properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.equations import air_quality, allocation, control, industry, stack, traffic, uncertainty

SHARE = st.floats(0, 0.9)


@pytest.mark.parametrize(
    ("energy_kwh", "elasticity", "expected"),
    [
        (100.0, 1.0, 50.0),
        (55.0, 1.0, 25.0),
        (10.0, 1.0, 0.0),
        (4.0, 1.0, 0.0),
        (0.0, 0.5, 0.0),
        (55.0, 0.5, 12.5),
        (190.0, 1.0, 100.0),
    ],
    ids=[
        "full load",
        "half of the range",
        "base load",
        "below base load",
        "standing",
        "small elasticity",
        "above reference",
    ],
)
def test_activity_from_power(energy_kwh: float, elasticity: float, expected: float):
    found = industry.activity(energy_kwh, 100.0, base_load_share=0.1, power_elasticity=elasticity, capacity_per_h=50.0)
    assert found == pytest.approx(expected)


@given(SHARE, st.floats(0.2, 2), st.floats(0, 300), st.floats(0, 50))
def test_activity_never_falls_when_power_rises(base: float, elasticity: float, energy_kwh: float, more: float):
    low, high = (
        industry.activity(p, 100.0, base_load_share=base, power_elasticity=elasticity, capacity_per_h=1.0)
        for p in (energy_kwh, energy_kwh + more)
    )
    assert 0 <= low <= high


@given(SHARE, st.floats(0.2, 2), st.floats(0, 1))
def test_allowed_power_gives_back_the_planned_cut(base: float, elasticity: float, cut: float):
    allowed = control.allowed_energy_kwh(100.0, base, cut_share=cut, power_elasticity=elasticity)
    left = industry.activity(allowed, 100.0, base_load_share=base, power_elasticity=elasticity, capacity_per_h=1.0)
    assert left == pytest.approx(1 - cut, abs=1e-4)


def test_heat_has_a_no_load_part_only_while_running():
    heat = industry.heat_input_gj(np.array([0.0, 1000.0, 2000.0]), no_load_heat_gj=5.0, heat_rate_gj_per_kwh=0.01)
    assert heat.tolist() == [0.0, 15.0, 25.0]


def test_emission_from_activity_after_removal():
    assert industry.emission_g(20.0, 620.0, removal_share=0.5) == 6200.0


def test_stack_emission_is_concentration_times_flow():
    """30 mg/m3 in 500,000 m3/h are 15 kg."""
    assert stack.emission_g(30.0, 500_000.0) == pytest.approx(15_000.0)
    assert stack.emission_g(30.0, 500_000.0, interval_h=0.25) == pytest.approx(3_750.0)


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(0.0, 0.0), (70.0 / math.e, 200 * 70 / math.e), (70.0, 0.0), (90.0, 0.0)],
    ids=["standing", "greatest flow", "free flow", "above free flow"],
)
def test_flow_from_speed(speed: float, expected: float):
    assert traffic.flow_veh_per_h(speed, 70.0, jam_density_veh_per_km=200.0) == pytest.approx(expected)


@given(st.floats(0.001, 120))
def test_flow_is_greatest_at_the_free_speed_over_e(speed: float):
    flow = traffic.flow_veh_per_h(speed, 70.0, jam_density_veh_per_km=200.0)
    assert 0 <= flow <= traffic.flow_veh_per_h(70.0 / math.e, 70.0, jam_density_veh_per_km=200.0) + 1e-9


def test_emission_of_a_link():
    factor = traffic.emission_factor_g_per_km(
        4.0, temperature_correction=1.15, humidity_correction=1.0, speed_correction=0.5
    )
    assert factor == pytest.approx(2.3)
    assert traffic.emission_g(1000.0, 0.1, emission_factor_g_per_km=factor, length_km=2.0) == pytest.approx(460.0)


def test_allocation_keeps_the_mass():
    weights = np.array([0.2, 0.3, 0.5])
    assert allocation.emission_g(80.0, weights).sum() == pytest.approx(80.0)


def test_controls_on_paper():
    cut = control.cut_emission_g(200.0, control.applied_cut_share(0.5, 0.4))
    assert cut == pytest.approx(40.0)
    assert control.allowed_emission_g(200.0, cut) == pytest.approx(160.0)
    assert control.cut_share(cut, 200.0) == pytest.approx(0.2)
    assert control.gap_share(0.3, 0.2) == pytest.approx(0.1)
    assert control.achieved_share(150.0, 200.0) == pytest.approx(0.25)
    assert control.execution_share(0.25, 0.2) == pytest.approx(1.25)


@given(SHARE, SHARE, SHARE)
def test_combined_cut_does_not_depend_on_the_order_and_stays_a_share(a: float, b: float, c: float):
    one = control.combined_cut_share(control.combined_cut_share(a, b), c)
    other = control.combined_cut_share(control.combined_cut_share(c, a), b)
    assert one == pytest.approx(other)
    assert max(a, b, c) - 1e-12 <= one <= 1


def test_errors_of_a_product_add_in_quadrature():
    assert uncertainty.relative_sd_share(0.3, 0.4) == pytest.approx(0.5)


def test_lognormal_bounds_enclose_ninety_percent_of_draws_with_that_mean():
    low, high = uncertainty.emission_g_p05(100.0, 0.5), uncertainty.emission_g_p95(100.0, 0.5)
    spread = math.sqrt(math.log(1.25))
    draws = np.random.default_rng(1).lognormal(math.log(100) - spread**2 / 2, spread, 200_000)
    assert draws.mean() == pytest.approx(100, rel=0.01)
    assert [(draws < low).mean(), (draws > high).mean()] == pytest.approx([0.05, 0.05], abs=0.002)


def test_no_error_gives_no_width():
    assert uncertainty.activity_p05(7.0, 0.0) == uncertainty.activity_p95(7.0, 0.0) == 7.0


@pytest.mark.parametrize(
    ("temperature", "dew_point", "expected"),
    [(20.0, 20.0, 1.0), (20.0, 9.26, 0.50), (0.0, -10.0, 0.469), (10.0, 11.0, 1.0)],
)
def test_relative_humidity_from_dew_point(temperature: float, dew_point: float, expected: float):
    """Over water e_s is 6.11 hPa at 0 °C and 2.86 hPa at −10 °C; at 20 °C half of 23.4 hPa is reached at 9.3 °C."""
    assert air_quality.relative_humidity_share(temperature, dew_point) == pytest.approx(expected, abs=0.003)


def test_index_grows_by_an_item():
    assert air_quality.aqi(100.0, 120.0) == 120.0
