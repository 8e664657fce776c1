"""Weather ratios: values on paper, the direction of each effect, and mass conserved over usual weather."""

import numpy as np
import pytest

from bigdata_emis.equations import area_weather as equations


@pytest.mark.parametrize(("degc", "degree"), [(-2.0, 20.0), (18.0, 0.0), (25.0, 0.0)])
def test_heating_degrees_are_those_below_18_degrees(degc, degree):
    assert equations.heating_degree_degc(degc) == degree


def test_a_day_twice_as_cold_burns_nearly_twice_as_much_fuel():
    assert equations.heating_ratio(20.0, 20.0, 0.1) == 1.0
    assert equations.heating_ratio(41.0, 20.0, 0.1) == pytest.approx(0.1 + 0.9 * 2)
    assert equations.heating_ratio(41.0, 20.0, 1.0) == 1.0  # all of the fuel cooks


def test_one_cold_day_in_summer_does_not_multiply_the_emission():
    assert equations.heating_ratio(2.0, 0.01, 0.1) < 3


@pytest.mark.parametrize("seed", range(5))
def test_heating_conserves_the_mass_of_a_season_whose_mean_is_usual(seed):
    degc = np.random.default_rng(seed).normal(0.0, 6.0, 120)
    degree = equations.heating_degree_degc(degc)
    ratio = equations.heating_ratio(degree, degree.mean(), 0.25)
    assert ratio.mean() == pytest.approx(1.0, abs=1e-12)
    assert np.all(np.diff(ratio[np.argsort(degc)]) <= 0)


def test_wet_days_remove_dust_and_dry_days_take_it():
    precipitation = np.array([0.0, 0.2, 0.25, 30.0])  # half of the days are wet
    assert equations.wetness_ratio(precipitation, 0.5, 0.0) == pytest.approx([2, 2, 0, 0])
    assert equations.wetness_ratio(precipitation, 0.5, 0.3).mean() == pytest.approx(1.0)
    assert equations.wetness_ratio(precipitation, 0.5, 1.0) == pytest.approx([1, 1, 1, 1])


def test_ammonia_grows_with_warmth_and_wind():
    assert equations.temperature_ratio(10.0, 10.0, 44.8) == 1.0
    assert equations.temperature_ratio(20.0, 10.0, 1 / 0.0223) == pytest.approx(1.2498, abs=1e-4)
    assert equations.ventilation_ratio(5.0, 2.0, 1 / 0.0419) == pytest.approx(1.1339, abs=1e-4)


def test_bare_soil_erodes_by_the_cube_of_wind():
    assert equations.wind_erosion_ratio(4.0, 2.0, 3, 1.0) == 8.0
    assert equations.wind_erosion_ratio(0.0, 2.0, 3, 1.56) == 0.0
    wind = np.array([1.0, 2.0, 3.0])
    power = float(((wind / 2) ** 3).mean())
    assert equations.wind_erosion_ratio(wind, 2.0, 3, power).mean() == pytest.approx(1.0)
