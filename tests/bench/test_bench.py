"""The benchmark times what gives the same result: at a size of a few meters and links, all three contenders agree."""

import importlib

import pytest

from bench import ours
from bench.generate import inputs
from bench.sizes import LEARNING, SIZES, WORKLOADS, context
from bench.totals import differences, totals
from bench.work import RIVALS, rivals

TINY = SIZES["tiny"]
MADE = {
    "training": "model_score chosen affine",
    "training_all": "model_score rows",
    "scoring": "activity_hourly rows",
    "scoring_boosted": "activity_hourly rows",
}
FAULTS = ("interpolated", "profile", "scaled", "duplicate", "outlier")


@pytest.fixture
def made(home, spark):
    """Inputs and the totals of our own stages."""

    def make(workload):
        folder = inputs(TINY, workload)
        ours.WORK[workload](folder, home / "ours", context(TINY, workload))
        return folder, totals(home / "ours", workload)

    return make


@pytest.mark.parametrize("workload", WORKLOADS)
def test_plain_scripts_give_the_totals_of_the_stages(made, home, workload):
    folder, reference = made(workload)
    for rival in RIVALS:
        importlib.import_module(f"bench.rivals.{workload}_{rival}").run(folder, home / rival)
        assert differences(reference, totals(home / rival, workload)) == []
    assert reference["emission_hourly emission_g NOx"] == pytest.approx(
        reference["emission_gridded_hourly emission_g NOx"], rel=1e-9
    )


@pytest.mark.parametrize("workload", LEARNING)
def test_a_plain_loop_over_lines_gives_the_models_and_the_scores_of_the_stages(made, home, workload):
    folder, reference = made(workload)
    for rival in rivals(workload):
        importlib.import_module(f"bench.rivals.{workload}_{rival}").run(folder, home / rival)
        assert differences(reference, totals(home / rival, workload)) == []
    assert reference[MADE[workload]] > 0


def test_the_power_inputs_have_every_fault_that_is_cleaned(made):
    _, reference = made("power")
    counted = {key.rpartition(" ")[2]: rows for key, rows in reference.items() if "_code" in key}
    assert {fault for fault in FAULTS if counted.get(fault)} == set(FAULTS)


def test_totals_that_differ_by_a_millionth_are_told():
    assert differences({"rows": 1e6}, {"rows": 1e6 + 1}) == ["rows: 1000000.0 and 1000001.0"]
