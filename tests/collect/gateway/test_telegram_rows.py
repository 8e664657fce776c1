"""A file of telegrams as a table, and as the readings and hours of stacks."""

import datetime as dt
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bigdata_emis.clean.clean_cems import clean_cems_rows
from bigdata_emis.clean.readings.hour_grid import build_hour_grid
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.formats.limits import Limits, TooLargeError
from bigdata_emis.collect.gateway.telegram_rows import read_telegram_rows
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import DAY, context
from tests.collect.gateway.telegrams import DEVICE, hour, packet

LIMITS = Limits("cems", byte_count=1 << 20, row_count=1000)
CEMS = {
    "format": "hj212",
    "drop": "gateway/{day}-2061.hj212",
    "columns": {
        "MN": "stack_id",
        "factor": "pollutant_code",
        "DataTime": "hour_utc",
        "Avg": "concentration_mg_per_m3",
        "Flag": "flag_codes",
    },
    "only": {"pollutant_code": ["a21002", "a34013"]},
    "codes": {"pollutant_code": {"a21002": "NOx", "a34013": "PM"}, "stack_id": {DEVICE: "k1"}},
}


def rows(*segments: str, command: str = "") -> list[dict]:
    content = b"".join(packet(segment) for segment in segments)
    return read_telegram_rows(content, command, "file", LIMITS)[0].to_pylist()


def values(found: list[dict], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in found]


def test_each_factor_is_a_row_with_the_flow_of_its_telegram():
    """100 m³/s are 360,000 m³/h."""
    found = rows(hour(data="a21002-Avg=31.0,a21002-Flag=N;a34013-Avg=2.1,a34013-Flag=C;a00000-Avg=100,a00000-Flag=N"))
    assert values(found, "factor", "Avg", "Flag", "flow_m3_per_h") == [
        ("a21002", "31.0", "N", "360000.0"),
        ("a34013", "2.1", "C", "360000.0"),
        ("a00000", "100", "N", "360000.0"),
    ]
    assert values(found[:1], "MN", "CN", "DataTime") == [(DEVICE, "2061", "20260115080000")]


def test_the_amount_of_an_hour_is_its_flow_and_that_of_ten_minutes_is_not():
    data = "a21002-Avg=31.0;a00000-Cou=447120"
    assert values(rows(hour(data=data))[:1], "flow_m3_per_h") == [("447120",)]
    assert values(rows(hour(data=data, command="2051"), command="2051")[:1], "flow_m3_per_h") == [(None,)]


def test_a_status_of_the_flow_is_one_of_what_is_computed_with_it():
    found = rows(hour(data="a21002-Avg=31.0,a21002-Flag=N;a00000-Avg=100,a00000-Flag=D"))
    assert values(found[:1], "Flag") == [("D",)]


def test_the_parts_of_a_telegram_belong_together():
    first = hour(data="a21002-Avg=31.0").replace("CP=", "PNUM=2;PNO=1;CP=")
    second = hour("", data="a00000-Avg=100").replace("CP=", "PNUM=2;PNO=2;CP=")
    assert values(rows(first, second), "factor", "DataTime", "flow_m3_per_h", "PNO") == [
        ("a21002", "20260115080000", "360000.0", "1"),
        ("a00000", "20260115080000", "360000.0", "2"),
    ]


def test_a_flow_that_is_no_number_stays_to_be_refused_where_numbers_are_read():
    assert values(rows(hour(data="a21002-Avg=1;a00000-Avg=x"))[:1], "flow_m3_per_h") == [("x",)]


def test_other_commands_and_faulty_telegrams_are_counted(caplog: pytest.LogCaptureFixture):
    content = packet(hour()) + packet(hour(command="2011")) + packet(hour())[:-6] + b"0000\r\n"
    with caplog.at_level(logging.WARNING):
        table, text = read_telegram_rows(content, "", "file", LIMITS)
    assert table.num_rows == 2
    assert text == "1 telegrams of command 2061; not used: 1 of 2011; 1 faulty"
    assert "bytes that are no telegram are not read: 1 crc" in caplog.text


@pytest.mark.parametrize(
    ("content", "command", "problem"),
    [(b"MN,DataTime\r\nx,1\r\n", "", "holds no telegram"), (packet(hour()), "9014", "no command with measured values")],
)
def test_what_is_no_file_of_telegrams_is_refused(content: bytes, command: str, problem: str):
    with pytest.raises(FeedError, match=problem):
        read_telegram_rows(content, command, "file", LIMITS)


def test_an_empty_file_has_no_rows_and_too_many_rows_are_refused():
    assert read_telegram_rows(b"", "", "file", LIMITS)[0].num_rows == 0
    with pytest.raises(TooLargeError):
        read_telegram_rows(packet(hour()) * 3, "", "file", replace(LIMITS, row_count=5))


def collect(folder: Path, *segments: str, **changes: object):
    (folder / "gateway").mkdir(exist_ok=True)
    (folder / "gateway" / f"{DAY}-2061.hj212").write_bytes(b"".join(packet(segment) for segment in segments))
    return collect_feed("cems", "cems_reading", context=context(folder, cems=CEMS | changes))


def test_telegrams_become_readings_and_hours_of_stacks(tmp_path: Path):
    """0.1 g/m³ × 3,600,000 m³/h are 360 kg; the hour in calibration is none; a telegram sent again counts once."""
    good = hour("20151220080000", "a21002-Avg=100,a21002-Flag=N,a21002-ZsAvg=150;a00000-Avg=1000,a00000-Flag=N")
    calibration = hour("20151220090000", "a21002-Avg=0.4,a21002-Flag=C;a00000-Avg=1000,a00000-Flag=N")
    stranger = hour("20151220080000", "a21002-Avg=5,a21002-Flag=N;a00000-Avg=1,a00000-Flag=N", device="X9")
    readings = collect(tmp_path, good, good, calibration, stranger)
    found = readings.select(["stack_id", "pollutant_code", "concentration_mg_per_m3", "flow_m3_per_h", "flag_codes"])
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("k1", "NOx", 100.0, 3_600_000.0, []),
        ("k1", "NOx", 100.0, 3_600_000.0, []),
        ("k1", "NOx", 0.4, 3_600_000.0, ["invalid_status"]),
        ("X9", "NOx", 5.0, 3600.0, []),
    ]
    assert readings["hour_utc"][0].as_py().replace(tzinfo=dt.UTC) == dt.datetime(2015, 12, 20, 0, tzinfo=dt.UTC)
    rules = compile_rules(
        "cems_reading", registered={"stack_id": ["k1"]}, filled=("concentration_mg_per_m3", "flow_m3_per_h")
    )
    hourly, quarantined = clean_cems_rows(
        readings, rules=rules, grid=build_hour_grid(context(tmp_path)), options=CleaningOptions()
    )
    assert sorted(row[0] for row in quarantined["reason_codes"].to_pylist()) == [
        "duplicate",
        "invalid_status",
        "unknown_id",
    ]
    assert [mass for mass in hourly["emission_g"].to_pylist() if mass is not None] == [360_000.0]


def test_late_telegrams_are_read_when_the_day_is_collected_again(tmp_path: Path):
    first, late = hour("20151220080000"), hour("20151220070000", request="20151223090000001")
    assert collect(tmp_path, first).num_rows == 1
    assert collect(tmp_path, first, late).num_rows == 2


def test_the_telegrams_of_another_command_are_named_by_records(tmp_path: Path):
    assert collect(tmp_path, hour("20151220080000", command="2051"), records="2051").num_rows == 1
