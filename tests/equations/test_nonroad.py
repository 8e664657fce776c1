"""Emission of machines and fuel of ships on paper."""

import pytest

from bigdata_emis.equations import nonroad


def test_emission_of_ten_excavators_of_stage_ii():
    """10 × 120 kW × 0.65 × 1,000 h = 780,000 kWh; at the limit of 6 g/kWh of NOx 4.68 t."""
    emission = nonroad.annual_emission_t(
        10, 120.0, load_factor_share=0.65, working_h=1000.0, emission_factor_g_per_kwh=6.0
    )
    assert emission == pytest.approx(4.68)


def test_shore_power_replaces_auxiliary_engines_and_not_boilers():
    """500 kg/h × (1 − 0.4) + 100 kg/h."""
    assert nonroad.berth_fuel_kg_per_h(500.0, 100.0, shore_power_share=0.4) == pytest.approx(400.0)
    assert nonroad.berth_fuel_kg_per_h(500.0, 100.0, shore_power_share=1.0) == pytest.approx(100.0)


def test_fuel_of_ten_thousand_berth_hours():
    assert nonroad.annual_fuel_t(10_000.0, 400.0) == pytest.approx(4_000.0)
