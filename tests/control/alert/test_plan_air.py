"""Means of particles and their index, over any hours."""

from datetime import UTC, datetime, timedelta

import numpy as np

from bigdata_emis.control.alert.plan_air import LEAST_HOURS, PlanAir, plan_particles, standards_of

START = datetime(2024, 12, 18, tzinfo=UTC)


def air(**particles) -> PlanAir:
    count = len(next(iter(particles.values())))
    hours = tuple(START + timedelta(hours=k) for k in range(count))
    named = {name.replace("_", "."): np.array(values, float) for name, values in particles.items()}
    return PlanAir(named, standards_of(hours, time_zone="UTC", region_folder=None))


def test_the_index_of_a_day_is_that_of_its_mean() -> None:
    """12 h at 150 and 12 h at 80 are a mean of 115 ug/m3, an index of 150."""
    day = air(PM2_5=[150] * 12 + [80] * 12)
    assert day.day_index.tolist() == [150]
    assert (day.hourly_index[0], day.hourly_index[-1]) == (200, 107)


def test_the_worse_particle_decides() -> None:
    """PM10 of 420 ug/m3 is an index of 300."""
    assert air(PM2_5=[115] * 24, PM10=[420] * 24).day_index.tolist() == [300]


def test_a_quarter_of_a_day_may_be_missing() -> None:
    def with_missing(count: int) -> float:
        values = [115.0] * 24
        values[5 : 5 + count] = [np.nan] * count
        return float(air(PM2_5=values).day_index[0])

    assert with_missing(24 - LEAST_HOURS) == 150
    assert np.isnan(with_missing(25 - LEAST_HOURS))


def test_a_day_that_reaches_beyond_the_known_hours_has_no_index() -> None:
    values = [np.nan] * 2 + [115.0] * 24 + [np.nan] * 2
    assert np.isfinite(air(PM2_5=values).day_index).tolist() == [False, False, True, False, False]


def test_hours_of_dust_count_as_clean_and_coarse_dust_leaves_pm25() -> None:
    given = {"PM2.5": np.array([90.0, 90.0, 90.0]), "PM10": np.array([900.0, 200.0, 120.0])}
    counted = plan_particles(given, is_dust=np.array([True, False, False]), is_mixed=np.array([False, True, False]))
    assert counted["PM2.5"].tolist() == [0, 90, 90]
    assert counted["PM10"].tolist() == [0, 90, 120]


def test_a_standard_is_valid_on_its_own_days() -> None:
    hours = tuple(datetime(2026, 2, 27, tzinfo=UTC) + timedelta(hours=k) for k in range(96))
    (old, is_old), (new, is_new) = standards_of(hours, time_zone="UTC", region_folder=None)
    assert (old.rule_version, new.rule_version) == ("HJ633-2012", "HJ633-2026")
    assert (is_old.sum(), is_new.sum()) == (48, 48)
    assert not (is_old & is_new).any()
