"""Simulated and real enterprises, and the errors between register and truth."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.plan import find_size
from bigdata_emis.demo.world.enterprises import IndustryRegister, draw_industry, drift_sd, split_error_sd
from tests.demo.builders import TINY


@pytest.fixture(scope="module")
def industry() -> IndustryRegister:
    return draw_industry(1, TINY)


def test_drawn_enterprises_are_called_simulated_and_real_ones_have_simulated_operation(industry):
    names = industry.enterprise[["name_en", "name_zh"]]
    assert names["name_en"].str.contains("simulated").all()
    assert names["name_zh"].str.contains("模拟").all()
    assert industry.enterprise["source"].str.contains("simulated").all()


def test_works_with_a_real_name_always_comply_and_are_never_idle(industry):
    real = industry.truth[industry.truth["is_real"]]
    assert set(real["compliance"]) == {"complies"}
    assert not real["is_idle"].any()


def test_a_power_plant_has_the_coal_of_its_capacity(industry):
    enterprise = industry.enterprise[industry.enterprise["name_en"].str.startswith("Beijing - Shijingshan")]
    (line,) = industry.production_line.merge(enterprise[["enterprise_id"]], on="enterprise_id").to_dict("records")
    assert line["industry_code"] == "coal_power"
    assert line["reference_energy_kwh"] == pytest.approx(880_000)
    assert line["capacity_per_h"] == pytest.approx(880_000 / 3100, abs=1e-3)


def test_registry_and_truth_differ_by_the_stated_errors():
    industry = draw_industry(1, find_size("small"))
    error = np.log(industry.truth["base_load_share"] / industry.production_line["base_load_share"])
    assert 0.15 < error.std() < 0.25
    registered = industry.emission_factor
    net = registered["emission_factor_g_per_unit"] * (1 - registered["removal_share"])
    ratio = industry.true_factors["net_factor_g_per_unit"] / net
    assert 0.2 < np.log(ratio).std() < 0.9


def test_true_fine_particulate_is_less_than_particulate(industry):
    wide = industry.true_factors.pivot(
        index="production_line_id", columns="pollutant_code", values="net_factor_g_per_unit"
    )
    pairs = wide[["PM2.5", "PM10"]].dropna()
    assert len(pairs) > 100
    assert (pairs["PM2.5"] < pairs["PM10"]).all()


def test_class_error_line_error_and_drift_together_are_the_stated_error():
    stated = np.array([0.05, 0.2, 0.8])
    drift = drift_sd(pd.Series(["CO2", "NOx", "VOCs"]))
    shared, own = split_error_sd(stated, drift)
    assert drift.tolist() == [0.02, 0.1, 0.1]
    assert np.log1p(shared**2) + np.log1p(own**2) + drift**2 == pytest.approx(np.log1p(stated**2))
    assert np.log1p(shared**2) == pytest.approx(np.log1p(stated**2) / 2)
