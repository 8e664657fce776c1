"""Sizes of the benchmark and the windows of its workloads."""

from datetime import datetime

import pytest

from bench.sizes import CHEAP_FORMS, SIZES, make_context, scratch_folder

TINY = SIZES["tiny"]


@pytest.mark.parametrize(
    ("workload", "first", "days"),
    [
        ("power", "2015-12-01", 9),
        ("traffic", "2015-12-01", 1),
        ("training", "2015-01-01", 12),
        ("scoring", "2015-01-13", 1),
    ],
)
def test_a_workload_covers_whole_local_days(workload, first, days):
    window = TINY.window(workload)
    assert window.from_utc == datetime.fromisoformat(f"{first}T00:00+08:00")
    assert window.hours == 24 * days


def test_only_the_training_of_all_forms_has_no_restriction_of_forms(home):
    assert make_context(TINY, "training").region.options == {"activity_forms": list(CHEAP_FORMS)}
    assert make_context(TINY, "training_all").region.options == {}


def test_inputs_and_results_are_below_the_home_folder(home):
    assert scratch_folder() == home / "bench"
