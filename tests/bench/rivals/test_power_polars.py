"""The power workload in Polars."""

from bench.rivals import power_polars
from bench.totals import compute_totals, find_differences
from tests.bench.stage_totals import run_stages


def test_the_totals_are_those_of_the_stages(home, spark):
    folder, reference = run_stages("power", home)
    power_polars.run(folder, home / "rival")
    assert find_differences(reference, compute_totals(home / "rival", "power")) == []
