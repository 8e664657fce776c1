"""Placebo windows: how large a change without an alert is."""

from datetime import date, timedelta

import numpy as np
import pytest

from bigdata_emis.validate.beijing.placebos import (
    HIGHER,
    LOWER,
    UNKNOWN,
    PlaceboVerdict,
    judge_by_placebos,
    placebo_changes,
)

PLACEBOS = [number / 100 for number in range(-50, 51)]


@pytest.mark.parametrize(("change", "verdict"), [(-0.2, UNKNOWN), (0.44, UNKNOWN), (-0.46, LOWER), (0.46, HIGHER)])
def test_a_change_counts_only_outside_nine_of_ten_placebos(change, verdict):
    judged = judge_by_placebos(change, PLACEBOS)
    assert (judged.count, judged.p05, judged.p95) == (101, pytest.approx(-0.45), pytest.approx(0.45))
    assert judged.verdict == verdict


def test_few_placebos_tell_nothing():
    assert judge_by_placebos(-0.9, PLACEBOS[:19]) == PlaceboVerdict(19, None, None, UNKNOWN)


def test_placebos_are_windows_of_the_heating_season_against_the_days_beside_them():
    """60 winter days at the expectation, but for one day at half of it: the window of that day changes by half."""
    days = np.repeat(np.array([date(2014, 12, 1) + timedelta(days=n) for n in range(60)], dtype=object), 24)
    measured = np.where(days == date(2014, 12, 1) + timedelta(days=14), 5.0, 10.0)
    changes = placebo_changes(days, measured, np.full(1440, 10.0), np.ones(1440, bool), window_days=1, compared_days=14)
    assert len(changes) == 11
    assert changes[0] == pytest.approx(-0.5)
    assert changes[-1] == pytest.approx(0.0)


def test_hours_that_are_not_usable_make_no_placebo():
    days = np.repeat(np.array([date(2014, 6, 1) + timedelta(days=n) for n in range(60)], dtype=object), 24)
    ones = np.ones(1440)
    assert placebo_changes(days, ones, ones, np.ones(1440, bool), window_days=2, compared_days=14) == []
    winter = days + timedelta(days=183)
    assert placebo_changes(winter, ones, ones, np.zeros(1440, bool), window_days=2, compared_days=14) == []
