"""The training workload in a plain loop."""

import numpy as np

from bench.rivals import training_pandas
from bench.totals import compute_totals, find_differences
from tests.bench.stage_totals import run_stages


def test_the_totals_are_those_of_the_stages(home, spark):
    folder, reference = run_stages("training", home)
    training_pandas.run(folder, home / "rival")
    assert find_differences(reference, compute_totals(home / "rival", "training")) == []


def test_an_hour_is_a_start_when_the_line_runs_within_two_hours():
    energy = np.array([0.0, 0, 0, 5, 0])
    assert training_pandas.starts_within_two_hours(energy).tolist() == [False, True, True, False, False]


def test_a_profile_is_the_mean_of_each_hour_of_the_week_and_the_overall_mean_elsewhere():
    profile = training_pandas.fit_profile(np.ones(3), np.array([1.0, 3, 8]), np.array([0, 0, 1]))
    assert profile[:3].tolist() == [2, 8, 4]
