"""Two measured pollutants, a fraction and its total, after an audit of one of them."""

import numpy as np
import pytest

from bigdata_emis.inventory.shared.audited_monitors import MonitoredHours, align_monitors

PAIRS = [(1, 0)]
"""Row 1 is the fraction, row 0 its total."""


def monitors(total, fraction, *, audited=(False, False)):
    """One hour: estimate, 5th and 95th percentile of total and fraction, both measured."""
    before = np.array([total, fraction], dtype=float).T[:, :, None]
    return MonitoredHours(before, np.ones((2, 1), dtype=bool), np.array(audited)[:, None])


def aligned(benchmarked, hours):
    return align_monitors(np.array(benchmarked, dtype=float)[None, :, None], hours, PAIRS)[0, :, 0].tolist()


def test_monitors_are_consistent_only_where_the_fraction_is_at_most_the_total():
    assert monitors((10, 8, 12), (9, 7, 11)).are_consistent(1, 0).tolist() == [True]
    assert monitors((10, 8, 12), (11, 9, 13)).are_consistent(1, 0).tolist() == [False]


def test_a_monitor_limits_an_audited_total_from_below_and_an_audited_fraction_from_above():
    lower, upper = monitors((10, 8, 12), (9, 7, 11), audited=(True, False)).limits_g(0, PAIRS)
    assert (lower.tolist(), upper.tolist()) == ([7], [np.inf])
    lower, upper = monitors((10, 8, 12), (9, 7, 11), audited=(False, True)).limits_g(1, PAIRS)
    assert (lower.tolist(), upper.tolist()) == ([0], [12])


@pytest.mark.parametrize(
    ("audited", "benchmarked", "expected"),
    [
        ((True, False), (8.0, 9.0), [8, 8]),
        ((True, False), (5.0, 9.0), [7, 7]),
        ((False, True), (10.0, 11.0), [11, 11]),
        ((False, True), (10.0, 15.0), [12, 12]),
        ((True, True), (8.0, 9.0), [8, 8]),
        ((True, False), (9.5, 9.0), [9.5, 9]),
    ],
    ids=[
        "the fraction is capped to its audited total",
        "the total stays above the 5th percentile of the fraction",
        "the total is raised to its audited fraction",
        "the fraction stays below the 95th percentile of the total",
        "of two audits the fraction is capped",
        "no conflict",
    ],
)
def test_measured_pollutants_follow_an_audited_one_within_their_interval(audited, benchmarked, expected):
    assert aligned(benchmarked, monitors((10, 8, 12), (9, 7, 11), audited=audited)) == expected


def test_monitors_that_contradicted_each_other_before_are_unchanged():
    assert aligned((5.0, 11.0), monitors((10, 8, 12), (11, 9, 13), audited=(True, False))) == [5, 11]
