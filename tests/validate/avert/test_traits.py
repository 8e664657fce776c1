"""Characteristics of units that need no stack monitor."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.validate.avert.data import GJ_PER_MMBTU, read_year
from bigdata_emis.validate.avert.traits import derive_traits
from tests.validate.avert.unit_files import write_year


def test_traits_do_not_depend_on_measured_nitrogen_oxides(tmp_path):
    write_year(tmp_path, 2021, plants=3)
    write_year(tmp_path, 2022, plants=3, factor=7.0)
    first, second = (derive_traits(read_year(tmp_path, year)) for year in (2021, 2022))
    assert (first.power == second.power).all()
    assert (first.heat == second.heat).all()


def test_the_heat_rate_is_the_log_of_fuel_heat_over_generation(tmp_path):
    write_year(tmp_path, 2021, plants=1)
    heat = derive_traits(read_year(tmp_path, 2021)).heat
    assert np.exp(heat) == pytest.approx(10 * GJ_PER_MMBTU / 1000)


def test_the_two_units_of_a_plant_are_of_one_class(tmp_path):
    write_year(tmp_path, 2021, plants=2)
    traits = derive_traits(read_year(tmp_path, 2021))
    assert traits.plant.tolist() == [1000, 1000, 1001, 1001]
    assert traits.group[0] == traits.group[1] != traits.group[2]


def test_units_of_another_year_have_the_same_columns(tmp_path):
    write_year(tmp_path, 2021)
    write_year(tmp_path, 2022, plants=4)
    first = derive_traits(read_year(tmp_path, 2021))
    second = derive_traits(read_year(tmp_path, 2022), same_columns_as=first)
    assert second.power.shape == (8, first.power.shape[1])
    assert (second.regions, second.prefixes) == (first.regions, first.prefixes)


def test_the_carbon_of_the_fuel_is_its_co2_over_its_heat(tmp_path):
    """1 short ton of CO2 for 10 mmBtu are 86.0 kg/GJ: coal; a value beyond all fuels is cut."""
    write_year(tmp_path, 2021, plants=1)
    rows = pd.read_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    traits = derive_traits(read_year(tmp_path, 2021))
    column = 13
    assert np.exp(traits.power[:, column]) == pytest.approx(907.18474 / (10 * GJ_PER_MMBTU))
    rows.loc[rows["unit_code"] == "1", ["co2_ton_oz", "co2_ton_non"]] = 0.0
    rows.to_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    assert np.exp(derive_traits(read_year(tmp_path, 2021)).power[:, column])[0] == pytest.approx(30.0)


def test_traits_do_not_depend_on_measured_sulphur_dioxide(tmp_path):
    write_year(tmp_path, 2021, plants=3)
    first = derive_traits(read_year(tmp_path, 2021))
    rows = pd.read_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    rows[["so2_lb_oz", "so2_lb_non"]] *= 5
    rows.to_parquet(tmp_path / "unit_by_load_bin_2021.parquet")
    assert (derive_traits(read_year(tmp_path, 2021)).power == first.power).all()
