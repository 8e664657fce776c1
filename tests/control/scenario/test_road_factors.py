"""Fleet-weighted road emission factors at the knots of the speed correction."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from bigdata_emis.control.scenario.road_factors import compute_road_emission_factors

HOUR = datetime(2015, 12, 20, 4, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")
VEHICLE = {"vehicle_class_code": "HeavyT", "fuel_code": "diesel", "emission_stage_code": "IV"}


def factors(*, fleet_share=0.5, temperature=15.0, humidity=0.5):
    """One vehicle with a base factor of 10 g/km; 1.3 above 25 °C, 0.9 in damp air, 2.0 at 10 km/h."""
    weather = pa.table(
        {
            "hour_utc": pa.array([HOUR], INSTANT),
            "air_temperature_degc": pa.array([temperature], pa.float64()),
            "relative_humidity_share": pa.array([humidity], pa.float64()),
        }
    )
    rows = compute_road_emission_factors(
        fleet_mix=pa.Table.from_pylist(
            [{**VEHICLE, "road_class_code": "primary", "local_hour": 12, "fleet_share": fleet_share}]
        ),
        weather_hourly=weather,
        base=pa.Table.from_pylist([{**VEHICLE, "pollutant_code": "NOx", "base_emission_factor_g_per_km": 10.0}]),
        speed=pa.Table.from_pylist(
            [
                {
                    "fuel_code": "diesel",
                    "emission_stage_code": "IV",
                    "pollutant_code": "NOx",
                    "centre_speed_km_per_h": 10.0,
                    "speed_correction": 2.0,
                }
            ]
        ),
        temperature=pa.Table.from_pylist(
            [
                {
                    "vehicle_class_code": "HeavyT",
                    "fuel_code": "diesel",
                    "pollutant_code": "NOx",
                    "lower_temperature_degc": lower,
                    "temperature_correction": correction,
                }
                for lower, correction in ((-99.0, 1.2), (10.0, 1.0), (25.0, 1.3))
            ]
        ),
        humidity=pa.Table.from_pylist(
            [
                {
                    "fuel_code": "diesel",
                    "pollutant_code": "NOx",
                    "lower_temperature_degc": -99.0,
                    "upper_temperature_degc": 99.0,
                    "lower_humidity_share": lower,
                    "humidity_correction": correction,
                }
                for lower, correction in ((0.0, 1.1), (0.5, 0.9))
            ]
        ),
        hours=[HOUR],
        time_zone="Asia/Shanghai",
    ).to_pylist()
    return {row["speed_km_per_h"]: row["emission_factor_g_per_km"] for row in rows}


def test_at_the_reference_state_the_factor_is_fleet_share_times_base_factor() -> None:
    assert factors()[30.0] == 5


def test_the_speed_correction_applies_at_its_knot() -> None:
    assert factors()[10.0] == 10


@pytest.mark.parametrize(
    ("temperature", "humidity", "correction"),
    [(25.0, 0.5, 1.0), (26.0, 0.5, 1.3), (9.0, 0.5, 1.2), (15.0, 0.6, 0.9), (15.0, 0.4, 1.1), (None, None, 1.0)],
    ids=["25 °C is mild", "hot", "cold", "damp", "dry", "no weather"],
)
def test_one_temperature_and_one_humidity_correction_apply(temperature, humidity, correction) -> None:
    assert factors(temperature=temperature, humidity=humidity)[30.0] == pytest.approx(5 * correction)


def test_a_vehicle_that_is_not_on_the_road_has_no_row() -> None:
    assert factors(fleet_share=0.0) == {}
