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


def test_dust_of_a_surface_that_may_be_wet_is_the_expectation_of_both_states():
    assert equations.dust_remaining_share(0.0, 0.5) == 0.5
    assert equations.dust_remaining_share(0.3, 0.8) == pytest.approx(0.8 * 0.3 + 0.2)
    assert equations.dust_remaining_share(0.3, 1.0) == 0.3


def test_a_usual_wet_day_has_rain_in_a_quarter_of_its_hours():
    assert equations.usual_dust_remaining_share(0.0, 1.0, 0.0) == 0.75  # AP-42: a wet day takes a quarter
    assert equations.usual_dust_remaining_share(0.0, 1.0, 1.0) == 0.0  # the guide: no dust on a wet day
    assert equations.usual_dust_remaining_share(0.3, 0.8, 0.5) == pytest.approx(0.3 + 0.7 * (0.25 * 0.2 + 0.75 * 0.5))


@pytest.mark.parametrize(("wet_days", "remaining"), [(0.5, 0.0), (0.5, 0.3), (0.1, 0.425), (0.5, 1.0)])
def test_a_month_of_usual_wet_and_dry_days_keeps_its_mass(wet_days, remaining):
    wet, dry = (equations.wetness_ratio(part, wet_days, remaining) for part in (remaining, 1.0))
    assert wet_days * wet + (1 - wet_days) * dry == pytest.approx(1.0)
    assert wet <= 1 <= dry


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
