"""Wear by vehicle and process: the default factors of the guidebook, by speed and load."""

import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.roads.parts.wear_factors import PROCESSES, has_exhaust, wear_factors, wear_knots

CAR, TRUCK = ("LPV_mini_small", "gasoline", "IV"), ("HeavyT", "diesel", "IV")
FACTORS, SPEEDS = reference.read("road_wear_factor"), reference.read("road_wear_speed_correction")
TYRE, BRAKE, SURFACE = range(3)


def worn(vehicle, pollutant="PM10", *, speed=30.0, **options):
    """Tyre, brake and surface wear of one vehicle, g/km."""
    table = wear_factors(FACTORS, SPEEDS, [vehicle], [pollutant], knots_km_per_h=[speed], options=options)
    return table[:, 0, 0, 0].tolist()


def test_the_knots_are_the_speeds_where_a_correction_changes_its_slope():
    assert wear_knots(SPEEDS) == (40.0, 90.0, 95.0)
    assert [str(process) for process in PROCESSES] == ["tyre_wear", "brake_wear", "road_surface_wear"]


def test_a_car_at_80_km_per_h_wears_its_tyres_as_the_default_factor_says():
    """10.7 mg of particulate a kilometre, 0.6 of it PM10; the correction is 1.39 − 0.488 × 40 ÷ 50 = 0.9996."""
    assert worn(CAR, speed=80.0)[TYRE] == pytest.approx(0.0107 * 0.6 * 0.9996)
    assert worn(CAR, "PM2.5", speed=80.0)[TYRE] == pytest.approx(0.0107 * 0.42 * 0.9996)


def test_the_load_of_the_region_changes_the_wear_of_heavy_vehicles_alone():
    """Empty: 1.41 ÷ 2.10 of the tyres and 1 ÷ 1.395 of the brakes at half load; the road surface as before."""
    half, empty = worn(TRUCK), worn(TRUCK, truck_load_share=0.0)
    ratios = [e / h for e, h in zip(empty, half, strict=True)]
    assert ratios == [pytest.approx(1.41 / 2.10), pytest.approx(1 / 1.395), 1.0]
    assert worn(CAR, truck_load_share=0.0) == worn(CAR)
    assert worn(TRUCK, truck_load_share=0.5) == half


def test_wear_depends_on_the_class_and_not_on_fuel_or_stage():
    assert worn(("LPV_mini_small", "electric", "VI")) == worn(CAR)
    assert (has_exhaust("electric"), has_exhaust("diesel")) == (False, True)


def test_gases_and_unknown_classes_have_no_wear():
    assert worn(CAR, "NOx") == [0.0, 0.0, 0.0]
    assert worn(("tram", "electric", "VI")) == [0.0, 0.0, 0.0]


def test_every_class_of_the_guide_has_every_process():
    classes = set(reference.read("road_base_emission_factor")["vehicle_class_code"].to_pylist())
    for vehicle_class in classes:
        assert all(value > 0 for value in worn((vehicle_class, "diesel", "IV")))
