"""A feed of feeds.toml: what its keys mean, and the one line that refuses a wrong one."""

import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.collect.feed_config import FEED_KEYS, read_feed
from bigdata_emis.errors import InputError
from tests.collect.feed_builders import DAY, NAMES, POWER, power_feed, region

FOLDER = Path("region")


def test_a_feed_has_the_defaults_of_the_region_page_and_the_region_s_time_zone():
    feed = power_feed()
    assert (feed.page_size, feed.attempts, feed.timeout_s, feed.wait_s, feed.longest_wait_s, feed.late_h) == (
        5000,
        5,
        60,
        0.5,
        60,
        0,
    )
    assert feed.time_zone == "Asia/Shanghai"
    assert power_feed(time_zone="UTC").time_zone == "UTC"


def test_the_provider_sends_what_is_neither_constant_nor_filled_by_collecting():
    feed = power_feed()
    assert feed.received_fields == ("meter_id", "interval_start_utc", "energy_kwh")
    assert feed.received_columns == ("meterNo", "startTime", "kWh")
    assert power_feed(columns={}).received_columns == feed.received_fields


def test_a_feed_with_drop_and_address_comes_by_http_from_the_day_that_it_names():
    by_http = power_feed(address="http://x", http_from="2015-12-20")
    assert not by_http.comes_by_http(DAY - dt.timedelta(days=1))
    assert by_http.comes_by_http(DAY)
    assert not power_feed(address="http://x").comes_by_http(DAY)
    assert power_feed(address="http://x", drop="").comes_by_http(DAY)


def test_a_date_may_be_written_with_or_without_quotes():
    assert power_feed(http_from="2015-12-20").http_from == power_feed(http_from=DAY).http_from == DAY


def test_a_whole_number_stays_one_so_that_counts_stay_counts():
    assert isinstance(power_feed(factors={"energy_kwh": 2}).factors["energy_kwh"], int)


def test_identity_of_a_feed_is_no_key_of_the_file():
    assert {"feed_id", "table_name", "folder"}.isdisjoint(FEED_KEYS)
    with pytest.raises(InputError, match=r"feed_id = \"x\": expected a key of a feed"):
        power_feed(feed_id="x")


def test_a_feed_that_is_not_declared_is_refused():
    with pytest.raises(InputError, match=r"feeds\.toml, \[cems\] is missing"):
        read_feed(region(FOLDER, power=POWER), "cems", "cems_reading")


def test_an_unknown_key_is_refused_with_the_nearest_known_one():
    with pytest.raises(InputError, match=r'adress = "x": expected a key of a feed; write address'):
        power_feed(adress="x")


def test_an_unknown_key_that_resembles_none_is_refused_with_all_of_them():
    with pytest.raises(InputError, match="zzz = 1: expected a key of a feed; use one of absent_fields, address, "):
        power_feed(zzz=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"format": "xml"}, 'format = "xml": expected json, jsonl, csv, parquet, xlsx or hj212', id="format"
        ),
        pytest.param({"drop": ""}, "[power]: expected drop or address", id="no origin"),
        pytest.param({"factors": {"energy_kwh": "a"}}, 'factors.energy_kwh = "a": expected a finite number', id="text"),
        pytest.param({"factors": {"energy_kwh": float("inf")}}, "factors.energy_kwh = inf: expected", id="infinite"),
        pytest.param({"factors": {"energy_kwh": True}}, "factors.energy_kwh = true: expected", id="truth value"),
        pytest.param(
            {"factors": {"meter_id": 2}}, "factors.meter_id = 2: expected a factor of a number", id="no number"
        ),
        pytest.param({"factors": {"energy": 2}}, "factors.energy = 2: expected a field of power_reading", id="field"),
        pytest.param(
            {"constants": {"interval_min": "quarter"}},
            'constants.interval_min = "quarter": expected a value of kind number',
            id="constant of another kind",
        ),
        pytest.param({"constants": {"intervall": 15}}, "constants.intervall = 15: expected a field", id="no field"),
        pytest.param(
            {"columns": NAMES | {"kWh": "energy_kw"}},
            "columns.kWh = \"energy_kw\": expected a field of power_reading, not 'energy_kw'; write energy_kwh",
            id="column of no field",
        ),
        pytest.param(
            {"columns": NAMES | {"kW": "energy_kwh"}},
            "expected one column for energy_kwh, not 'kWh' and 'kW'; remove all but one",
            id="two columns for a field",
        ),
        pytest.param(
            {"columns": NAMES | {"min": "interval_min"}},
            'columns.min = "interval_min": expected a field without a value in constants.interval_min; remove one',
            id="column and constant",
        ),
        pytest.param(
            {"columns": NAMES | {"number": "record_number"}},
            "expected a field of power_reading, not 'record_number'",
            id="column of a field that collecting fills",
        ),
        pytest.param(
            {"absent_fields": ["interval"]},
            "expected a field of power_reading, not 'interval'; write inter",
            id="absent",
        ),
        pytest.param(
            {"absent_fields": [5]}, "absent_fields.0 = [5]: expected a list of our fields", id="absent number"
        ),
        pytest.param(
            {"absent_fields": ["energy_kwh"]}, "energy_kwh has one or needs one; remove it", id="absent with a column"
        ),
        pytest.param({"answer_deadline_s": 0}, "answer_deadline_s = 0: expected a number above 0", id="deadline"),
        pytest.param({"largest_pass_rows": 0}, "largest_pass_rows = 0: expected a whole number from 1 on", id="rows"),
        pytest.param({"columns": "kWh"}, 'columns = "kWh": expected a table of provider\'s name', id="no table"),
        pytest.param({"columns": {"kWh": 7}}, "columns.kWh = 7: expected the name of our field", id="column number"),
        pytest.param({"attempts": "ten"}, 'attempts = "ten": expected a whole number from 1 on', id="words"),
        pytest.param({"attempts": True}, "attempts = true: expected a whole number from 1 on", id="yes"),
        pytest.param({"page_size": 0}, "page_size = 0: expected a whole number from 1 on", id="empty pages"),
        pytest.param({"page_size": 1.5}, "page_size = 1.5: expected a whole number from 1 on", id="half a row"),
        pytest.param({"late_h": -1}, "late_h = -1: expected a number from 0 on", id="negative"),
        pytest.param({"wait_s": float("nan")}, "wait_s = nan: expected a number from 0 on", id="no number at all"),
        pytest.param({"drop": 5}, "drop = 5: expected a text", id="drop that is a number"),
        pytest.param({"time_zone": 8}, "time_zone = 8: expected a text", id="zone"),
        pytest.param({"http_from": "soon"}, 'http_from = "soon": expected a date', id="date"),
        pytest.param(
            {"http_from": dt.datetime(2015, 12, 20, tzinfo=dt.UTC)},
            "expected a date; write http_from =",
            id="time of day",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_in_one_line_with_file_feed_key_and_value(changes, message):
    with pytest.raises(InputError, match=re.escape(message)) as refusal:
        power_feed(**changes)
    assert str(refusal.value).startswith(f"{FOLDER / 'feeds.toml'}, [power]")
    assert "\n" not in str(refusal.value)
    assert refusal.value.remedy


def test_a_feed_without_a_format_is_refused_as_missing():
    declared = {key: value for key, value in POWER.items() if key != "format"}
    with pytest.raises(
        InputError,
        match=r"\[power\]: format is missing, expected json, jsonl, csv, parquet, xlsx or hj212; write format",
    ):
        read_feed(region(FOLDER, power=declared), "power", "power_reading")


def test_a_password_in_an_address_is_not_shown():
    with pytest.raises(InputError) as refusal:
        power_feed(adress="http://me:secret@host/x")
    assert "secret" not in str(refusal.value)


PAGE = Path(__file__).parents[2] / "docs" / "feeds.md"
EXAMPLES = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]
TABLES = {stage.feed: stage.writes[0] for stage in flow.STAGES if stage.feed}


def test_each_example_of_the_page_of_feeds_is_a_feed():
    for example in EXAMPLES:
        for feed_id in example:
            assert read_feed(region(FOLDER, **example), feed_id, TABLES[feed_id])


def test_every_key_of_a_feed_has_an_example():
    shown = {key for example in EXAMPLES for feed in example.values() for key in feed}
    assert FEED_KEYS - shown == set()
