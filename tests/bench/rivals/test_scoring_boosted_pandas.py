"""The scoring of boosted models in a plain loop."""

import numpy as np

from bench.rivals import scoring_boosted_pandas
from bench.totals import compute_totals, find_differences
from tests.bench.stage_totals import run_stages


def test_the_totals_are_those_of_the_stages(home, spark):
    folder, reference = run_stages("scoring_boosted", home)
    scoring_boosted_pandas.run(folder, home / "rival")
    assert find_differences(reference, compute_totals(home / "rival", "scoring_boosted")) == []


def test_a_tree_sends_each_hour_to_the_leaf_of_its_side():
    leaves = iter([1_000_000, 3_000_000])
    value = scoring_boosted_pandas.walk_tree(iter("a.."), iter([5.0]), leaves, {"a": np.array([4.0, 5.0, 6.0])})
    assert value.tolist() == [1, 1, 3]
