"""Small counts of phones never reach the disk."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.privacy.device_counts import read_rows, rows_as_answer, suppress_small_counts
from tests.collect.feed_builders import power_feed

NAMES = ("present_device_count", "moving_device_count")


def counts(present: list, moving: list) -> pa.Table:
    return pa.table({NAMES[0]: pa.array(present, pa.int64()), NAMES[1]: pa.array(moving, pa.int64())})


def suppress(present: list, moving: list, **factors: float) -> list[tuple]:
    feed = power_feed().model_copy(update={"table_name": "signalling_reading", "factors": factors})
    rows = suppress_small_counts(counts(present, moving), feed, least_count=10)
    return [tuple(row.values()) for row in rows.to_pylist()]


def test_both_counts_of_a_row_are_emptied_where_one_is_small():
    assert suppress([40, 9, 40, None], [9, 40, 10, None]) == [
        (None, None, True),
        (None, None, True),
        (40, 10, False),
        (None, None, False),
    ]


@pytest.mark.parametrize(("factor", "is_private"), [(3, True), (2, False), (0.5, False)])
def test_the_threshold_counts_devices_before_the_factor(factor: float, is_private: bool):
    """27 phones scaled by 3 are 9 devices, scaled by 2 are 13, scaled by 0.5 are 54."""
    assert suppress([27], [None], present_device_count=factor)[0][2] is is_private


def test_a_negative_count_is_a_fault_and_stays():
    assert suppress([40], [-1]) == [(40, -1, False)]


def test_the_rows_that_are_stored_are_the_same_bytes_each_time():
    rows = counts([12], [10])
    first, second = rows_as_answer("drop", rows), rows_as_answer("drop", rows)
    assert first.payload == second.payload
    assert read_rows(first.payload).to_pylist() == rows.to_pylist()
