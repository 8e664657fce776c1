"""Road emission factors of a fleet at the knots of the speed correction."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.inventory.roads.road_factors import compute_road_factors
from bigdata_emis.schema.arrow import conform, empty
from tests.inventory.fleets.fleet_frames import ZONE, fleets_of
from tests.inventory.roads.guide_frames import DIESEL_IV, guide_of, shipped_guide

HOUR = datetime(2015, 12, 20, 4, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")
OLDER = {**DIESEL_IV, "emission_stage_code": "III"}
GUIDE = guide_of(
    road_base_emission_factor=[
        {**DIESEL_IV, "pollutant_code": "NOx", "base_emission_factor_g_per_km": 10.0},
        {**OLDER, "pollutant_code": "NOx", "base_emission_factor_g_per_km": 20.0},
    ],
    road_speed_correction=[
        {
            "fuel_code": "diesel",
            "emission_stage_code": "IV",
            "pollutant_code": "NOx",
            "centre_speed_km_per_h": 10.0,
            "speed_correction": 2.0,
        }
    ],
    road_temperature_correction=[
        {**DIESEL_IV, "pollutant_code": "NOx", "lower_temperature_degc": lower, "temperature_correction": correction}
        for lower, correction in ((-99.0, 1.2), (10.0, 1.0), (25.0, 1.3))
    ],
    road_humidity_correction=[
        {
            "fuel_code": "diesel",
            "pollutant_code": "NOx",
            "lower_temperature_degc": -99.0,
            "upper_temperature_degc": 99.0,
            "lower_humidity_share": lower,
            "humidity_correction": correction,
        }
        for lower, correction in ((0.0, 1.1), (0.5, 0.9))
    ],
    road_load_correction=[{**DIESEL_IV, "pollutant_code": "NOx", "load_share": 1.0, "load_correction": 1.4}],
)


def computed(fleet=((DIESEL_IV, 0.5),), *, temperature=15.0, humidity=0.5, hours=(HOUR,), guide=GUIDE, **options):
    """A fleet on a primary road: 10 g/km, 1.3 above 25 °C, 0.9 in damp air, 2.0 at 10 km/h."""
    mix = [
        {**vehicle, "road_class_code": "primary", "local_hour": hour, "fleet_share": share}
        for vehicle, share in fleet
        for hour in range(24)
    ]
    weather = pa.table(
        {
            "station_id": ["s"] * len(hours),
            "hour_utc": pa.array(hours, INSTANT),
            "air_temperature_degc": pa.array([temperature] * len(hours), pa.float64()),
            "relative_humidity_share": pa.array([humidity] * len(hours), pa.float64()),
        }
    )
    fleets = fleets_of(mix, hours=hours)
    return compute_road_factors(fleets, weather, guide, time_zone=ZONE, options=options)


def factors(*fleet, **changes):
    rows = computed(fleet or ((DIESEL_IV, 0.5),), **changes).rows().to_pylist()
    return {row["speed_km_per_h"]: row["emission_factor_g_per_km"] for row in rows}


def test_at_the_reference_state_the_factor_is_fleet_share_times_base_factor():
    assert factors()[30.0] == 5


def test_the_speed_correction_applies_at_its_knot():
    assert factors()[10.0] == 10


@pytest.mark.parametrize(
    ("temperature", "humidity", "correction"),
    [(25.0, 0.5, 1.0), (26.0, 0.5, 1.3), (9.0, 0.5, 1.2), (15.0, 0.6, 0.9), (15.0, 0.4, 1.1), (None, None, 1.0)],
    ids=["25 °C is mild", "hot", "cold", "damp", "dry", "no weather"],
)
def test_one_temperature_and_one_humidity_correction_apply(temperature, humidity, correction):
    assert factors(temperature=temperature, humidity=humidity)[30.0] == pytest.approx(5 * correction)


def test_the_load_of_the_region_multiplies_the_factor():
    assert factors(truck_load_share=1.0)[30.0] == pytest.approx(7)


def test_a_vehicle_that_is_not_on_the_road_has_no_row():
    assert factors((DIESEL_IV, 0.0)) == {}


def test_a_region_without_fleet_has_no_rows():
    fleet, weather = (empty(schema.table(name)) for name in ("fleet_mix", "weather_hourly"))
    result = compute_road_factors(fleets_of(fleet, hours=[HOUR]), weather, GUIDE, time_zone=ZONE, options={})
    assert result.rows().num_rows == 0
    assert result.segments().num_rows == 0


def test_each_row_says_where_its_corrections_are_from():
    (row,) = [r for r in computed(temperature=None).rows().to_pylist() if r["speed_km_per_h"] == 30.0]
    sources = {name.removesuffix("_source_code"): code for name, code in row.items() if name.endswith("_source_code")}
    assert sources == {
        "weather": "reference_state",
        "sulphur": "none",
        "deterioration": "none",
        "load": "reference_state",
        "altitude": "none",
        "fleet": "usual",
    }


def test_the_rows_fit_the_declared_table():
    """Seven pollutants at 15 speeds: those of the exhaust with BC and OC, 13 knots with 40 and 95 km/h of wear."""
    rows = computed(((DIESEL_IV, 0.5), (OLDER, 0.5)), guide=shipped_guide()).rows()
    assert conform(rows, schema.table("road_emission_factor_hourly")).num_rows == 2 * 7 * 15


def test_each_row_says_which_part_of_it_is_wear():
    """A heavy truck at 40 km/h: tyre 0.027 × 1.39, brake 0.032046 × 1.67, surface 0.038 g of PM10; half of the flow."""
    rows = {
        (row["pollutant_code"], row["speed_km_per_h"]): row
        for row in computed(guide=shipped_guide()).rows().to_pylist()
    }
    assert rows["PM10", 40.0]["wear_factor_g_per_km"] == pytest.approx(0.5 * (0.03753 + 0.05351682 + 0.038))
    assert rows["NOx", 40.0]["wear_factor_g_per_km"] == 0
    assert rows["PM10", 40.0]["emission_factor_g_per_km"] > rows["PM10", 40.0]["wear_factor_g_per_km"]


def test_carbon_is_its_share_of_the_exhaust_particulate_and_has_its_corrections():
    """Of the PM2.5 of a China IV heavy diesel 0.75 is BC and 0.15 OC; what wears is not organic."""
    rows = {
        (row["pollutant_code"], row["speed_km_per_h"]): row["emission_factor_g_per_km"] - row["wear_factor_g_per_km"]
        for row in computed(guide=shipped_guide(), diesel_sulphur_ppm=10, truck_load_share=1.0).rows().to_pylist()
    }
    assert rows["BC", 30.0] == pytest.approx(0.75 * rows["PM2.5", 30.0])
    assert rows["OC", 75.0] == pytest.approx(0.15 * rows["PM2.5", 75.0])


def test_an_electric_vehicle_has_wear_and_no_exhaust():
    """A car at 30 km/h: 0.00642 × 1.39 + 0.00735 × 1.67 + 0.0075 g/km of PM10, half of the flow."""
    electric = {"vehicle_class_code": "LPV_mini_small", "fuel_code": "electric", "emission_stage_code": "VI"}
    rows = computed(((electric, 0.5),), guide=shipped_guide()).rows().to_pylist()
    assert {row["pollutant_code"] for row in rows} == {"PM10", "PM2.5", "BC"}
    (pm10,) = [r for r in rows if (r["pollutant_code"], r["speed_km_per_h"]) == ("PM10", 30.0)]
    assert pm10["emission_factor_g_per_km"] == pytest.approx(0.5 * 0.0286983)


def test_the_corrections_of_the_state_are_those_of_the_local_day():
    """Diesel goes from 350 to 50 ppm at local midnight of 2015: 0.84 of the NOx of China IV."""
    last_hour = datetime(2014, 12, 31, 15, tzinfo=UTC)
    rows = computed(hours=(last_hour, last_hour + timedelta(hours=1)), guide=shipped_guide()).rows().to_pylist()
    before, after = (
        row["emission_factor_g_per_km"]
        for row in rows
        if row["pollutant_code"] == "NOx" and row["speed_km_per_h"] == 30.0
    )
    assert after / before == pytest.approx(0.84)


def test_a_segment_has_the_factors_of_one_vehicle_at_both_ends():
    (row,) = computed().segments().to_pylist()
    assert (row["lower_speed_km_per_h"], row["upper_speed_km_per_h"], row["segment"]) == (10.0, 30.0, 0)
    assert row["lower_emission_factor_g_per_km_NOx"] == 20
    assert row["upper_emission_factor_g_per_km_NOx"] == 10
    assert (row["fleet_share"], row["is_reference_state"]) == (0.5, False)


def test_the_whole_fleet_has_the_sum_of_share_times_factor():
    of_fleet = computed(((DIESEL_IV, 0.25), (OLDER, 0.75))).of_fleet()
    assert of_fleet.shape == (1, 1, 1, 2)  # road classes, hours, pollutants, knots (10 and 30 km/h)
    assert of_fleet[0, 0, 0].tolist() == [pytest.approx(0.25 * 20 + 0.75 * 20), pytest.approx(0.25 * 10 + 0.75 * 20)]
