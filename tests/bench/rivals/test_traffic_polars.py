"""The traffic workload in Polars."""

import polars as pl

from bench.rivals import traffic_polars
from bench.totals import compute_totals, find_differences
from tests.bench.stage_totals import run_stages


def test_the_totals_are_those_of_the_stages(home, spark):
    folder, reference = run_stages("traffic", home)
    traffic_polars.run(folder, home / "rival")
    assert find_differences(reference, compute_totals(home / "rival", "traffic")) == []


def test_an_edge_belongs_to_the_bin_nearer_to_the_reference():
    bins = pl.DataFrame({"lower_degc": [0.0, 15.0, 30.0], "upper_degc": [15.0, 30.0, 40.0]})
    for value, expected in ((15.0, [False, False, False]), (30.0, [False, True, False]), (0.0, [True, False, False])):
        inside = bins.with_columns(value=pl.lit(value)).select(traffic_polars.is_in_bin("value", "degc", 15.0))
        assert inside.to_series().to_list() == expected
