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


CORRECTIONS = ("temperature", "humidity", "speed", "altitude", "sulphur", "deterioration", "load")


def test_a_china_iv_heavy_truck_in_cold_damp_air_at_60_km_per_h_with_10_ppm_fuel_at_full_load():
    """NOx by the tables: 5.554 g/km × 1.06 (below 10 °C) × 0.94 (above 50 %) × 0.84 (10 ppm) × 1.43 (full)."""
    factor = traffic.emission_factor_g_per_km(
        5.554,
        temperature_correction=1.06,
        humidity_correction=0.94,
        speed_correction=1.0,
        altitude_correction=1.0,
        sulphur_correction=0.84,
        deterioration_correction=1.0,
        load_correction=1.43,
    )
    assert factor == pytest.approx(6.6475, abs=1e-3)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_each_correction_multiplies_the_base_factor(name: str):
    corrections = {f"{other}_correction": 1.0 for other in CORRECTIONS} | {f"{name}_correction": 1.15}
    assert traffic.emission_factor_g_per_km(2.0, **corrections) == pytest.approx(2.3)


def test_emission_of_a_link():
    """1000 vehicles an hour, a tenth of them of the class, 2 km at 2.3 g/km."""
    assert traffic.emission_g(1000.0, 0.1, emission_factor_g_per_km=2.3, length_km=2.0) == pytest.approx(460.0)


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(40.0, 0.29), (10.0, 1.16), (5.0, 2.32), (2.0, 2.32), (0.0, 2.32)],
    ids=["city", "jam", "slowest", "slower evaporates as the slowest", "standing"],
)
def test_petrol_that_evaporates_by_distance(speed: float, expected: float):
    """11.6 g in an hour of driving by the guide."""
    assert traffic.running_loss_g_per_km(11.6, speed) == pytest.approx(expected)


def test_petrol_that_evaporates_from_parked_vehicles_in_a_year():
    """100,000 cars at 6.5 g a day: 650 kg a day."""
    assert traffic.annual_emission_t(100_000, 6.5) == pytest.approx(0.65 * 365)


def test_a_heavy_truck_at_full_load_wears_its_tyres_a_third_more_than_at_half_load():
    """(1.41 + 1.38) ÷ (1.41 + 0.69) = 2.79 ÷ 2.10."""
    ratio = traffic.load_correction(1.0, unladen_wear=1.41, laden_wear_increase=1.38, reference_load_share=0.5)
    assert ratio == pytest.approx(1.328571, abs=1e-6)


def test_wear_is_the_base_factor_times_speed_and_load_correction():
    """Brakes of a heavy truck in town at full load: 0.032046 g/km × 1.67 × 1.79 ÷ 1.395."""
    worn = traffic.wear_factor_g_per_km(0.032046, speed_correction=1.67, load_correction=1.79 / 1.395)
    assert worn == pytest.approx(0.068670, abs=1e-6)


def test_carbon_of_the_exhaust_is_its_share_of_the_particulate():
    assert traffic.carbon_factor_g_per_km(0.2, 0.75) == pytest.approx(0.15)


def test_of_a_factor_without_restrictions_the_vehicles_that_still_drive_are_left():
    assert traffic.kept_emission_factor_g_per_km(0.6, 0.5) == pytest.approx(0.3)
    assert traffic.kept_emission_factor_g_per_km(0.6, 0.0) == 0.6
    assert traffic.kept_emission_factor_g_per_km(0.6, 1.0) == 0.0
