"""The workloads, run by the stages of the flow."""

import subprocess
import sys

import pyarrow as pa
import pytest

from bench.stage_runs import STAGES, BenchLake, stage_run
from tests.bench.stage_totals import run_stages

FAULTS = ("interpolated", "profile", "scaled", "duplicate", "outlier")


def test_a_declared_table_without_file_is_empty_and_a_reference_table_is_that_of_the_package(home, spark):
    lake = BenchLake(home / "inputs", home / "results")
    assert lake.read("meter").count() == 0
    assert lake.table("meter").num_rows == 0
    assert lake.table("uncertainty_rating").num_rows > 0


def test_a_result_is_read_before_an_input(home, spark):
    lake = BenchLake(home / "inputs", home / "results")
    names = lake.table("grid_weight").column_names
    lake.write("grid_weight", pa.table([["link"], ["cell"], [1.0]], names=["source_id", "cell_id", "weight_share"]))
    assert names == ["source_id", "cell_id", "weight_share"]
    assert lake.table("grid_weight").num_rows == 1


def test_all_faults_of_the_power_readings_are_cleaned(home, spark):
    _, totals = run_stages("power", home)
    counts = {key.rpartition(" ")[2]: rows for key, rows in totals.items() if "_code" in key}
    assert {fault for fault in FAULTS if counts.get(fault)} == set(FAULTS)


@pytest.mark.parametrize("workload", ["power", "traffic"])
def test_the_mass_of_the_grid_is_that_of_the_sources(home, spark, workload):
    _, totals = run_stages(workload, home)
    sources, cells = (totals[f"{name} emission_g NOx"] for name in ("emission_hourly", "emission_gridded_hourly"))
    assert sources == pytest.approx(cells, rel=1e-9)


def test_models_of_all_forms_are_trained(home, spark):
    _, totals = run_stages("training_all", home)
    assert totals["model_score rows"] > 0


def test_every_workload_has_its_stages_and_imports_no_others() -> None:
    program = (
        "import sys; from bench.stage_runs import stage_run; stage_run('traffic'); "
        "sys.exit('bigdata_emis.relate.train_activity' in sys.modules or 'sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    assert {name: stage_run(name).__name__ for name in STAGES} == {
        name: function for name, (_, function) in STAGES.items()
    }
