"""Keys of a feed that only make sense together."""

from typing import Any

import pytest

from bigdata_emis.collect.shapes.declared_shape import (
    check_declared_shape,
    concentration_field,
    interval_is_known,
    likely_value_field,
    trim_declared_names,
)
from bigdata_emis.errors import InputError


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"wide": "{station}"}, r'wide = "\{station\}": expected what the names of the columns are'),
        ({"wide": "value"}, "expected what the names of the columns are"),
        ({"wide": "{station_id}{pollutant_code}"}, "two parts of a name follow without a sign"),
        ({"wide": "{station_id}", "wide_value": "energy_kwh"}, "wide_value: expected a field of air_quality_reading"),
        ({"pollutant_units": {"CO": "furlong"}}, "unit 'furlong' .* is unknown"),
        ({"pollutant_units": {"XX": "mg/m3"}}, "'XX' is no pollutant; write one of SO2"),
        ({"units": {"energy_kwh": "kW"}}, "units.energy_kwh: expected a field of air_quality_reading"),
        ({"ignored": {"kind": ["x"]}}, "ignored.kind: expected a field"),
        ({"encoding": "klingon"}, 'encoding = "klingon": expected the name of a text encoding'),
        ({"encoding": "base64"}, "expected the name of a text encoding"),
        ({"shape": "campd"}, 'shape = "campd": expected the feed of stacks; write it below'),
        ({"separator": "::"}, "expected one character"),
        ({"time_columns": ["d", "h"], "columns": {"t": "hour_utc"}}, "hour_utc has a column in columns too"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused_in_one_line(keys: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message) as refusal:
        check_declared_shape(keys, "air_quality_reading", "feeds.toml, [air_quality]")
    assert str(refusal.value).startswith("feeds.toml, [air_quality]")


def test_a_table_with_several_values_asks_which_the_cells_are():
    with pytest.raises(InputError, match="weather_reading has several values; write which"):
        check_declared_shape({"wide": "{station_id}"}, "weather_reading", "here")
    assert likely_value_field("air_quality_reading") == "concentration_ug_per_m3"


def test_hours_of_standard_time_need_a_zone_without_summer_time():
    with pytest.raises(
        InputError, match='time_zone has summer time; write a zone without it, such as time_zone = "Etc'
    ):
        check_declared_shape({"shape": "campd", "time_zone": "America/New_York"}, "cems_reading", "here")
    check_declared_shape({"shape": "campd", "time_zone": "Etc/GMT+5"}, "cems_reading", "here")


def test_an_end_needs_the_length_of_its_interval():
    with pytest.raises(InputError, match="length of an interval is not known; write it, such as cadence_min"):
        check_declared_shape({"time_mark": "end"}, "traffic_reading", "here")
    assert interval_is_known({"cadence_min": 5}, "traffic_reading")
    assert interval_is_known({}, "cems_reading")


def test_pollutant_units_belong_to_a_table_of_pollutants():
    assert concentration_field("cems_reading") == "concentration_mg_per_m3"
    with pytest.raises(InputError, match="power_reading has no pollutants"):
        concentration_field("power_reading")


@pytest.mark.parametrize(
    ("file_format", "declared", "read_as"),
    [
        ("csv", ["energy (kWh) "], ["energy (kWh)"]),
        ("xlsx", ["\u3000电量"], ["电量"]),
        ("csv", ["电量\n(kWh)"], ["电量 (kWh)"]),
        ("json", ["kWh "], ["kWh "]),
        ("csv", ["kWh", "kWh "], ["kWh", "kWh "]),
    ],
)
def test_a_heading_is_declared_as_in_the_file_or_without_its_outer_blanks(
    file_format: str, declared: list[str], read_as: list[str]
) -> None:
    given = {"format": file_format, "columns": {name: f"field_{number}" for number, name in enumerate(declared)}}
    assert list(trim_declared_names(given)["columns"]) == read_as
