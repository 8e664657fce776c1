"""Abatement beside production, and runs of hours."""

import numpy as np

from bigdata_emis.control.outcome.hour_evidence import judge_abatement, long_runs
from tests.control.outcome.outcome_frames import RULES


def judge(energy, abatement, *, by_power=True):
    """Normally 100 kWh of production and 5 kWh of abatement."""
    normal = np.ones((1, 10))
    return judge_abatement(
        np.array([energy], dtype=float),
        np.array([abatement], dtype=float),
        normal_energy=100 * normal,
        normal_abatement=5 * normal,
        by_power=np.array([by_power]),
        rules=RULES,
    )


def test_abatement_without_power_while_production_runs_is_off():
    evidence = judge([100, 100, 100], [5, 0.1, 5])
    assert evidence.is_off[0].tolist() == [False, True, False]
    assert evidence.probability[0].tolist() == [0.0, RULES.abatement_probability_share, 0.0]


def test_abatement_may_rest_while_production_rests():
    evidence = judge([5, 5], [0, 0])
    assert not evidence.is_off.any()
    assert evidence.probability.max() == 0


def test_a_missing_reading_is_no_evidence():
    assert not judge([100, np.nan], [np.nan, 0]).is_off.any()


def test_abatement_that_starts_after_production_is_late_and_that_stops_before_is_early():
    evidence = judge([0, 100, 100, 100, 0], [0, 0, 5, 0, 0])
    assert evidence.is_late[0].nonzero()[0].tolist() == [1]
    assert evidence.is_early_off[0].nonzero()[0].tolist() == [3]


def test_abatement_at_a_third_of_its_power_at_full_production_is_nearly_idle():
    assert judge([100], [1.7]).is_low.all()
    assert not judge([60], [1.7]).is_low.any()
    assert not judge([100], [1.7], by_power=False).is_low.any()


def test_abatement_that_runs_alone_for_hours_is_noted_and_no_breach():
    evidence = judge([0] * 5, [5] * 5)
    assert evidence.is_idle.all()
    assert not judge([0] * 3 + [100], [5] * 4).is_idle.any()
    assert evidence.probability.max() == 0


def test_a_device_that_was_never_read_before_is_not_judged():
    none = np.full((1, 3), np.nan)
    evidence = judge_abatement(
        none + 100, none + 1, normal_energy=none, normal_abatement=none, by_power=np.array([True]), rules=RULES
    )
    assert not evidence.is_off.any()


def test_short_runs_are_dropped_and_long_ones_stay_whole():
    flags = np.array([[1, 0, 1, 1, 1, 0, 1, 1]], dtype=bool)
    assert long_runs(flags, np.array([3.0]))[0].astype(int).tolist() == [0, 0, 1, 1, 1, 0, 0, 0]
