"""Activity and emission of production lines on paper, with their properties."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.equations import industry

SHARE = st.floats(0, 0.9)


def power_model_kwh(activity_share: float, *, base_load_share: float, power_elasticity: float) -> float:
    """P = P_ref × (b + (1 − b) × A^eps) with P_ref of 100 kWh: the power of a line at a share of its capacity."""
    return 100.0 * (base_load_share + (1 - base_load_share) * activity_share**power_elasticity)


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
        "no power",
        "small elasticity",
        "above reference",
    ],
)
def test_activity_from_power(energy_kwh: float, elasticity: float, expected: float):
    activity = industry.activity(
        energy_kwh, 100.0, base_load_share=0.1, power_elasticity=elasticity, capacity_per_h=50.0
    )
    assert activity == pytest.approx(expected)


@given(SHARE, st.floats(0.2, 2), st.floats(0, 300), st.floats(0, 50))
def test_activity_never_falls_when_power_rises(base: float, elasticity: float, energy_kwh: float, more: float):
    low, high = (
        industry.activity(p, 100.0, base_load_share=base, power_elasticity=elasticity, capacity_per_h=1.0)
        for p in (energy_kwh, energy_kwh + more)
    )
    assert 0 <= low <= high


@given(SHARE, st.floats(0.2, 2), st.floats(0, 1))
def test_activity_inverts_the_power_model(base: float, elasticity: float, share: float):
    power_kwh = power_model_kwh(share, base_load_share=base, power_elasticity=elasticity)
    activity = industry.activity(
        power_kwh, 100.0, base_load_share=base, power_elasticity=elasticity, capacity_per_h=1.0
    )
    assert activity == pytest.approx(share, abs=1e-4)


@given(SHARE, st.floats(0.2, 2), st.floats(0, 300))
def test_working_energy_is_proportional_to_activity(base: float, elasticity: float, energy_kwh: float):
    common = {"base_load_share": base, "power_elasticity": elasticity}
    working = industry.working_energy_kwh(energy_kwh, 100.0, **common)
    assert working == pytest.approx(100 * industry.activity(energy_kwh, 100.0, capacity_per_h=1.0, **common))


def test_working_energy_is_zero_at_base_load_and_all_of_the_reference_load():
    common = {"base_load_share": 0.1, "power_elasticity": 0.8}
    assert industry.working_energy_kwh(10.0, 100.0, **common) == 0.0
    assert industry.working_energy_kwh(100.0, 100.0, **common) == pytest.approx(100.0)


def test_emission_is_activity_times_factor_after_removal():
    assert industry.emission_g(20.0, 620.0, removal_share=0.5) == 6200.0


def test_the_uncontrolled_factor_reverses_the_removal():
    assert industry.uncontrolled_factor_g_per_unit(5.0, device_removal_share=0.9) == pytest.approx(50.0)


def test_condensable_particulate_from_concentration_and_gas_volume():
    """5 mg/m³ in 8,000 m³ a tonne are 40 g a tonne."""
    assert industry.condensable_factor_g_per_unit(5.0, 8000.0) == pytest.approx(40.0)


def test_condensable_particulate_from_its_share_of_the_total():
    """30 g filterable are 75 % of the total of 40 g."""
    assert industry.condensable_emission_g(30.0, condensable_share=0.25) == pytest.approx(10.0)


@pytest.mark.parametrize(("elasticity", "log_sd"), [(1.0, 0.3), (0.5, 0.6), (0.2, 0.9)])
def test_a_prior_errs_more_where_power_says_less_up_to_the_largest_error(elasticity, log_sd):
    assert industry.prior_log_sd(0.3, power_elasticity=elasticity, largest_log_sd=0.9) == pytest.approx(log_sd)


def test_the_spread_of_a_logarithm_is_one_of_the_activity():
    assert industry.prior_relative_sd_share(math.log(1.25) ** 0.5) == pytest.approx(0.5)
