"""Fuel sulphur, deterioration, load and altitude of a vehicle on a day, with values read in the guide's tables."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.inventory.roads.state_correction import state_corrections
from tests.inventory.roads.guide_frames import shipped_guide

POLLUTANTS = ["CO", "NOx", "PM2.5"]
TRUCK = ("HeavyT", "diesel", "IV")
CAR = ("LPV_mini_small", "gasoline", "III")
TAXI = ("TAXI", "gasoline", "IV")
GAS_BUS = ("BUS", "gas", "V")
IN_2015 = date(2015, 12, 20)
GUIDE = shipped_guide()


def corrected(name, vehicle, day=IN_2015, **options):
    """Factors of CO, NOx and PM2.5, and the origin."""
    correction = state_corrections(GUIDE, [vehicle], POLLUTANTS, day=day, options=options)[name]
    return correction.factors[0].tolist(), str(correction.sources[0])


@pytest.mark.parametrize(
    ("day", "factors"),
    [
        (date(2014, 12, 31), [1.0, 1.0, 1.0]),
        (date(2015, 1, 1), [0.81, 0.84, 0.57]),
        (date(2016, 12, 31), [0.81, 0.84, 0.57]),
        (date(2017, 1, 1), [0.78, 0.84, 0.56]),
        (date(2026, 11, 30), [0.78, 0.84, 0.56]),
    ],
    ids=["350 ppm", "50 ppm", "last day of 50 ppm", "10 ppm", "today"],
)
def test_a_diesel_truck_has_the_sulphur_limit_of_the_day(day, factors):
    assert corrected("sulphur", TRUCK, day) == (pytest.approx(factors), "table")


def test_the_sulphur_of_the_region_replaces_the_limit_and_is_interpolated_between_nodes():
    # Between 50 ppm (CO 0.81) and 150 ppm (CO 1.0).
    factors, source = corrected("sulphur", TRUCK, diesel_sulphur_ppm=100)
    assert factors == pytest.approx([0.905, 0.92, 0.785])
    assert source == "region"


def test_gasoline_and_diesel_have_each_their_own_sulphur():
    assert corrected("sulphur", CAR, gasoline_sulphur_ppm=150, diesel_sulphur_ppm=10)[0] == pytest.approx(
        [1.22, 1.09, 1.0]
    )


def test_a_day_before_the_first_limit_is_at_the_reference_state_and_says_so():
    assert corrected("sulphur", TRUCK, date(2008, 8, 8)) == ([1.0, 1.0, 1.0], "reference_state")


def test_gas_has_no_sulphur_correction():
    assert corrected("sulphur", GAS_BUS) == ([1.0, 1.0, 1.0], "none")


@pytest.mark.parametrize(
    ("day", "factors", "source"),
    [
        (date(2010, 6, 1), [1.0, 1.0, 1.0], "nearest_year"),
        (date(2014, 6, 1), [1.0, 1.0, 1.0], "table"),
        (date(2017, 6, 1), [1.34, 1.47, 1.0], "table"),
        (date(2018, 6, 1), [1.52, 1.6, 1.0], "table"),
        (date(2026, 6, 1), [1.52, 1.6, 1.0], "nearest_year"),
    ],
)
def test_a_gasoline_car_deteriorates_by_year_and_a_year_beyond_the_table_says_so(day, factors, source):
    assert corrected("deterioration", CAR, day) == (factors, source)


def test_a_taxi_deteriorates_faster_than_a_car_and_diesel_not_at_all():
    assert corrected("deterioration", TAXI)[0] == [1.62, 1.67, 1.0]
    assert corrected("deterioration", TRUCK) == ([1.0, 1.0, 1.0], "none")


@pytest.mark.parametrize(
    ("load", "factors"), [(0.0, [0.87, 0.83, 0.9]), (0.5, [1.0, 1.0, 1.0]), (1.0, [1.33, 1.43, 1.26])]
)
def test_the_load_of_trucks_is_that_of_the_region(load, factors):
    assert corrected("load", TRUCK, truck_load_share=load) == (pytest.approx(factors), "region")


def test_a_region_without_load_is_at_half_load_and_says_so_and_a_car_has_no_load():
    assert corrected("load", TRUCK) == ([1.0, 1.0, 1.0], "reference_state")
    assert corrected("load", CAR, truck_load_share=1.0) == ([1.0, 1.0, 1.0], "none")


@pytest.mark.parametrize(
    ("altitude", "factors"), [(1500, [1.0, 1.0, 1.0]), (1501, [2.46, 1.02, 1.0]), (3650, [2.46, 1.02, 1.0])]
)
def test_above_1500_m_a_heavy_truck_emits_more_but_no_more_particles(altitude, factors):
    assert corrected("altitude", TRUCK, altitude_m=altitude) == (factors, "region")


def test_a_region_without_altitude_is_at_the_reference_state_and_says_so():
    assert corrected("altitude", CAR) == ([1.0, 1.0, 1.0], "reference_state")


@given(first=st.floats(0, 800), second=st.floats(0, 800))
def test_cleaner_fuel_never_gives_more_particles(first, second):
    low, high = sorted((first, second))
    clean, dirty = (corrected("sulphur", TRUCK, diesel_sulphur_ppm=ppm)[0][2] for ppm in (low, high))
    assert clean <= dirty + 1e-12
