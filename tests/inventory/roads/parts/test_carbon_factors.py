"""Black and organic carbon as shares of the exhaust particulate of each vehicle."""

import numpy as np
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.roads.parts.carbon_factors import add_carbon, carbon_pollutants

SHARES = reference.read("road_carbon_share")
CAR, TRUCK, BUS = ("LPV_mini_small", "gasoline", "IV"), ("HeavyT", "diesel", "III"), ("BUS", "gas", "IV")
POLLUTANTS = ["BC", "NOx", "OC", "PM2.5"]


def added(vehicle, pollutants=POLLUTANTS):
    """The exhaust of one vehicle in one hour at one speed: 2 g/km of each pollutant but carbon."""
    exhaust = np.array([0.0 if p in ("BC", "OC") else 2.0 for p in pollutants]).reshape(1, 1, -1, 1)
    return dict(zip(pollutants, add_carbon(exhaust, SHARES, [vehicle], pollutants).ravel().tolist(), strict=True))


def test_a_china_iii_heavy_truck_emits_seven_tenths_of_its_particulate_as_black_carbon():
    """Organic matter is 0.21 of it; carbon is four fifths of that."""
    assert added(TRUCK) == {"BC": pytest.approx(1.4), "NOx": 2.0, "OC": pytest.approx(0.336), "PM2.5": 2.0}


def test_petrol_cars_have_less_black_and_more_organic_carbon():
    assert (added(CAR)["BC"], added(CAR)["OC"]) == (pytest.approx(0.3), pytest.approx(0.72))


def test_a_vehicle_without_a_share_has_no_carbon():
    assert (added(BUS)["BC"], added(BUS)["OC"]) == (0.0, 0.0)


def test_without_particulate_there_is_no_carbon():
    assert added(TRUCK, ["BC", "NOx"]) == {"BC": 0.0, "NOx": 2.0}


def test_carbon_is_never_more_than_the_particulate_that_it_is_a_share_of():
    """Organic matter weighs 1.25 times its carbon."""
    assert carbon_pollutants(SHARES) == {"BC", "OC"}
    vehicles = {
        tuple(row[name] for name in ("vehicle_class_code", "fuel_code", "emission_stage_code"))
        for row in SHARES.to_pylist()
    }
    assert max(added(vehicle)["BC"] + 1.25 * added(vehicle)["OC"] for vehicle in vehicles) <= 2.0 + 1e-9
