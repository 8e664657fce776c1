"""Cells that a spreadsheet merges over several rows."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.doubts.merged_cells import check_merged, fill_merged
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import power_feed


def answer(meters: list, *, written_as: str = "utf-8, ','") -> DecodedAnswer:
    return DecodedAnswer({"meterNo": pa.array(meters, pa.string())}, len(meters), ("meterNo",), written_as)


def test_identifiers_that_are_written_once_a_block_are_refused_with_the_key_that_fills_them():
    what = r"'meterNo' is empty in 4 of 6 rows, as merged cells are; write merged_columns = \[\"meterNo\"\]"
    with pytest.raises(FeedError, match=what):
        check_merged(answer(["m1", "", "", "m2", None, " "]), power_feed(), "here")


def test_a_few_empty_identifiers_and_those_of_records_are_left_to_cleaning():
    check_merged(answer(["m1", "m1", "", "m2", "m2"]), power_feed(), "here")
    check_merged(answer(["", "", "", "m2"]), power_feed(), "here")
    check_merged(answer(["m1", None, None, None], written_as=""), power_feed(), "here")


def test_dates_that_are_written_once_a_day_are_refused_too():
    columns = {"meterNo": "meter_id", "kWh": "energy_kwh"}
    feed = power_feed(columns=columns, time_columns=["date", "clock"])
    parts = {"date": pa.array(["2015-12-20", "", "", ""]), "clock": pa.array(["0", "1", "2", "3"])}
    with pytest.raises(FeedError, match="'date' is empty in 3 of 4 rows"):
        check_merged(DecodedAnswer(parts, 4, ("date", "clock"), "sheet 'a'"), feed, "here")


def test_declared_columns_are_filled_from_above_and_others_stay():
    feed = power_feed(merged_columns=["meterNo", "absent"])
    filled = fill_merged(answer(["", "m1", " ", None, "m2", ""]), feed)
    assert filled.columns["meterNo"].to_pylist() == [None, "m1", "m1", "m1", "m2", "m2"]
    check_merged(filled, feed, "here")
    same = answer(["m1", ""])
    assert fill_merged(same, power_feed()) is same
