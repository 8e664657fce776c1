"""Emission of machines on paper."""

import pytest

from bigdata_emis.equations import nonroad


def test_emission_of_ten_excavators_of_stage_ii():
    """10 × 120 kW × 0.65 × 1,000 h = 780,000 kWh; at the limit of 6 g/kWh of NOx 4.68 t."""
    emission = nonroad.annual_emission_t(
        10, 120.0, load_factor_share=0.65, working_h=1000.0, emission_factor_g_per_kwh=6.0
    )
    assert emission == pytest.approx(4.68)
