"""Own cases of six kinds of trouble, three each: late rows, unknown identifiers, coordinates, zeros, forecasts, sizes.

Each goes the whole way from the file of a provider to used and quarantined readings, or to one line of refusal.
"""

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.clean.clean_power import clean_power_rows
from bigdata_emis.clean.readings.hour_grid import build_hour_grid
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.register import register
from bigdata_emis.context import Context
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.window import day_window
from tests.collect.feed_builders import DAY, POWER, START, ZONE, context, drop
from tests.collect.registry_files import STATIONS, write

HEADER = "meterNo,startTime,kWh\n"
HOURLY = POWER | {"constants": {"interval_min": 60}}
FORECAST = {"format": "csv", "drop": "drop/{issue_day}.csv"}
FORECAST_HEADER = "issued_utc,pollutant_code,hour_utc,concentration_ug_per_m3\n"
METERS = ("m1", "007")


def rows_of(*values: tuple[str, int, str]) -> str:
    return HEADER + "".join(f"{meter},{DAY} {hour:02d}:00,{value}\n" for meter, hour, value in values)


def collected(place: Context) -> pa.Table:
    return collect_feed("power", "power_reading", context=place)


def cleaned(place: Context) -> tuple[dict[tuple[str, int], float], list[tuple[str, list[str]]]]:
    """Energy by meter and local hour of the hours that were read, and what is quarantined with its reasons."""
    hourly, quarantined = clean_power_rows(
        collected(place),
        rules=compile_rules("power_reading", registered={"meter_id": METERS}, filled=("energy_kwh",)),
        interval_min=dict.fromkeys(METERS, 60.0),
        maximum_kwh={},
        grid=build_hour_grid(place),
        options=CleaningOptions(),
    )
    read = {
        (row["meter_id"], int((row["hour_utc"] - START).total_seconds() // 3600)): row["energy_kwh"]
        for row in hourly.to_pylist()
        if row["reading_count"]
    }
    return read, [(row["meter_id"], row["reason_codes"]) for row in quarantined.to_pylist()]


# Late rows


def test_late_a_row_that_comes_with_the_file_of_the_next_day_is_counted_and_belongs_to_no_day_of_it(home: Path) -> None:
    """The provider must send the file of the day again: a row of another day is never put beside its own."""
    following = DAY + dt.timedelta(days=1)
    drop(home, rows_of(("m1", 0, "5")))
    collected(context(home, power=HOURLY))
    drop(home, f"{HEADER}m1,{DAY} 01:00,6\nm1,{following} 00:00,7\n", f"{following}.csv")
    readings = collected(context(home, window=day_window(following, ZONE), known_h=24, power=HOURLY))
    assert readings["energy_kwh"].to_pylist() == [7.0]
    assert readings.schema.metadata[b"set_aside"] == b'{"out_of_window": 1}'


def test_late_a_file_sent_again_with_the_missing_hour_adds_it_and_corrects_nothing_else(home: Path) -> None:
    drop(home, rows_of(("m1", 0, "5"), ("m1", 2, "7")))
    collected(context(home, power=HOURLY))
    drop(home, rows_of(("m1", 0, "5"), ("m1", 1, "6"), ("m1", 2, "7")))
    assert cleaned(context(home, known_h=72, power=HOURLY)) == ({("m1", 0): 5, ("m1", 1): 6, ("m1", 2): 7}, [])


def test_late_a_value_lost_in_the_file_sent_again_is_no_correction(home: Path) -> None:
    drop(home, rows_of(("m1", 0, "5")))
    collected(context(home, power=HOURLY))
    drop(home, rows_of(("m1", 0, ""), ("m1", 1, "6")))
    read, quarantined = cleaned(context(home, known_h=1, power=HOURLY))
    assert read == {("m1", 0): 5, ("m1", 1): 6}
    assert quarantined == [("m1", ["not_a_number"])]


# Identifiers


@pytest.mark.parametrize(
    ("sent", "is_known"), [(" m1 ", True), ("M1", False), ("7", False), ("007", True), ("ｍ1", False), ("m1.0", False)]
)
def test_an_identifier_is_that_of_the_register_but_for_spaces_around_it(home: Path, sent: str, is_known: bool) -> None:
    """Case, leading zeros and wide letters tell meters apart in some registers: such a reading waits in quarantine."""
    drop(home, rows_of((sent, 3, "5")))
    read, quarantined = cleaned(context(home, power=HOURLY))
    assert (len(read), [codes for _, codes in quarantined]) == ((1, []) if is_known else (0, [["unknown_id"]]))


def test_a_row_without_identifier_is_quarantined_and_the_others_are_used(home: Path) -> None:
    drop(home, rows_of(("", 3, "5"), ("m1", 3, "6")))
    read, quarantined = cleaned(context(home, power=HOURLY))
    assert (read, quarantined) == ({("m1", 3): 6}, [("", ["unknown_id"])])


def test_a_whole_number_with_a_point_as_spreadsheets_write_it_names_the_meter(home: Path) -> None:
    """Parquet holds the number 7.0, of which the text is 7, and the register has 007: unknown, not another meter."""
    table = pa.table({"meterNo": [7.0], "startTime": [f"{DAY} 00:00"], "kWh": [5.0]})
    (home / "drop").mkdir()
    pq.write_table(table, home / "drop" / f"{DAY}.parquet")
    place = context(home, power=HOURLY | {"format": "parquet", "drop": "drop/{day}.parquet"})
    assert cleaned(place) == ({}, [("7", ["unknown_id"])])


# Coordinates


@pytest.mark.parametrize(
    ("longitude", "latitude", "message"),
    [
        ("116°23'", "39.9", "column longitude_deg: '116°23''; give a number with a decimal point"),
        ('"116,4"', "39.9", "column longitude_deg: '116,4'; give a number.*write 116.4 for a decimal comma"),
        (
            "448000",
            "4417000",
            "column longitude_deg: '448000.0'; it must not be above 180: give degrees; metres of a map",
        ),
        ("-116.4", "39.9", "station_id s"),
        ("0", "0", "station_id s"),
    ],
)
def test_coordinates_in_another_spelling_or_place_are_refused_with_row_and_column(
    tmp_path: Path, longitude: str, latitude: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        register(context=write(tmp_path, station=f"{STATIONS}s,x,{longitude},{latitude}\n"))
    assert "\n" not in str(refusal.value)


# Zeros and missing values


@pytest.mark.parametrize("sent", ["", "-", "--", "—", "N/A", "null", "NaN", "缺测", "#N/A", "nan"])
def test_a_word_for_no_value_is_quarantined_and_never_zero(home: Path, sent: str) -> None:
    drop(home, rows_of(("m1", 0, "5"), ("m1", 1, sent)))
    assert cleaned(context(home, power=HOURLY)) == ({("m1", 0): 5}, [("m1", ["not_a_number"])])


@pytest.mark.parametrize(("sent", "declared"), [("0", True), ("0.00", True), ("-0", True), ("0", False)])
def test_a_zero_is_a_value_unless_it_is_declared_as_missing(home: Path, sent: str, declared: bool) -> None:
    changes: dict[str, Any] = {"zeros_missing": ["energy_kwh"]} if declared else {}
    drop(home, rows_of(("m1", 0, "5"), ("m1", 1, sent)))
    read, quarantined = cleaned(context(home, power=HOURLY | changes))
    assert read == {("m1", 0): 5} | ({} if declared else {("m1", 1): 0})
    assert quarantined == ([("m1", ["not_a_number"])] if declared else [])


def test_a_zero_that_arrives_before_the_value_is_replaced_by_it(home: Path) -> None:
    drop(home, rows_of(("m1", 0, "0")))
    collected(context(home, power=HOURLY))
    drop(home, rows_of(("m1", 0, "5")))
    read, quarantined = cleaned(context(home, known_h=1, power=HOURLY))
    assert (read, quarantined) == ({("m1", 0): 5}, [("m1", ["duplicate"])])


# Forecasts


def forecast(home: Path, *rows: str, known_h: int = 0) -> list[dict[str, Any]]:
    drop(home, FORECAST_HEADER + "".join(f"{row}\n" for row in rows))
    place = context(home, known_h=known_h, forecast=FORECAST)
    table = collect_feed("forecast", "air_quality_forecast", context=place)
    return [row for row in table.to_pylist() if row["pollutant_code"]]


def test_a_forecast_of_fill_values_alone_leaves_no_value_and_says_so(home: Path) -> None:
    rows = forecast(home, *(f"{DAY} 00:00,PM2.5,{DAY} {hour:02d}:00,9999" for hour in range(1, 4)))
    assert [(row["concentration_ug_per_m3"], row["flag_codes"]) for row in rows] == [(None, ["out_of_bounds"])] * 3


def test_a_forecast_for_an_hour_before_its_issue_is_stored_as_it_came(home: Path) -> None:
    """Providers begin an issue with the day of issue: what is past is for the alert to leave out."""
    (row,) = forecast(home, f"{DAY} 08:00,PM2.5,{DAY} 02:00,80")
    assert (row["hour_utc"], row["issued_utc"]) == (START + dt.timedelta(hours=2), START + dt.timedelta(hours=8))


def test_two_issues_in_one_file_are_side_by_side(home: Path) -> None:
    rows = forecast(home, f"{DAY} 00:00,PM2.5,{DAY} 20:00,80", f"{DAY} 12:00,PM2.5,{DAY} 20:00,90")
    assert [row["concentration_ug_per_m3"] for row in rows] == [80.0, 90.0]


# Sizes


def test_a_small_archive_that_unpacks_to_much_is_refused_before_it_is_parsed(home: Path) -> None:
    (home / "drop").mkdir()
    (home / "drop" / f"{DAY}.csv.gz").write_bytes(gzip.compress(rows_of(("m1", 0, "5")).encode() + b" " * 10_000_000))
    place = context(home, power=HOURLY | {"drop": "drop/{day}.csv.gz", "largest_answer_bytes": 1_000_000})
    with pytest.raises(FeedError, match="1000000 bytes.*largest_answer_bytes"):
        collected(place)


def test_a_cell_of_a_million_characters_is_no_number_and_no_crash(home: Path) -> None:
    drop(home, rows_of(("m1", 0, "9" * 1_000_000), ("m1", 1, "6")))
    read, quarantined = cleaned(context(home, power=HOURLY))
    assert read == {("m1", 1): 6}
    assert quarantined == [("m1", ["not_a_number"])]


def test_a_file_of_more_rows_than_allowed_is_refused_whole(home: Path) -> None:
    drop(home, rows_of(*(("m1", hour, "5") for hour in range(24))))
    with pytest.raises(FeedError, match="more than 23 rows; .* largest_pass_rows"):
        collected(context(home, power=HOURLY | {"largest_pass_rows": 23}))
