"""The scoring workload in a plain loop."""

import numpy as np
import pandas as pd
import pytest

from bench.rivals import scoring_pandas
from bench.totals import compute_totals, find_differences
from bigdata_emis.activity_model.cross_validation import Estimate
from tests.bench.stage_totals import run_stages


def test_the_totals_are_those_of_the_stages(home, spark):
    folder, reference = run_stages("scoring", home)
    scoring_pandas.run(folder, home / "rival")
    assert find_differences(reference, compute_totals(home / "rival", "scoring")) == []


def test_outside_the_training_range_activity_is_in_proportion_to_energy_and_less_certain():
    line = pd.DataFrame({"number": [0, 1], "energy_kwh": [10.0, 20.0]})

    def double(_model, series):
        activity = 2 * series.energy_kwh
        return Estimate(activity, activity, activity)

    activity, low, high = scoring_pandas.evaluate_line(line, {"taught_kwh": [5.0, 10.0]}, {}, double)
    assert activity.tolist() == [20, 40]
    assert high[0] == low[0] == 20
    assert high[1] - activity[1] == pytest.approx(1.6448536269514722 * 0.2 * 40)
    assert np.all(low <= activity)
