"""Units that a file names itself."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.doubts.named_units import check_named_units
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import power_feed, region


def feed_with(heading: str, tmp_path, table: str = "power", **keys) -> Feed:
    field = "energy_kwh" if table == "power" else "concentration_ug_per_m3"
    given = {"format": "csv", "drop": "drop/{day}.csv", "columns": {heading: field}} | keys
    return read_feed(region(tmp_path, **{table: given}), table, f"{table}_reading")


def answer(heading: str, *values: str) -> DecodedAnswer:
    return DecodedAnswer({heading: pa.array(values or ["36"])}, max(len(values), 1), (heading,))


@pytest.mark.parametrize(
    ("heading", "unit", "ours"),
    [
        ("电量(MWh)", "MWh", "kwh"),
        ("有功功率（kW）", "kW", "kwh"),
        ("电量 (单位：万kWh)", "万kWh", "kwh"),
        ("energy [GJ]", "GJ", "kwh"),
        ("电量 有功 MWh", "MWh", "kwh"),
        ("load_kW", "kW", "kwh"),
    ],
)
def test_another_unit_in_a_heading_is_refused_until_it_is_declared(tmp_path, heading, unit, ours):
    what = rf"here: '.*' names the unit {unit}, and our energy_kwh is in {ours}; write energy_kwh = \"{unit}\" below"
    with pytest.raises(FeedError, match=what):
        check_named_units(answer(heading), feed_with(heading, tmp_path), "here")
    check_named_units(answer(heading), feed_with(heading, tmp_path, units={"energy_kwh": unit}), "here")
    check_named_units(answer(heading), feed_with(heading, tmp_path, factors={"energy_kwh": 1000.0}), "here")


@pytest.mark.parametrize(
    "heading", ["电量(kWh)", "电量", "kWh", "energy (active)", "用电量（度）", "Zählerstand (A+)", "P (f)"]
)
def test_our_unit_and_words_that_are_none_pass(tmp_path, heading):
    check_named_units(answer(heading), feed_with(heading, tmp_path), "here")


def test_a_unit_in_the_row_below_the_header_is_one_of_the_heading(tmp_path):
    with pytest.raises(FeedError, match="'电量' names the unit 万kWh"):
        check_named_units(answer("电量", "(万kWh)", "3.6", "3.7"), feed_with("电量", tmp_path), "here")
    check_named_units(answer("电量", "(kWh)", "3.6", "3.7"), feed_with("电量", tmp_path), "here")
    check_named_units(answer("电量", "--", "3.6", "3.7"), feed_with("电量", tmp_path), "here")


def test_a_single_letter_in_the_first_row_is_a_flag_and_no_unit(tmp_path):
    columns = {"T": "air_temperature_degc", "humidity %": "relative_humidity_share"}
    given = {"format": "csv", "drop": "drop/{day}.csv", "columns": columns}
    feed = read_feed(region(tmp_path, weather=given), "weather", "weather_reading")
    check_named_units(answer("T", "F", "21"), feed, "here")
    with pytest.raises(FeedError, match="'T' names the unit ℉"):
        check_named_units(answer("T", "℉", "70"), feed, "here")
    with pytest.raises(FeedError, match="'humidity %' names the unit %"):
        check_named_units(answer("humidity %", "70"), feed, "here")


def test_the_unit_of_pollutants_is_declared_by_pollutant(tmp_path):
    heading = "value (ppb)"
    feed = feed_with(heading, tmp_path, "air_quality")
    with pytest.raises(FeedError, match=r'such as SO2 = "ppb", below \[air_quality.pollutant_units\]'):
        check_named_units(answer(heading), feed, "here")
    declared = feed_with(heading, tmp_path, "air_quality", pollutant_units={"SO2": "ppb"})
    check_named_units(answer(heading), declared, "here")


def test_a_column_of_units_is_refused_until_it_is_declared_where_one_is_not_ours(tmp_path):
    def with_units(*units: str | None) -> DecodedAnswer:
        columns = {"value": pa.array(["36"] * len(units)), "unit": pa.array(units, pa.string())}
        return DecodedAnswer(columns, len(units), tuple(columns))

    feed = feed_with("value", tmp_path, "air_quality")
    with pytest.raises(FeedError, match=r"'unit' says ppb, and our .* is in ug/m3; write unit_column = \"unit\" below"):
        check_named_units(with_units("µg/m³", None, "ppb"), feed, "here")
    check_named_units(with_units("µg/m³", None, "AQI", ""), feed, "here")
    declared = feed_with("value", tmp_path, "air_quality", unit_column="unit")
    check_named_units(with_units("ppb"), declared, "here")


def test_the_pattern_of_a_wide_table_names_the_unit_of_its_cells(tmp_path):
    given = {"format": "csv", "drop": "drop/{day}.csv", "wide": "{pollutant_code}(mg/m³)"}
    feed = read_feed(region(tmp_path, air_quality=given), "air_quality", "air_quality_reading")
    with pytest.raises(FeedError, match="names the unit mg/m³"):
        check_named_units(answer("concentration_ug_per_m3"), feed, "here")


def test_our_own_names_name_no_unit():
    check_named_units(answer("kWh"), power_feed(), "here")
