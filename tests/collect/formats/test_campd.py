"""Hourly files of the US EPA's CAMPD: masses, hours out of operation, and how a mass was found."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.formats.campd import read_campd
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import context, drop

NAMES = (
    '"State","Name","Facility ID","Unit ID","Associated Stacks","Date","Hour","Operating Time","SO2 Mass (lbs)",'
    '"SO2 Mass Measure Indicator","CO2 Mass (short tons)","NOx Mass (lbs)","NOx Mass Measure Indicator"\n'
)
CEMS = {"format": "csv", "drop": "drop/{day}.csv", "shape": "campd", "time_zone": "Etc/GMT+5"}
LOCAL_MIDNIGHT = dt.datetime(2015, 12, 20, 5, tzinfo=dt.UTC)
"""Midnight of 20 December in New York, which is 13:00 in the zone of the region."""
MASS_OF_TEN_POUNDS_G = 4535.9237


def row(unit: str, hour: int, operating: str, so2: str = "", word: str = "", co2: str = "", nox: str = "") -> str:
    return f'"NY","A","999","{unit}","","2015-12-20","{hour}","{operating}","{so2}","{word}","{co2}","{nox}",""\n'


def collect(folder: Path, content: str, **changes: Any) -> dict[tuple, tuple]:
    drop(folder, NAMES + content)
    readings = collect_feed("cems", "cems_reading", context=context(folder, cems=CEMS | changes)).to_pylist()
    return {
        (r["stack_id"], r["pollutant_code"], (r["hour_utc"].replace(tzinfo=dt.UTC) - LOCAL_MIDNIGHT).seconds // 3600): (
            r["emission_g"],
            r["flag_codes"],
        )
        for r in readings
    }


def test_pounds_and_short_tons_of_an_hour_become_grams_of_that_hour(tmp_path):
    masses = collect(tmp_path, row("1", 0, "0.25", "10", "Measured", "1", "20"))
    assert masses == {
        ("999-1", "SO2", 0): (MASS_OF_TEN_POUNDS_G, []),
        ("999-1", "CO2", 0): (907184.74, []),
        ("999-1", "NOx", 0): (2 * MASS_OF_TEN_POUNDS_G, []),
    }


def test_a_unit_that_does_not_run_emits_nothing_of_what_it_reports(tmp_path):
    masses = collect(tmp_path, row("1", 0, "1", nox="10") + row("1", 1, "0") + row("1", 2, "1"))
    assert masses == {("999-1", "NOx", 0): (MASS_OF_TEN_POUNDS_G, []), ("999-1", "NOx", 1): (0.0, [])}


def test_a_substituted_mass_is_kept_and_marked(tmp_path):
    content = row("1", 0, "1", "10", "Substitute") + row("1", 1, "1", "10", "Calculated")
    assert [flags for _, flags in collect(tmp_path, content).values()] == [["invalid_status"], []]


def test_a_mass_that_is_no_number_is_marked(tmp_path):
    content = row("1", 0, "1", "n/a") + row("1", 1, "1", "10")
    assert list(collect(tmp_path, content).values()) == [(None, ["not_a_number"]), (MASS_OF_TEN_POUNDS_G, [])]


def test_a_unit_has_the_name_of_a_stack_of_the_registry_by_its_code(tmp_path):
    masses = collect(tmp_path, row("CT-2", 3, "1", nox="10"), codes={"stack_id": {"999-CT-2": "s"}})
    assert list(masses) == [("s", "NOx", 3)]


def test_another_table_is_left_as_it_is():
    answer = DecodedAnswer({"Unit ID": pa.array(["1"])}, 1, ("Unit ID",))
    assert read_campd(answer) is answer


def test_the_refusal_of_such_a_file_says_how_it_is_declared(tmp_path):
    drop(tmp_path, NAMES + row("1", 0, "1", nox="10"))
    plain = context(tmp_path, cems={"format": "csv", "drop": "drop/{day}.csv"})
    with pytest.raises(FeedError, match='perhaps write shape = "campd" and time_zone = "Etc/GMT'):
        collect_feed("cems", "cems_reading", context=plain)
