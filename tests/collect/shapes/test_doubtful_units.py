"""Values of another unit refuse a pass."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.shapes.doubtful_units import check_units
from tests.collect.feed_builders import power_feed, region


def air_feed(**keys: Any) -> Feed:
    declared = {"format": "csv", "drop": "x.csv"} | keys
    return read_feed(region(Path("region"), air_quality=declared), "air_quality", "air_quality_reading")


def carbon_monoxide(*values: float) -> pa.Table:
    return pa.table({"pollutant_code": ["CO"] * len(values), "concentration_ug_per_m3": [float(v) for v in values]})


def power(*values: float) -> pa.Table:
    return pa.table({"energy_kwh": [float(v) for v in values]})


@pytest.mark.parametrize("milligrams", [0.3, 1.2, 50])
def test_carbon_monoxide_below_clean_air_is_refused_until_its_unit_is_declared(milligrams):
    rows = carbon_monoxide(*[milligrams] * 24)
    with pytest.raises(UnusableAnswerError, match=r'CO = "mg/m3" below \[air_quality.pollutant_units\]'):
        check_units(rows, air_feed(), "here")
    check_units(rows, air_feed(pollutant_units={"CO": "ug/m3"}), "here")


def test_carbon_monoxide_of_a_city_and_a_few_zeros_pass():
    check_units(carbon_monoxide(0, 0, 0, 900, 1200, 700, 800, 400, 300), air_feed(), "here")
    check_units(carbon_monoxide(1.2, 1.3), air_feed(), "here")


def test_a_column_mostly_above_what_a_field_can_be_is_refused_with_the_unit_that_would_fit():
    with pytest.raises(
        UnusableAnswerError, match=r"24 of 24 values of 'kWh' are above 5000000; .* energy_kwh = \"wh\" below"
    ):
        check_units(power(*[3.6e7] * 24), power_feed(), "here")


def test_a_share_in_percent_is_refused_with_that_unit():
    declared = {"format": "csv", "drop": "x.csv", "columns": {"RH": "relative_humidity_share"}}
    feed = read_feed(region(Path("region"), weather=declared), "weather", "weather_reading")
    rows = pa.table({name: pa.nulls(24, pa.float64()) for name in feed.received_fields})
    position = rows.column_names.index("relative_humidity_share")
    for percent in (45.0, 98.0):
        humid = rows.set_column(position, "relative_humidity_share", pa.array([percent] * 24))
        with pytest.raises(UnusableAnswerError, match=r"'RH' are above 1; .* relative_humidity_share = \"%\" below"):
            check_units(humid, feed, "here")


def test_single_values_out_of_bounds_are_left_to_cleaning():
    check_units(power(*[3.6e7] * 4, *[36000.0] * 5), power_feed(), "here")
    check_units(power(*[-999.0] * 24), power_feed(), "here")


def test_a_forecast_of_pm25_in_milligrams_is_refused_until_its_unit_is_declared():
    """0.32 mg/m3 is red, and 0.32 µg/m3 is cleaner than any air."""

    def feed(**keys: Any) -> Feed:
        declared = {"format": "csv", "drop": "x.csv"} | keys
        return read_feed(region(Path("region"), forecast=declared), "forecast", "air_quality_forecast")

    columns = {"pollutant_code": ["PM2.5"] * 24, "concentration_ug_per_m3": [0.32] * 24}
    rows = pa.table(columns | {"wind_speed_m_per_s": pa.nulls(24, pa.float64())})
    with pytest.raises(UnusableAnswerError, match=r'"PM2.5" = "mg/m3" below \[forecast.pollutant_units\]'):
        check_units(rows, feed(), "here")
    check_units(rows, feed(pollutant_units={"PM2.5": "ug/m3"}), "here")


@pytest.mark.parametrize(
    ("pollutant", "value", "key"),
    [
        pytest.param("PM2.5", 0.035, r'"PM2.5" = "mg/m3" below', id="particles in mg/m3"),
        pytest.param("PM10", 0.6, r"PM10 = \"mg/m3\" below", id="a dust storm in mg/m3"),
        pytest.param("NO2", 0.02, r'NO2 = "mg/m3" \(or "ppm"\) below', id="nitrogen dioxide in ppm"),
        pytest.param("O3", 0.08, r'O3 = "mg/m3" \(or "ppm"\) below', id="ozone in mg/m3"),
        pytest.param("SO2", 0.004, r'SO2 = "mg/m3" \(or "ppm"\) below', id="sulphur dioxide in ppm"),
    ],
)
def test_what_is_lower_than_in_any_city_is_refused_until_its_unit_is_declared(pollutant, value, key):
    rows = carbon_monoxide(*[value] * 24).set_column(0, "pollutant_code", pa.array([pollutant] * 24))
    with pytest.raises(UnusableAnswerError, match=key):
        check_units(rows, air_feed(), "here")
    check_units(rows, air_feed(pollutant_units={pollutant: "mg/m3"}), "here")


def test_clean_air_passes():
    clean = {"PM2.5": 2.0, "PM10": 4.0, "NO2": 1.0, "O3": 3.0, "SO2": 0.5}
    for pollutant, value in clean.items():
        rows = carbon_monoxide(*[value] * 24).set_column(0, "pollutant_code", pa.array([pollutant] * 24))
        check_units(rows, air_feed(), "here")


def stack_rows(flow: float, content: float) -> pa.Table:
    names = ("concentration_mg_per_m3", "flow_m3_per_h", "emission_g")
    return pa.table(dict(zip(names, ([content] * 24, [flow] * 24, [None] * 24), strict=True)))


@pytest.mark.parametrize(("flow", "content"), [(55.0, 30.0), (20.0, 8.0)], ids=["m3/s", "10,000 m3/h"])
def test_a_flow_lower_than_that_of_any_stack_is_refused_until_its_unit_is_declared(flow, content):
    def feed(**keys: Any) -> Feed:
        return read_feed(region(Path("region"), cems={"format": "csv", "drop": "x.csv"} | keys), "cems", "cems_reading")

    with pytest.raises(UnusableAnswerError, match=r'flow_m3_per_h = "m3/s" \(or "万m3/h"\) below \[cems.units\]'):
        check_units(stack_rows(flow, content), feed(), "here")
    check_units(stack_rows(flow, content), feed(units={"flow_m3_per_h": "m3/h"}), "here")
    check_units(stack_rows(flow, content), feed(factors={"flow_m3_per_h": 10000.0}), "here")
    check_units(stack_rows(1500.0, content), feed(), "here")
    check_units(stack_rows(flow, 0.5), feed(), "here")
