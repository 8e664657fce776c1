"""Rows by hour lie at their local day and hour."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.outcome.day_grid import DayGrid, grid_of, numbers, row_numbers

BEIJING = DayGrid(date(2015, 12, 19), 2, "Asia/Shanghai")


def instants(*hours):
    return pa.chunked_array([pa.array(hours, pa.timestamp("us", tz="UTC"))])


def test_an_hour_lies_at_its_local_hour():
    hours = instants(datetime(2015, 12, 18, 16, tzinfo=UTC), datetime(2015, 12, 19, 15, tzinfo=UTC))
    assert BEIJING.positions(hours).tolist() == [0, 23]


def test_hours_outside_the_days_have_no_position_and_are_left_out():
    outside = instants(datetime(2015, 12, 18, 15, tzinfo=UTC), datetime(2015, 12, 20, 16, tzinfo=UTC))
    assert BEIJING.positions(outside).tolist() == [-1, -1]
    assert np.isnan(BEIJING.dense(outside, np.array([0, 0]), np.array([1.0, 2.0]), 1)).all()


def test_values_fill_their_row_and_unknown_rows_nothing():
    hours = instants(datetime(2015, 12, 18, 17, tzinfo=UTC), datetime(2015, 12, 18, 18, tzinfo=UTC))
    filled = BEIJING.dense(hours, np.array([1, -1]), np.array([5.0, 6.0]), 2)
    assert filled.shape == (2, 2, 24)
    assert filled[1, 0, 1] == 5.0
    assert np.isfinite(filled).sum() == 1


def test_saturday_and_sunday_are_types_of_their_own():
    assert DayGrid(date(2015, 12, 18), 4, "Asia/Shanghai").day_types.tolist() == [0, 1, 2, 0]


def test_flags_mark_the_hours_that_occur():
    assert BEIJING.flags(instants(datetime(2015, 12, 19, 16, tzinfo=UTC)))[1].nonzero()[0].tolist() == [0]


def test_the_grid_spans_the_first_to_the_last_day():
    assert grid_of([date(2020, 1, 3), date(2020, 1, 1)], "UTC") == DayGrid(date(2020, 1, 1), 3, "UTC")


def test_identifiers_have_their_row_number_and_strangers_none():
    assert row_numbers(pa.chunked_array([["b", "x", "a"]]), ["a", "b"]).tolist() == [1, -1, 0]


def test_an_empty_cell_is_not_a_number():
    assert numbers(pa.chunked_array([[1.0, None]])) == pytest.approx([1.0, np.nan], nan_ok=True)
