"""True emission of simulated road links."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis import reference
from bigdata_emis.demo.truth.traffic_truth import (
    SpeedCurve,
    TrueFleet,
    _draw_true_factors,
    day_link_emission,
    draw_true_fleet,
)
from bigdata_emis.demo.world.roads import fleet_mix

CURVE = SpeedCurve("NOx", np.array([10.0, 30.0, 60.0]), np.array([1.6, 1.0, 0.7]))
KIND = ["vehicle_class_code", "fuel_code", "emission_stage_code", "pollutant_code"]
LINKS = pd.DataFrame({"road_class_code": ["motorway"], "length_km": [3.0]})


def fleet_of(**changes: object) -> TrueFleet:
    """One class of vehicles with 2 g of NOx a kilometre, which emits half as much again below 10 degrees."""
    parts: dict[str, object] = {
        "road_classes": ("motorway",),
        "class_row": np.zeros(24, dtype=np.int64),
        "local_hour": np.arange(24),
        "factor_g_per_km": np.full(24, 2.0),
        "temperature": np.tile([1.5, 1.0, 1.0], (24, 1)),
        "humidity": np.ones((24, 4)),
        "curve_row": np.zeros(24, dtype=np.int64),
        "curves": (CURVE,),
        "vapour_g_per_h": np.full((1, 24), 6.0),
        "carbon_share": {},
        "slow_wear_g_per_km": {},
        "fast_wear_g_per_km": {},
    }
    return TrueFleet(**{**parts, **changes})


def weather_of(temperature: list[float], humidity_share: float = 0.5) -> pd.DataFrame:
    return pd.DataFrame(
        {"local_hour": np.arange(24), "air_temperature_degc": temperature, "relative_humidity_share": humidity_share}
    )


def emission_g(fleet: TrueFleet, weather: pd.DataFrame) -> np.ndarray:
    speed = np.full((1, 24), 30.0)
    speed[0, 1] = 60.0
    flow = np.full((1, 24), 100.0)
    return day_link_emission(fleet, LINKS, speed_km_per_h=speed, flow_veh_per_h=flow, weather=weather)["NOx"][0]


def test_emission_is_flow_times_length_times_factor_with_corrections_of_speed_and_temperature():
    grams = emission_g(fleet_of(), weather_of([15.0] * 23 + [5.0]))
    assert grams[[0, 1, 23]] == pytest.approx([600, 420, 900])


def test_petrol_evaporates_by_the_time_on_the_link():
    """300 vehicle-kilometres at 30 km/h are 10 hours of driving, at 6 g of VOCs an hour; no slower than 4 km/h."""
    weather, flow = weather_of([15.0] * 24), np.full((1, 24), 100.0)
    speed = np.full((1, 24), 30.0)
    speed[0, 1] = 1.0
    emission = day_link_emission(fleet_of(), LINKS, speed_km_per_h=speed, flow_veh_per_h=flow, weather=weather)
    assert emission["VOCs"][0, :2] == pytest.approx([60, 450])


def test_what_wears_changes_with_speed_between_40_and_90_km_per_h():
    """300 vehicle-kilometres: 0.03 g/km when slow, 0.02 g/km at 65 km/h, 0.01 g/km when fast."""
    wear = {
        "slow_wear_g_per_km": {"PM10": np.full((1, 24), 0.03)},
        "fast_wear_g_per_km": {"PM10": np.full((1, 24), 0.01)},
    }
    speed = np.full((1, 24), 30.0)
    speed[0, 1:3] = 65.0, 120.0
    given = {"flow_veh_per_h": np.full((1, 24), 100.0), "weather": weather_of([15.0] * 24)}
    emission = day_link_emission(fleet_of(**wear), LINKS, speed_km_per_h=speed, **given)
    assert emission["PM10"][0, :3] == pytest.approx([9.0, 6.0, 3.0])


def test_carbon_is_a_share_of_the_exhaust_particulate():
    """300 vehicle-kilometres at 30 km/h with 2 g of PM2.5: half of it black carbon."""
    curve = SpeedCurve("PM2.5", CURVE.knots_km_per_h, CURVE.factors)
    fleet = fleet_of(curves=(curve,), carbon_share={"BC": np.full(24, 0.5)})
    speed, flow = np.full((1, 24), 30.0), np.full((1, 24), 100.0)
    emission = day_link_emission(
        fleet, LINKS, speed_km_per_h=speed, flow_veh_per_h=flow, weather=weather_of([15.0] * 24)
    )
    assert (emission["PM2.5"][0, 0], emission["BC"][0, 0]) == (pytest.approx(600), pytest.approx(300))


def test_the_true_wear_and_carbon_have_hidden_errors_and_are_of_every_road_class():
    fleets = [draw_true_fleet(seed, fleet_mix()) for seed in range(2)]
    assert set(fleets[0].slow_wear_g_per_km) == {"PM10", "PM2.5", "BC"}
    slow, fast = fleets[0].slow_wear_g_per_km["PM10"], fleets[0].fast_wear_g_per_km["PM10"]
    assert slow.shape == (4, 24)
    assert (slow > fast).all()
    assert ((slow > 0.01) & (slow < 0.2)).all()
    assert slow != pytest.approx(fleets[1].slow_wear_g_per_km["PM10"])
    assert set(np.unique(fleets[0].carbon_share["BC"] > 0)) == {False, True}


def test_the_true_vapour_is_that_of_petrol_vehicles_with_a_hidden_error():
    """Four fifths of the vehicles burn petrol or fewer; the shipped centre is 11 g an hour."""
    by_seed = [draw_true_fleet(seed, fleet_mix()).vapour_g_per_h for seed in range(3)]
    assert all(vapour.shape == (4, 24) for vapour in by_seed)
    assert all(((vapour > 1) & (vapour < 18)).all() for vapour in by_seed)
    assert by_seed[0] != pytest.approx(by_seed[1])


@pytest.mark.parametrize(
    ("temperature", "humidity_share", "column"), [(20.0, 0.4, 0), (20.0, 0.5, 1), (24.0, 0.4, 2), (30.0, 0.9, 3)]
)
def test_humidity_has_a_dry_and_a_humid_bin_below_and_above_24_degrees(temperature, humidity_share, column):
    fleet = fleet_of(temperature=np.ones((24, 3)), humidity=np.tile([1.0, 2.0, 3.0, 4.0], (24, 1)))
    grams = emission_g(fleet, weather_of([temperature] * 24, humidity_share))
    assert grams[0] == pytest.approx(600 * (column + 1))


def test_the_true_vehicles_have_the_fuel_of_2015_and_worn_taxis():
    """Beside the guide at its reference state, as a mean over the drawn errors of 40 fleets."""
    base = reference.read("road_base_emission_factor").to_pandas().set_index(KIND)["base_emission_factor_g_per_km"]
    fleets = [_draw_true_factors(np.random.default_rng(seed), fleet_mix()) for seed in range(40)]
    true = pd.concat(fleets).groupby(KIND)["true_factor"].mean() / base
    assert true["HeavyT", "diesel", "IV", "PM2.5"] == pytest.approx(0.58, rel=0.15)
    assert true["TAXI", "gasoline", "IV", "NOx"] == pytest.approx(1.6, rel=0.15)
    assert true["LPV_mini_small", "gasoline", "IV", "NOx"] == pytest.approx(1.0, rel=0.15)


def test_the_true_fleet_is_near_the_registered_one_and_has_every_correction():
    fleet = draw_true_fleet(1, fleet_mix())
    assert fleet.road_classes == ("motorway", "primary", "secondary", "trunk")
    assert not np.isnan(fleet.temperature).any()
    assert not np.isnan(fleet.humidity).any()
    assert fleet.curve_row.max() == len(fleet.curves) - 1
    curve = fleet.curves[0]
    assert np.interp(30.0, curve.knots_km_per_h, curve.factors) == 1
    assert (np.diff(curve.knots_km_per_h) > 0).all()
