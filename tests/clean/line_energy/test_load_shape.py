"""Working energy, standby and night work."""

import numpy as np
import pytest

from bigdata_emis.clean.line_energy.load_shape import RatedLoads, derive_load_shape
from bigdata_emis.clean.line_energy.metered_energy import MeterReadings
from bigdata_emis.clean.line_energy.meters import assign_meters
from tests.clean.energy_frames import lines, meters, read_parameters, shares

PARAMETERS = read_parameters()
ONE_METER = assign_meters(meters(("m", "a", "production")), shares(), lines(a=100.0))


def shape(energy, *, elasticity=1.0, sd=0.0):
    """Line a of 100 kWh reference energy and a tenth of it as base load; the hours begin at midnight."""
    energy = np.array([energy], dtype=np.float64)
    recent = MeterReadings(energy, np.zeros(energy.shape, dtype=np.int64))
    return derive_load_shape(
        recent,
        ONE_METER,
        np.arange(energy.shape[1]) % 24,
        energy_kwh=energy,
        variance_kwh2=np.full(energy.shape, sd**2),
        loads=RatedLoads(np.array([100.0]), np.array([0.1]), np.array([elasticity])),
        parameters=PARAMETERS,
    )


def test_working_energy_is_what_exceeds_the_base_load_scaled_to_the_reference_energy():
    """(55 − 10) ÷ 0.9 = 50."""
    assert shape([100, 55, 10]).working_kwh[0] == pytest.approx([100, 50, 0])


def test_without_rated_loads_there_is_no_working_energy():
    assert np.isnan(shape([100], elasticity=np.nan).working_kwh).all()


def test_the_error_of_the_base_load_counts_as_far_as_the_line_does_not_work():
    """At full load 1 kWh ÷ 0.9; at half load also 20 % of the base load for the idle half."""
    deviation = shape([100, 55], sd=1.0).working_sd_kwh[0]
    assert deviation == pytest.approx([1 / 0.9, np.hypot(1, 0.2 * 10 * 0.5) / 0.9])


def test_a_line_that_seems_to_stop_may_work_a_little():
    """At the base load the lower bound is cut off at zero, so the whole difference to the upper one counts."""
    assert shape([10], sd=1.0).working_sd_kwh[0] == pytest.approx([np.hypot(1, 2) / 0.9])


def test_a_line_that_draws_power_up_to_its_base_load_and_a_margin_is_on_standby():
    assert shape([0, 10, 11, 11.1, 100]).is_standby.tolist() == [[False, True, True, False, False]]


def test_a_line_with_more_load_in_the_valley_hours_works_at_night():
    by_night = [100 if hour >= 22 or hour < 8 else 10 for hour in range(24)]
    assert shape(by_night).is_nightly.tolist() == [True]
    assert shape([50] * 24).is_nightly.tolist() == [False]


def test_too_few_hours_say_nothing_about_night_work():
    by_night = [100 if hour >= 22 or hour < 8 else np.nan for hour in range(24)]
    assert shape(by_night).is_nightly.tolist() == [False]
