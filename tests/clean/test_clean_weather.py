"""Station weather: smooth variables over short gaps, and humidity from the dew point."""

from bigdata_emis.clean.clean_weather import clean_weather, clean_weather_rows
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from tests.clean.reading_frames import checked, context, frame, grid, hour, ids, table

MESSAGES = [
    {"hour_utc": hour(0), "air_temperature_degc": 10.0, "dew_point_degc": 10.0, "wind_direction_code": "NE"},
    {"hour_utc": hour(2), "air_temperature_degc": 20.0, "relative_humidity_share": 0.5, "precipitation_mm": 1.0},
    {"hour_utc": hour(3), "air_temperature_degc": 99.0},
]
ROWS = [{"station_id": "p", **message} for message in MESSAGES]
NAMES = ("air_temperature_degc", "relative_humidity_share", "wind_direction_code", "precipitation_mm", "flag_codes")
EXPECTED = [(10.0, 1.0, "NE", None, []), (15.0, None, None, None, ["gap"]), (20.0, 0.5, None, 1.0, [])]


def values(hourly):
    return [tuple(row[name] for name in NAMES) for row in hourly]


def test_air_at_its_dew_point_is_saturated_and_only_smooth_variables_are_interpolated():
    rules = compile_rules("weather_reading", registered={"station_id": ["p"]}, filled=())
    results = clean_weather_rows(table("weather_reading", ROWS), rules=rules, grid=grid(), options=CleaningOptions())
    hourly, quarantined = checked(dict(zip(("weather_hourly", "weather_quarantine"), results, strict=True)), 3)
    assert values(hourly) == EXPECTED
    assert [row["reason_codes"] for row in quarantined] == [["out_of_bounds"]]


def test_the_stage_gives_both_declared_tables(spark):
    result = clean_weather(frame(spark, "weather_reading", ROWS), ids(spark, "station_id", "p"), context=context())
    assert values(checked(result, 3)[0]) == EXPECTED
