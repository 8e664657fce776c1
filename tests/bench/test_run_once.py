"""Which code a contender runs."""

import pyarrow as pa
import pyarrow.parquet as pq

from bench.run_once import FLOOR, RIVALS, copy_readings, results_folder, rivals, run_once
from bench.sizes import SIZES


def test_power_and_traffic_have_two_plain_scripts_and_models_one_loop():
    assert rivals("power") == rivals("traffic") == RIVALS
    assert rivals("training") == rivals("scoring") == ("pandas",)
    assert rivals("training_all") == ()


def test_the_floor_copies_the_readings(tmp_path):
    table = pa.table({"energy_kwh": [1.0, 2.0]})
    (tmp_path / "in" / "power_reading" / "day=1").mkdir(parents=True)
    pq.write_table(table, tmp_path / "in" / "power_reading" / "day=1" / "part.parquet")
    copy_readings("power_reading", tmp_path / "in", tmp_path / "out")
    assert pq.read_table(tmp_path / "out" / "power_reading" / "day=1" / "part.parquet", partitioning=None) == table


def test_a_run_reports_its_start_and_its_work_and_replaces_old_results(home):
    size = SIZES["tiny"]
    old = results_folder("traffic", FLOOR, size) / "old.parquet"
    old.parent.mkdir(parents=True)
    old.touch()
    seconds = run_once("traffic", FLOOR, size)
    assert set(seconds) == {"start", "work"}
    assert not old.exists()
    assert list(old.parent.rglob("*.parquet"))
