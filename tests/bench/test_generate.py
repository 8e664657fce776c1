"""Inputs of the workloads power and traffic."""

import json

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from bench.generate import make_inputs
from bench.sizes import SIZES

TINY = SIZES["tiny"]


@pytest.fixture
def power(home):
    return make_inputs(TINY, "power")


def test_about_one_percent_of_the_readings_are_missing_and_one_percent_are_duplicates(power):
    readings = pq.read_table(power / "power_reading", partitioning=None)
    expected = TINY.meters * TINY.days * 96
    unique = readings.group_by(["meter_id", "interval_start_utc"]).aggregate([]).num_rows
    assert 0.95 * expected < unique < expected
    assert 0 < readings.num_rows - unique < 0.03 * expected


def test_the_cells_of_a_source_have_shares_that_sum_to_one(home):
    weights = pq.read_table(make_inputs(TINY, "traffic") / "grid_weight.parquet")
    sums = weights.group_by("source_id").aggregate([("weight_share", "sum")])["weight_share_sum"]
    assert len(sums) == TINY.links
    assert pc.max(pc.abs(pc.subtract(sums, 1))).as_py() < 1e-12


def test_the_window_of_the_workload_is_part_of_the_inputs(power):
    window = json.loads((power / "window.json").read_text("utf-8"))
    assert window == {"from_utc": "2015-11-30T16:00:00+00:00", "hours": 24 * TINY.days}


def test_inputs_are_written_once(power):
    path = power / "meter.parquet"
    path.write_bytes(b"unchanged")
    assert make_inputs(TINY, "power") == power
    assert path.read_bytes() == b"unchanged"
