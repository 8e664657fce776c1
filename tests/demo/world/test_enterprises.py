"""Simulated and real enterprises, and the errors between register and truth."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis import reference
from bigdata_emis.demo.plan import Size, find_size, read_shipped
from bigdata_emis.demo.world.activity import MEAN_OF_RHYTHM
from bigdata_emis.demo.world.areas import draw_areas
from bigdata_emis.demo.world.enterprises import (
    IndustryRegister,
    draw_industry,
    drift_sd,
    keep_regional_mass,
    split_error_sd,
)
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


PUBLISHED = {
    row["pollutant_code"]: row
    for row in reference.read("published_inventory").to_pylist()
    if row["inventory_name"] == "Zheng 2019"
}
INDUSTRY = ("stationary_combustion", "industrial_process")


def ordinary_year_t(seed: int, size: Size) -> pd.DataFrame:
    """Registered factors times the usual output of the lines that run, and the totals of areas: sector × pollutant."""
    industry, areas = draw_industry(seed, size), draw_areas(seed, size)
    line = industry.truth[~industry.truth["is_idle"]].set_index("production_line_id")
    year_t = line["capacity_per_h"] * line["utilisation_share"] * line["rhythm"].map(MEAN_OF_RHYTHM) * 8760
    factor = industry.emission_factor[industry.emission_factor["production_line_id"].isin(line.index)]
    net_g = factor["emission_factor_g_per_unit"] * (1 - factor["removal_share"])
    plants = pd.DataFrame(
        {
            "sector_code": factor["production_line_id"].map(line["sector_code"]),
            "pollutant_code": factor["pollutant_code"],
            "t": net_g * factor["production_line_id"].map(year_t) / 1e6,
        }
    )
    sector = areas.activity_area.set_index("activity_area_id")["sector_code"]
    annual = areas.area_emission_annual
    other = annual.assign(sector_code=annual["activity_area_id"].map(sector), t=annual["annual_emission_t"])
    return pd.concat([plants, other]).pivot_table(
        index="sector_code", columns="pollutant_code", values="t", aggfunc="sum", fill_value=0
    )


@pytest.mark.parametrize("seed", [1, 2, 20151219])
@pytest.mark.parametrize("size", ["tiny", "small"])
def test_an_ordinary_year_is_within_20_percent_of_the_published_inventory(seed, size):
    """Totals, industry and its share by pollutant; roads (a few per cent, of NOx) come on top."""
    year_t = ordinary_year_t(seed, find_size(size))
    for pollutant, published in PUBLISHED.items():
        industry_t, whole_t = year_t.loc[list(INDUSTRY), pollutant].sum(), year_t[pollutant].sum()
        assert industry_t == pytest.approx(published["annual_emission_t"], rel=0.2), pollutant
        assert whole_t == pytest.approx(published["annual_emission_t"] / published["total_share"], rel=0.2), pollutant
        assert industry_t / whole_t == pytest.approx(published["total_share"], rel=0.2), pollutant


def test_scaled_lines_make_the_output_of_the_region_and_their_names_say_how_many_plants_they_represent():
    industry = draw_industry(1, find_size("small"))
    kilns = industry.truth[industry.truth["industry_code"].eq("cement_clinker") & ~industry.truth["is_idle"]]
    year_mt = (kilns["capacity_per_h"] * kilns["utilisation_share"]).sum() * MEAN_OF_RHYTHM["continuous"] * 8760 / 1e6
    assert year_mt == pytest.approx(75, rel=1e-4)
    boilers = industry.enterprise[industry.enterprise["industry_code"].eq("industrial_boiler")]
    number = boilers["name_en"].str.extract(r"\(simulated, (\d+) plants\)")[0].astype(int)
    assert (number > 10).all()
    assert (boilers["source"] == "simulated; represents " + number.astype(str) + " plants").all()
    assert boilers["name_zh"].str.endswith("家）").all()


def test_steel_works_and_power_plants_keep_their_real_capacity_and_are_one_plant_each():
    industry = draw_industry(1, TINY)
    real = industry.enterprise[industry.enterprise["name_en"].str.contains("operation simulated")]
    assert len(real) == 122
    assert not real["name_en"].str.contains("plants").any()
    iron = industry.truth[industry.truth["industry_code"].eq("blast_furnace")]["capacity_per_h"].sum() * 8760 / 1e3
    works = read_shipped("steel_works.csv")
    integrated = works[works["process"] != "electric"]
    stated = integrated["blast_furnace_kt_per_a"].fillna(integrated["crude_steel_kt_per_a"]).sum()
    assert iron == pytest.approx(stated, rel=1e-4)


def test_every_class_of_the_regional_output_has_at_least_one_enterprise():
    classes = set(read_shipped("industry_output.csv")["industry_code"])
    for seed in (1, 2, 3):
        drawn = draw_industry(seed, TINY)
        assert classes <= set(drawn.enterprise["industry_code"])
        running = drawn.truth[~drawn.truth["is_idle"]]
        assert classes <= set(running["industry_code"])


def test_soot_and_organic_carbon_are_less_than_fine_particulate(industry):
    wide = industry.true_factors.pivot(
        index="production_line_id", columns="pollutant_code", values="net_factor_g_per_unit"
    )
    for part in ("BC", "OC"):
        pairs = wide[[part, "PM2.5"]].dropna()
        assert len(pairs) > 5
        assert (pairs[part] < pairs["PM2.5"]).all()


def test_carbon_remains_the_drawn_share_of_its_particulate_when_the_mass_of_the_region_is_kept(industry):
    """Particulate of a line and all its parts have one factor, which is at most three times the common one."""
    key, value = ["production_line_id", "pollutant_code"], "net_factor_g_per_unit"
    before, after = (one.true_factors.set_index(key)[value] for one in (industry, keep_regional_mass(industry)))
    ratio = (after / before).unstack()[["PM10", "PM2.5", "BC", "OC"]].dropna()
    assert len(ratio) > 5
    assert ratio.std(axis=1, ddof=0).to_numpy() == pytest.approx(0, abs=1e-12)
    assert ratio.to_numpy().max() / ratio.to_numpy().min() <= 9.0 + 1e-9


@pytest.mark.parametrize("seed", [1, 2])
def test_true_factors_err_by_class_but_not_in_the_mass_of_the_region(seed):
    industry = keep_regional_mass(draw_industry(seed, TINY))
    line = industry.truth[~industry.truth["is_idle"]].set_index("production_line_id")
    year_t = line["capacity_per_h"] * line["utilisation_share"] * line["rhythm"].map(MEAN_OF_RHYTHM)
    both = industry.emission_factor.merge(industry.true_factors, on=["production_line_id", "pollutant_code"])
    both = both[both["production_line_id"].isin(line.index)]
    mass = both["production_line_id"].map(year_t)
    registered = mass * both["emission_factor_g_per_unit"] * (1 - both["removal_share"])
    true = mass * both["net_factor_g_per_unit"]
    ratio = true.groupby(both["pollutant_code"]).sum() / registered.groupby(both["pollutant_code"]).sum()
    assert ratio[["SO2", "NOx", "CO", "VOCs", "PM10", "CO2"]].to_numpy() == pytest.approx(1)
    assert ratio[["BC", "OC"]].to_numpy() == pytest.approx(1, abs=0.01)
    assert ratio["PM2.5"] == pytest.approx(1, abs=0.25)
    boilers = both["production_line_id"].map(line["industry_code"]).eq("industrial_boiler") & both["pollutant_code"].eq(
        "NOx"
    )
    assert abs(true[boilers].sum() / registered[boilers].sum() - 1) > 0.01
