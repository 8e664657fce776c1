"""The measured region of the package: registry, feeds and hourly files agree with each other."""

from datetime import UTC, datetime

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from bigdata_emis.collect.register import register
from bigdata_emis.context import Context
from bigdata_emis.region import load_region
from bigdata_emis.window import day_window, parse_day

YEARS = (2017, 2018, 2019)


@pytest.fixture(scope="module")
def region():
    return load_region("nys")


@pytest.fixture(scope="module")
def registry(region):
    now = datetime(2019, 12, 31, tzinfo=UTC)
    return register(
        context=Context(region, day_window(parse_day("2019-07-20"), region.time_zone), now, "test", store=None)
    )


def test_every_unit_has_one_generation_meter_and_a_factor_of_each_pollutant(registry):
    lines = set(registry["production_line"]["production_line_id"].to_pylist())
    assert sorted(registry["meter"]["production_line_id"].to_pylist()) == sorted(lines)
    factors = registry["emission_factor"]
    pairs = set(zip(factors["production_line_id"].to_pylist(), factors["pollutant_code"].to_pylist(), strict=True))
    assert pairs == {(line, pollutant) for line in lines for pollutant in ("SO2", "NOx", "CO2")}


def test_a_factor_of_a_class_has_less_confidence_than_one_of_the_unit(registry):
    for row in registry["emission_factor"].to_pylist():
        assert row["confidence"] == (0.8 if row["source"].endswith("this unit") else 0.4)


@pytest.mark.parametrize("year", YEARS)
def test_hourly_files_name_registered_units_only_and_each_hour_once(region, registry, year):
    hours = pq.read_table(region.folder / "data" / f"thermal_{year}.parquet")
    named = set(pc.unique(hours["production_line_id"]).to_pylist())
    assert named <= set(registry["production_line"]["production_line_id"].to_pylist())
    keys = hours.group_by(["production_line_id", "hour_utc"]).aggregate([([], "count_all")])
    assert keys.num_rows == hours.num_rows


def test_hourly_files_are_small(region):
    assert sum(path.stat().st_size for path in (region.folder / "data").iterdir()) < 5_000_000
