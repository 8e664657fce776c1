"""Readings are cleaned in portions, so that memory does not grow with a partition: no source may be torn apart."""

import pyarrow as pa
import pytest

from bigdata_emis.clean.readings.partitions import portions

READINGS = pa.concat_tables(
    [
        pa.table({"meter_id": ["c", "a", "b", "a"], "energy_kwh": [1.0, 2.0, 3.0, 4.0]}),
        pa.table({"meter_id": ["b", "c", "c"], "energy_kwh": [5.0, 6.0, 7.0]}),
    ]
)


@pytest.mark.parametrize(
    ("size", "meters"),
    [(1, [["c"], ["a"], ["b"]]), (3, [["c"], ["a", "b"]]), (4, [["c", "a"], ["b"]]), (7, [["c", "a", "b"]])],
    ids=["each source", "three rows", "four rows", "everything"],
)
def test_a_portion_holds_whole_sources_and_no_reading_is_lost(size, meters):
    parts = [part.to_pylist() for part in portions(READINGS, "meter_id", size=size)]
    assert [list(dict.fromkeys(row["meter_id"] for row in part)) for part in parts] == meters
    assert sorted(row["energy_kwh"] for part in parts for row in part) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_readings_keep_the_order_in_which_they_arrived():
    assert [row["energy_kwh"] for part in portions(READINGS, "meter_id", size=1) for row in part.to_pylist()] == [
        1.0,
        6.0,
        7.0,
        2.0,
        4.0,
        3.0,
        5.0,
    ]
