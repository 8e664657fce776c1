"""Baselines from known truth."""

import numpy as np
import pytest

from bigdata_emis.validate.online.expert_weights import Schedule
from bigdata_emis.validate.online.persistence import estimate_last_known, estimate_late_value, estimate_recent_mean

HOURS = np.arange(60)
TRUTH = HOURS * 1.0
OPTIONS = {"hour_number": HOURS, "schedule": Schedule(30, late_h=24)}


def test_persistence_repeats_the_last_truth_known_when_the_day_was_estimated():
    assert estimate_last_known(TRUTH, **OPTIONS)[[30, 53, 54]].tolist() == [6, 6, 30]


def test_the_late_value_is_one_delay_old_and_missing_before_the_first_row():
    late = estimate_late_value(TRUTH, **OPTIONS)
    assert late[[29, 30, 53]].tolist() == pytest.approx([np.nan, 6, 29], nan_ok=True)


def test_the_recent_mean_is_renewed_every_hour_and_ignores_missing_truth():
    assert estimate_recent_mean(TRUTH, window_h=3, **OPTIONS)[[30, 53]].tolist() == [5, 28]
    gap = np.where(TRUTH == 4, np.nan, TRUTH)
    assert estimate_recent_mean(gap, window_h=3, **OPTIONS)[30] == 5.5
