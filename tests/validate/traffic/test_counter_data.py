"""The file of the counter: what is joined, what is unknown, what is refused."""

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.traffic.counter_data import read_counter
from tests.validate.traffic.traffic_files import counter_table, write_counter


def read_changed(tmp_path, **cells):
    table = counter_table(2)
    for name, (row, value) in cells.items():
        table[name] = table[name].astype(object)
        table.loc[row, name] = value
    return read_counter(write_counter(tmp_path, table))


def test_an_hour_is_of_its_iso_week_and_hour_of_the_week(tmp_path):
    counter = read_changed(tmp_path)
    assert counter.iso_week[[0, 167, 168]].tolist() == ["2015-W02", "2015-W02", "2015-W03"]
    assert counter.hours.hour_of_week[[0, 167, 168]].tolist() == [0, 167, 0]


def test_rows_of_the_same_hour_are_joined_with_the_worst_weather(tmp_path):
    table = counter_table(2)
    table.loc[1, ["date_time", "weather_main"]] = [table["date_time"][0], "Snow"]
    counter = read_counter(write_counter(tmp_path, table))
    assert len(counter.times) == 2 * 168 - 1
    assert counter.hours.weather[0, 4] == 6
    assert counter.unusable["rows of an hour that has another"] == 1


def test_impossible_weather_is_unknown_and_counted(tmp_path):
    counter = read_changed(tmp_path, temp=(3, 0.0), rain_1h=(4, 9831.3), snow_1h=(5, np.inf))
    assert np.isnan(counter.hours.weather[3, 0])
    assert np.isnan(counter.hours.weather[4, 1])
    assert np.isnan(counter.hours.weather[5, 2])
    assert counter.unusable["temperature below 200 K"] == counter.unusable["rain above 100 mm"] == 1


def test_a_blank_volume_is_unknown(tmp_path):
    assert np.isnan(read_changed(tmp_path, traffic_volume=(2, "")).volume[2])


def test_federal_holidays_are_known_where_the_file_is_silent(tmp_path):
    counter = read_changed(tmp_path)
    offset = counter.hours.holiday_offset.reshape(-1, 24)[:, 0]
    # Martin Luther King day is Monday 19 January, the day after the last one.
    assert offset[-4:].tolist() == [-4, -3, -2, -1]


@pytest.mark.parametrize(
    "cells",
    [
        {"traffic_volume": (2, -1)},
        {"traffic_volume": (2, np.inf)},
        {"traffic_volume": (2, "many")},
        {"date_time": (2, "2015-01-05 00:30:00")},
        {"date_time": (2, "yesterday")},
        {"temp": (2, "warm")},
    ],
    ids=["negative", "infinite", "words", "half an hour", "no time", "no temperature"],
)
def test_what_is_no_hour_or_count_is_refused(tmp_path, cells):
    with pytest.raises(InputError, match=r"Metro_Interstate"):
        read_changed(tmp_path, **cells)


def test_a_missing_file_and_a_missing_column_are_refused(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        read_counter(tmp_path)
    with pytest.raises(InputError, match=r"column .*clouds_all"):
        read_counter(write_counter(tmp_path, counter_table(1).drop(columns="clouds_all")))


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    folder = write_counter(tmp_path, counter_table(2))
    path = next(folder.rglob("*.gz"))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match="complete CSV"):
        read_counter(folder)
