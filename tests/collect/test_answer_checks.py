"""A feed of which nothing can be read is down, not empty."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.collect.answer_checks import (
    UnusableAnswerError,
    check_columns,
    check_interval_marks,
    check_not_emptied,
    check_period,
    check_readable,
)
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.values import ValueCounts
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import START, power_feed

TIMES = pa.chunked_array([pa.array([START], pa.timestamp("us", tz="UTC"))])
WEATHER = ("station_id", "hour_utc", "air_temperature_degc", "wind_speed_m_per_s")


def feed_of(table_name: str, **changes: object) -> Feed:
    plain = {"table_name": table_name, "columns": {}, "constants": {}}
    return power_feed().model_copy(update=plain | changes)


@pytest.mark.parametrize(
    ("feed", "names"),
    [
        pytest.param(power_feed(), ("startTime", "meterNo", "kWh", "note"), id="all columns, and more"),
        pytest.param(feed_of("power_reading"), ("meter_id", "interval_start_utc", "energy_kwh"), id="no interval"),
        pytest.param(feed_of("weather_reading"), WEATHER, id="a part of the weather"),
        pytest.param(
            feed_of("weather_reading", absent_fields=["dew_point_degc", "pressure_hpa", "precipitation_mm",
                    "relative_humidity_share", "wind_direction_code"]), (*WEATHER, "visibility_m"),
            id="listed as absent",
        ),
        pytest.param(
            feed_of("traffic_reading"), ("link_id", "interval_start_utc", "speed_km_per_h", "lcodes"), id="no flow"
        ),
        pytest.param(
            feed_of("area_activity_reading"), ("activity_area_id", "hour_utc", "activity_index", "activity_note"),
            id="an index and no count",
        ),
        pytest.param(
            feed_of("area_activity_reading"), ("activity_area_id", "hour_utc", "counted_activity"),
            id="a count and no index",
        ),
    ],
)  # fmt: skip
def test_an_answer_with_its_wanted_columns_is_accepted(feed, names):
    check_columns(names, feed, "here")


@pytest.mark.parametrize(
    ("feed", "names", "message"),
    [
        pytest.param(
            power_feed(), ("meterNo", "startTime", "energy"),
            "here: has no column 'kWh', but 'meterNo', 'startTime', 'energy'; expected our energy_kwh under this name; "
            'if it is renamed, write "energy" = "energy_kwh" below [power.columns]',
            id="value with a mapped name",
        ),
        pytest.param(power_feed(), ("startTime", "kWh"), "has no column 'meterNo'", id="key"),
        pytest.param(
            feed_of("power_reading"), ("meter_id", "interval_start_utc", "kWh"),
            'write "kWh" = "energy_kwh"', id="renamed value",
        ),
        pytest.param(feed_of("power_reading"), ("meter_id", "interval_start_utc"), "no column 'energy_kwh'", id="gone"),
        pytest.param(
            feed_of("area_activity_reading"), ("activity_area_id", "hour_utc"), "no column 'activity_index'",
            id="neither index nor count",
        ),
        pytest.param(
            feed_of("area_activity_reading", columns={"lto": "counted_activity"}),
            ("activity_area_id", "hour_utc", "activity_index"), "no column 'lto'", id="a count that was declared",
        ),
        pytest.param(
            feed_of("cems_reading"), ("stack_id", "pollutant_code", "hour_utc", "concentration_mg_per_m3"),
            "no column 'flow_m3_per_h'", id="one of two values",
        ),
        pytest.param(
            feed_of("weather_reading"), ("station_id", "hour_utc", "temp", "wind_speed_m_per_s"),
            'write "temp" = "air_temperature_degc"', id="renamed weather",
        ),
        pytest.param(
            feed_of("weather_reading"), (*WEATHER, "xyz"), "no column 'dew_point_degc'", id="weather under any name",
        ),
        pytest.param(feed_of("weather_reading"), WEATHER[:2], "no column 'air_temperature_degc'", id="no weather"),
        pytest.param(
            feed_of("traffic_reading"), ("link_id", "interval_start_utc", "speed_km_per_h", "flowVeh"),
            'write "flowVeh" = "flow_veh_per_h"', id="renamed flow",
        ),
        pytest.param(
            power_feed(), ("meterNo", "startTime", "kWh", "energy_kwh"),
            "columns 'kWh' and 'energy_kwh' both are our energy_kwh", id="two columns for a field",
        ),
        pytest.param(
            power_feed(), ("meterNo", "startTime", "KWH", "kWh"),
            "here: columns 'kWh' and 'KWH' differ by case alone, and only 'kWh' would be read", id="case alone",
        ),
    ],
)  # fmt: skip
def test_an_answer_without_a_wanted_column_is_refused_with_the_nearest_one(feed, names, message):
    with pytest.raises(FeedError) as refusal:
        check_columns(names, feed, "here")
    assert message in str(refusal.value)


def test_columns_that_differ_by_case_are_accepted_when_both_or_neither_are_read():
    both = power_feed(
        constants={}, columns={"m": "meter_id", "T": "interval_start_utc", "t": "interval_min", "kWh": "energy_kwh"}
    )
    check_columns(("m", "T", "t", "kWh", "note", "Note"), both, "here")


def test_a_pass_whose_values_or_times_all_cannot_be_read_is_refused():
    counts = ValueCounts()
    counts.sent["energy_kwh"] = counts.unreadable["energy_kwh"] = 2
    with pytest.raises(UnusableAnswerError, match="here: none of the 2 values of 'kWh' can be read as number"):
        check_readable(TIMES, counts, power_feed(), "here")
    no_time = pa.chunked_array([pa.nulls(3, TIMES.type)])
    with pytest.raises(UnusableAnswerError, match="no value of 'startTime' can be read as a time, in 3 rows"):
        check_readable(no_time, ValueCounts(), power_feed(), "here")


def test_a_pass_of_which_something_can_be_read_is_accepted():
    counts = ValueCounts()
    counts.sent["energy_kwh"], counts.unreadable["energy_kwh"] = 3, 2
    check_readable(TIMES, counts, power_feed(), "here")
    check_readable(TIMES.slice(0, 0), ValueCounts(), power_feed(), "here")


def test_a_pass_of_another_day_is_refused_and_an_empty_one_is_not():
    check_period(0, 0, power_feed(), "here", "2015-12-20")
    check_period(2, 1, power_feed(), "here", "2015-12-20")
    with pytest.raises(UnusableAnswerError, match=r"here: none of the 2 rows is of 2015-12-20; correct 'drop'"):
        check_period(2, 2, power_feed(), "here", "2015-12-20")


def test_a_file_without_rows_is_refused_only_after_one_with_rows():
    check_not_emptied(0, power_feed(), "2015-12-20")
    with pytest.raises(UnusableAnswerError, match="power, 2015-12-20: the file has no rows, where earlier"):
        check_not_emptied(1, power_feed(), "2015-12-20")


def times_at(*quarters: int) -> pa.ChunkedArray:
    midnight = np.datetime64("2015-12-19T16:00", "us")
    return pa.chunked_array([pa.array(midnight + np.array(quarters) * np.timedelta64(15, "m"))])


BOUNDS = (np.datetime64("2015-12-19T16:00"), np.datetime64("2015-12-20T16:00"))


def check_marks(times: pa.ChunkedArray, *, mark_starts: bool = False, **changes: str) -> None:
    check_interval_marks(times, *BOUNDS, power_feed(**changes), "here", mark_starts=lambda: mark_starts)


@pytest.mark.parametrize("mark_starts", [True, False])
def test_times_from_after_midnight_to_the_next_one_mark_ends_until_the_feed_says_what_they_mark(mark_starts):
    ends = times_at(*range(1, 97))
    with pytest.raises(UnusableAnswerError, match='as of times at the end of intervals; write time_mark = "end"'):
        check_marks(ends, mark_starts=mark_starts)
    check_marks(ends, time_mark="start")


@pytest.mark.parametrize("quarters", [range(96), range(97), (90, 96), range(8, 96), (1, 2)])
def test_times_from_midnight_on_or_a_few_of_them_mark_starts(quarters):
    check_marks(times_at(*quarters))


@pytest.mark.parametrize("quarters", [range(1, 96), range(4, 96, 4), (1, 2, 3)])
def test_a_part_of_a_day_of_ends_looks_like_starts_without_the_first_and_is_refused_unless_other_files_decide(quarters):
    with pytest.raises(UnusableAnswerError, match='only the first time of the day is missing.*write time_mark = "end"'):
        check_marks(times_at(*quarters))
    check_marks(times_at(*quarters), mark_starts=True)
    check_marks(times_at(*quarters), time_mark="end")


@pytest.mark.parametrize(
    ("names", "columns", "hint"),
    [
        (("meter_id", "date", "hour", "energy_kwh"), {}, 'time_columns = ["date", "hour"]'),
        (("M1", "M2", "interval_start_utc"), {}, 'wide = "{meter_id}"'),
        (("report of a day", "", ""), {}, "skip_rows = 1"),
    ],
)
def test_a_missing_column_comes_with_the_shape_that_would_have_it(names, columns, hint):
    with pytest.raises(FeedError) as refusal:
        check_columns(names, power_feed(columns=columns), "here")
    assert f"perhaps write {hint}" in str(refusal.value)
