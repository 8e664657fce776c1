"""Which value has which unit."""

from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.shapes.unit_factors import in_our_units
from bigdata_emis.errors import InputError
from tests.collect.feed_builders import power_feed, region

AIR = {"pollutant_code": pa.array(["CO", "PM2.5"]), "concentration_ug_per_m3": pa.array([1.2, 35.0])}


def air_feed(tmp_path: Any, **keys: Any) -> Feed:
    declared = {"format": "csv", "drop": "x.csv"} | keys
    return read_feed(region(tmp_path, air_quality=declared), "air_quality", "air_quality_reading")


def test_carbon_monoxide_may_come_in_another_unit_than_the_others(tmp_path):
    feed = air_feed(tmp_path, pollutant_units={"CO": "mg/m3"})
    assert in_our_units(AIR, {}, feed)["concentration_ug_per_m3"].to_pylist() == [1200.0, 35.0]


def test_each_row_may_name_its_unit(tmp_path):
    feed = air_feed(tmp_path, unit_column="unit")
    units = {"unit": pa.array(["ppm", "µg/m³"])}
    values = in_our_units(AIR, units, feed)["concentration_ug_per_m3"].to_pylist()
    assert values == pytest.approx([1.2 * 28.010 / 24.465 * 1000, 35.0])
    with pytest.raises(InputError, match="unit 'grains' of concentration_ug_per_m3 is unknown"):
        in_our_units(AIR, {"unit": pa.array(["grains", ""])}, feed)


def test_power_becomes_energy_over_the_length_of_its_interval():
    fields = {"energy_kwh": pa.array([100.0, 200.0]), "interval_min": pa.array([15.0, 60.0])}
    feed = power_feed(units={"energy_kwh": "kW"})
    assert in_our_units(fields, {}, feed)["energy_kwh"].to_pylist() == [25.0, 200.0]
    with pytest.raises(InputError, match="power is energy only with the length of its interval"):
        in_our_units({"energy_kwh": pa.array([1.0])}, {}, feed)


def test_factors_are_applied_to_what_the_units_give():
    fields = {"energy_kwh": pa.array([1.0])}
    feed = power_feed(units={"energy_kwh": "MWh"}, factors={"energy_kwh": 40})
    assert in_our_units(fields, {}, feed)["energy_kwh"].to_pylist() == [40000.0]
