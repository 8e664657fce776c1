"""Rows at another step than declared: hourly energy in a feed of 15 minutes would count fourfold."""

import datetime as dt

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.passes.time_steps import check_steps
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import DAY, POWER, context, drop, power_rows, raw_names, region

START = dt.datetime(2015, 12, 20)  # noqa: DTZ001 - as rows hold instants, without a zone
HOURLY_TABLES = (
    "cems_reading",
    "signalling_reading",
    "air_quality_reading",
    "weather_reading",
    "district_energy_reading",
    "area_activity_reading",
    "measured_activity_reading",
)


def feed_of(table_name: str, tmp_path, **keys) -> Feed:
    feed_id = table_name.removesuffix("_reading")
    return read_feed(region(tmp_path, **{feed_id: {"format": "csv", "drop": "x.csv", **keys}}), feed_id, table_name)


def rows_of(table_name: str, minutes: list[float], **columns) -> pa.Table:
    """Rows of two sources at these minutes of a day."""
    table = schema.table(table_name)
    times = [START + dt.timedelta(minutes=at) for at in minutes] * 2
    name = next(n for n in table.key if n not in (table.time, "record_number"))
    given = {name: ["a"] * len(minutes) + ["b"] * len(minutes), table.time: times}
    given |= {column: [value] * len(times) for column, value in columns.items()}
    return pa.table(given)


def every(step_min: float, count: int = 24) -> list[float]:
    return [number * step_min for number in range(count)]


@pytest.mark.parametrize("table_name", HOURLY_TABLES)
def test_an_hourly_feed_has_hourly_rows_and_not_quarters_or_doubled_ones(table_name, tmp_path):
    feed = feed_of(table_name, tmp_path)
    check_steps(rows_of(table_name, every(60)), feed, "here", registered_min={})
    doubled = sorted([*every(60), *(minute + 5 for minute in every(60))])
    for minutes in (every(15), every(30), doubled):
        with pytest.raises(UnusableAnswerError, match=r"where 60 min are declared; ask the provider for one row of"):
            check_steps(rows_of(table_name, minutes), feed, "here", registered_min={})


@pytest.mark.parametrize("table_name", HOURLY_TABLES)
def test_rarer_rows_are_missing_hours_of_a_state_and_another_amount(table_name, tmp_path, caplog):
    feed, rows = feed_of(table_name, tmp_path), rows_of(table_name, every(180, 8))
    if table_name in ("district_energy_reading", "measured_activity_reading"):
        with pytest.raises(UnusableAnswerError, match="rows come every 180 min, where 60 min are declared"):
            check_steps(rows, feed, "here", registered_min={})
    else:
        check_steps(rows, feed, "here", registered_min={})
        assert "every 180 min, where 60 min are declared; the hours between are missing" in caplog.text
    check_steps(rows, feed_of(table_name, tmp_path, cadence_min=180), "here", registered_min={})


@pytest.mark.parametrize(("step_min", "is_right"), [(15, True), (60, False), (30, False), (5, False)])
def test_energy_comes_at_the_interval_that_rows_cadence_or_registry_declare(step_min, is_right, tmp_path):
    stated = rows_of("power_reading", every(step_min), interval_min=15.0)
    silent = rows_of("power_reading", every(step_min))
    declared = [
        (stated, feed_of("power_reading", tmp_path), {}),
        (silent, feed_of("power_reading", tmp_path, cadence_min=15), {}),
        (silent, feed_of("power_reading", tmp_path), {"a": 15.0, "b": 15.0}),
    ]
    for rows, feed, registered_min in declared:
        if is_right:
            check_steps(rows, feed, "here", registered_min=registered_min)
            continue
        with pytest.raises(
            UnusableAnswerError, match=f"every {step_min} min, where 15 min .* interval_min = {step_min}"
        ):
            check_steps(rows, feed, "here", registered_min=registered_min)


def test_each_meter_is_compared_with_its_own_interval_and_an_unknown_one_with_none(tmp_path):
    quarters, hours = rows_of("power_reading", every(15)), rows_of("power_reading", every(60))
    rows = pa.concat_tables([quarters.slice(0, 24), hours.slice(24)])
    feed = feed_of("power_reading", tmp_path)
    check_steps(rows, feed, "here", registered_min={"a": 15.0, "b": 60.0})
    check_steps(rows, feed, "here", registered_min={})
    with pytest.raises(UnusableAnswerError):
        check_steps(rows, feed, "here", registered_min={"a": 60.0, "b": 15.0})


def test_speeds_come_at_their_cadence_where_one_is_declared(tmp_path):
    rows = rows_of("traffic_reading", every(60))
    check_steps(rows, feed_of("traffic_reading", tmp_path), "here", registered_min={})
    with pytest.raises(UnusableAnswerError, match="every 60 min, where 5 min are declared; write cadence_min = 60"):
        check_steps(rows, feed_of("traffic_reading", tmp_path, cadence_min=5), "here", registered_min={})


@pytest.mark.parametrize(
    "minutes",
    [
        pytest.param([*every(15, 10), 400, 430, 520, 700], id="gaps"),
        pytest.param([0, 61, 119, 181, 239, 300, 361], id="clocks a little off"),
        pytest.param([0, 60, 120], id="few rows"),
        pytest.param([*every(15), *every(15)], id="the same rows twice"),
    ],
)
def test_gaps_late_rows_and_repeated_ones_are_no_other_step(minutes, tmp_path):
    declared = 60 if 61 in minutes else 15
    rows = rows_of("power_reading", minutes, interval_min=float(declared)).slice(0, len(minutes))
    check_steps(rows, feed_of("power_reading", tmp_path), "here", registered_min={})


def test_hourly_rows_in_a_file_of_quarter_hours_are_refused_and_not_stored(home):
    lines = "".join(f"m1,2015-12-20T{hour:02d}:00,{40 + hour % 3}\n" for hour in range(24))
    drop(home, "meterNo,startTime,kWh\n" + lines)
    with pytest.raises(FeedError, match=r"feed power, 2015-12-20: rows come every 60 min, where 15 min are declared"):
        collect_feed("power", "power_reading", context=context(home, power=POWER))
    assert raw_names(home, "power", DAY) == []
    hourly = POWER | {"constants": {"interval_min": 60}}
    rows = collect_feed("power", "power_reading", context=context(home, power=hourly))
    assert len(power_rows(rows)) == 24
