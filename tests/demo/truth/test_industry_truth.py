"""True emission of simulated lines, and what their stack monitors read."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.plan import simulated_days
from bigdata_emis.demo.truth.industry_truth import day_stack_readings, draw_stacks, true_emission
from bigdata_emis.demo.world.enterprises import draw_industry
from bigdata_emis.window import HOURS_PER_DAY
from tests.demo.builders import TINY

HOURS = len(simulated_days()) * HOURS_PER_DAY
LINES = pd.DataFrame(
    {
        "production_line_id": ["L1"],
        "sector_code": ["industrial_process"],
        "gas_m3_per_unit": [2000.0],
        "capacity_per_h": [10.0],
        "stack_share": [1.0],
    }
)
FACTORS = pd.DataFrame(
    {"production_line_id": ["L1", "L1"], "pollutant_code": ["SO2", "CO2"], "net_factor_g_per_unit": [500.0, 9e5]}
)


def test_emission_is_activity_times_a_factor_that_drifts_around_its_mean():
    activity = np.full((1, HOURS), 4.0, dtype=np.float32)
    key, emission = true_emission(1, lines=LINES, true_factors=FACTORS, activity=activity)
    assert key["sector_code"].tolist() == ["industrial_process"] * 2
    assert emission.mean(axis=1) == pytest.approx([2000, 3.6e6], rel=0.06)
    assert np.log(emission).std(axis=1) == pytest.approx([0.1, 0.02], rel=0.35)


def test_no_line_truly_emits_more_fine_particulate_than_particulate():
    industry = draw_industry(3, TINY)
    activity = np.ones((len(industry.truth), HOURS), dtype=np.float32)
    key, emission = true_emission(3, lines=industry.truth, true_factors=industry.true_factors, activity=activity)
    fine, whole = (
        emission[key["pollutant_code"].eq(code)][np.argsort(key["line_row"][key["pollutant_code"].eq(code)])]
        for code in ("PM2.5", "PM10")
    )
    assert (fine < whole).all()
    shares = (fine / whole).mean(axis=1)
    assert 0.1 < shares.min() < shares.max() < 0.95


def test_a_line_without_stack_gas_has_no_monitor():
    lines = pd.concat([LINES, LINES.assign(gas_m3_per_unit=0.0)], ignore_index=True)
    assert draw_stacks(1, lines)["line_row"].tolist() == [0]


def test_an_outlet_is_as_high_and_wide_as_its_gas_at_full_capacity_needs():
    """20,000 m³/h: 25 m × 2 ** 0.4 = 33 m; at 90 °C 7.386 m³/s, √(4 × 7.386 ÷ (π × 15)) = 0.79 m."""
    (outlet,) = draw_stacks(1, LINES).to_dict("records")
    assert (outlet["stack_height_m"], outlet["stack_diameter_m"]) == (33.0, 0.79)
    assert (outlet["exit_temperature_degc"], outlet["exit_velocity_m_per_s"]) == (90.0, 15.0)


def test_outlets_of_many_plants_in_one_row_are_no_higher_than_a_chimney():
    (outlet,) = draw_stacks(1, LINES.assign(capacity_per_h=1e6)).to_dict("records")
    assert (outlet["stack_height_m"], outlet["stack_diameter_m"]) == (240.0, 12.0)


def test_a_monitor_reads_the_gas_of_the_activity_and_the_mass_in_it():
    activity = np.full((1, HOURS), 4.0, dtype=np.float32)
    key = FACTORS.iloc[:1].assign(line_row=0)
    readings = day_stack_readings(
        1,
        0,
        stacks=draw_stacks(1, LINES),
        lines=LINES,
        key=key,
        emission=np.full((1, HOURS), 2000.0, dtype=np.float32),
        activity=activity,
    )
    assert set(readings["pollutant_code"]) == {"SO2"}
    assert readings["flow_m3_per_h"].mean() == pytest.approx(8000, rel=0.04)
    assert readings["concentration_mg_per_m3"].mean() == pytest.approx(2000 * 1000 / 8000, rel=0.04)


def test_a_fan_runs_on_when_the_line_stops():
    readings = day_stack_readings(
        1,
        0,
        stacks=draw_stacks(1, LINES),
        lines=LINES,
        key=FACTORS.iloc[:1].assign(line_row=0),
        emission=np.zeros((1, HOURS), dtype=np.float32),
        activity=np.zeros((1, HOURS), dtype=np.float32),
    )
    assert readings["flow_m3_per_h"].mean() == pytest.approx(0.03 * 10 * 2000, rel=0.04)
    assert readings["concentration_mg_per_m3"].max() == 0
