"""Characteristics of units that need no stack monitor."""

import numpy as np
import pytest

from bigdata_emis.validate.avert.data import GJ_PER_MMBTU, read_year
from bigdata_emis.validate.avert.traits import derive_traits
from tests.validate.avert.unit_files import write_year


def test_traits_do_not_depend_on_measured_emission(tmp_path):
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
