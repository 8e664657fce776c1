"""Units of providers in those of our fields."""

import pytest

from bigdata_emis.collect.shapes.units import conversion
from bigdata_emis.errors import InputError

AMBIENT, STACK = "concentration_ug_per_m3", "concentration_mg_per_m3"


@pytest.mark.parametrize(
    ("value", "unit", "field", "ours"),
    [
        (1.2, "mg/m³", AMBIENT, 1200.0),
        (35, "µg/m3", AMBIENT, 35.0),
        (2, "MWh", "energy_kwh", 2000.0),
        (5, "万千瓦时", "energy_kwh", 50000.0),
        (5, "万kWh", "energy_kwh", 50000.0),
        (2, "ｋＷ·ｈ", "energy_kwh", 2.0),
        (35, "㎍/㎥", AMBIENT, 35.0),
        (35, "μg m⁻³", AMBIENT, 35.0),
        (1.2, "mg.m-3", AMBIENT, 1200.0),
        (21, "℃", "air_temperature_degc", 21.0),
        (3.6, "MJ", "energy_kwh", 1.0),
        (273.15, "K", "air_temperature_degc", 0.0),
        (212, "°F", "air_temperature_degc", 100.0),
        (36, "km/h", "wind_speed_m_per_s", 10.0),
        (10, "m/s", "speed_km_per_h", 36.0),
        (101325, "Pa", "pressure_hpa", 1013.25),
        (55, "%", "relative_humidity_share", 0.55),
        (2, "Nm3/s", "flow_m3_per_h", 7200.0),
        (25, "veh/15min", "flow_veh_per_h", 100.0),
    ],
)
def test_a_value_is_converted_to_the_unit_of_our_field(value, unit, field, ours):
    known = conversion(unit, field)
    assert value * known.factor + known.offset == pytest.approx(ours)


def test_a_share_of_volume_becomes_mass_by_the_molar_mass_and_the_state_of_the_gas():
    assert conversion("ppm", AMBIENT, "CO").factor == pytest.approx(28.010 / 24.465 * 1000)
    assert conversion("ppb", AMBIENT, "O3").factor == pytest.approx(1.962, abs=1e-3)
    assert conversion("ppm", STACK, "SO2").factor == pytest.approx(2.858, abs=1e-3)


def test_power_is_a_rate_and_energy_is_not():
    assert conversion("kW", "energy_kwh").is_rate
    assert not conversion("kWh", "energy_kwh").is_rate


@pytest.mark.parametrize(
    ("unit", "field", "pollutant", "message"),
    [
        ("furlong", "energy_kwh", "", "unit 'furlong' of energy_kwh is unknown; write one of kwh, wh"),
        ("ppb", AMBIENT, "PM2.5", "unit 'ppb' of PM2.5: expected a mass concentration"),
        ("ppb", "energy_kwh", "", "unit 'ppb' of energy_kwh is unknown"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused_with_those_that_do(unit, field, pollutant, message):
    with pytest.raises(InputError, match=message):
        conversion(unit, field, pollutant)
