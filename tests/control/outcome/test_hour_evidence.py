"""Abatement beside production, and runs of hours."""

from dataclasses import replace

import numpy as np
import pytest

from bigdata_emis.control.outcome.hour_evidence import (
    ProductionStates,
    find_contradictions,
    find_restarts,
    find_standstills,
    judge_abatement,
    long_runs,
    production_states,
)
from bigdata_emis.control.outcome.order_obedience import LoadSeries
from tests.control.outcome.outcome_frames import RULES


def states(hours):
    """Production runs above 50 kWh and stands still up to 20 kWh."""
    return ProductionStates(np.full((1, hours), 50.0), np.full((1, hours), 20.0))


def judge(energy, abatement, *, by_power=True):
    """Normally 100 kWh of production and 5 kWh of abatement."""
    normal = np.ones((1, 10))
    return judge_abatement(
        np.array([energy], dtype=float),
        np.array([abatement], dtype=float),
        production=states(len(energy)),
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


def test_an_hour_shows_by_how_many_minutes_abatement_starts_late():
    """Production ran for 60 × 50 ÷ 100 = 30 min of the second hour, abatement for 60 × 0.5 ÷ 5 = 6: 24 late."""
    limit = RULES.abatement_late_min + RULES.hour_resolution_min
    assert limit == 25
    assert not judge([0, 50, 100], [0, 0.5, 5]).is_late.any()
    assert judge([0, 50, 100], [0, 0.3, 5]).is_late[0].tolist() == [False, True, False]
    assert not judge([0, 50, 100], [0, 0.3, 5]).is_off[0, 0]


def test_abatement_that_starts_before_production_is_not_late():
    assert not judge([0, 50, 100], [0, 4.0, 5]).is_late.any()
    assert not judge([0, 50, 100], [5, 5, 5]).is_late.any()


def test_an_hour_shows_by_how_many_minutes_abatement_stops_early():
    """Production ran for 48 min of the last hour, abatement for 12."""
    evidence = judge([100, 80, 0], [5, 1.0, 0])
    assert evidence.is_early_off[0].tolist() == [False, True, False]
    assert not judge([100, 80, 0], [5, 4.0, 0]).is_early_off.any()


def test_without_the_hour_after_the_start_no_minutes_are_known():
    assert not judge([0, 50, np.nan], [0, 0.0, np.nan]).is_late.any()


def contradictions(energy, abatement, *, constant=False):
    """Over sixty normal hours production swings between 50 and 100 kWh, and abatement needs a twentieth of it ±1 %."""
    hours = np.arange(60)
    normal = np.where(hours % 2, 100.0, 50.0)[None]
    device = np.full((1, 60), 5.0) if constant else normal / 20
    return find_contradictions(
        np.array([energy], dtype=float),
        np.array([abatement], dtype=float),
        normal_energy=normal,
        normal_abatement=device * (1 + 0.01 * (-1) ** (hours // 2)),
        rules=RULES,
    )[0]


def test_abatement_at_full_power_contradicts_a_meter_that_shows_a_stop():
    assert contradictions([10] * 5, [5] * 5).all()
    assert not contradictions([10] * 5, [0.5] * 5).any()
    assert not contradictions([100] * 5, [5] * 5).any()


def test_less_than_four_hours_contradict_nothing():
    assert not contradictions([10, 10, 10, 100], [5, 5, 5, 5]).any()


def test_fans_of_constant_speed_contradict_no_stop():
    assert not contradictions([10] * 5, [5] * 5, constant=True).any()


def test_unread_hours_contradict_nothing():
    assert not contradictions([np.nan] * 5, [5] * 5).any()
    assert not contradictions([10] * 5, [np.nan] * 5).any()


def load_series(observed, *, level=12.0):
    """A line of 100 kWh whose base load is 10 kWh."""
    one, shape = np.ones(1), (1, len(observed))
    return LoadSeries(
        observed=np.array([observed], dtype=float),
        expected=np.full(shape, level),
        order_share=np.ones(shape),
        base_share=0.1 * one,
        power_elasticity=one,
        reference=100 * one,
        level=level * one,
        persistent_sd=0.1 * one,
        hourly_sd=0.1 * one,
    )


def test_a_shut_line_that_draws_more_than_its_trickle_for_two_hours_has_started():
    """It drew 12 kWh before; a tenth of 100 kWh more is 22."""
    found = find_restarts(load_series([12, 30, 12, 23, 30, 12]), RULES)
    assert found[0].tolist() == [False, False, False, True, True, False]
    assert not find_restarts(load_series([21] * 6), RULES).any()
    assert not find_restarts(load_series([np.nan] * 6), RULES).any()


def test_a_line_that_worked_before_the_order_does_not_start():
    assert not find_restarts(load_series([90] * 6, level=60.0), RULES).any()


def stand_still(observed, *, order=1.0, normal=(30.0, 60.0)):
    """Of a line that normally draws 30 kWh at night and 60 by day; its registered base load is 10."""
    series = replace(load_series(observed, level=45.0), order_share=np.full((1, len(observed)), order))
    return bool(find_standstills(series, np.array([list(normal) * 24]), RULES)[0])


def test_a_line_whose_power_is_low_and_constant_under_an_order_to_stop_stands_still():
    """The registered base load of 10 kWh errs: it draws 19 all along, less than four fifths of its quiet 30."""
    assert stand_still([19.0, 19.4, 18.7] * 8)
    assert not stand_still([25.0, 25.4, 24.7] * 8)


def test_a_line_that_follows_its_working_day_does_not_stand_still():
    """At 40 % of its load it would draw 18 and 30 kWh; on a free day 18 all along."""
    assert not stand_still([18.0, 30.0] * 12)
    assert not stand_still([18.0] * 24 + [18.0, 30.0] * 12)


def test_a_line_without_a_working_day_is_not_judged_by_its_constant_power():
    """Nor is a kiln that stood for a day among its normal ones."""
    assert not stand_still([19.0, 19.4, 18.7] * 8, normal=(59.0, 61.0))
    assert not stand_still([19.0, 19.4, 18.7] * 8, normal=(*[59.0, 61.0] * 10, 12.0))


def test_an_order_to_cut_a_part_and_few_hours_say_nothing_of_a_standstill():
    assert not stand_still([19.0] * 24, order=0.5)
    assert not stand_still([19.0] * 7)
    assert not stand_still([np.nan] * 24)


def test_production_runs_above_half_of_what_the_order_leaves_and_stands_still_near_its_base_load():
    """Base load 10 kWh with an error of 2, and a tenth of the normal 60 kWh: still up to 18 kWh.

    Half the order leaves 10 + 0.5 × 50 = 35 kWh: production runs above 10 + 0.5 × 25 = 22.5 kWh.
    """
    series = replace(load_series([50.0], level=60.0), order_share=np.full((1, 1), 0.5))
    states = production_states(series, RULES)
    assert states.standing_kwh[0, 0] == pytest.approx(18.0)
    assert states.running_kwh[0, 0] == pytest.approx(22.5)


def test_abatement_that_runs_alone_for_hours_is_noted_and_no_breach():
    evidence = judge([0] * 5, [5] * 5)
    assert evidence.is_idle.all()
    assert not judge([0] * 3 + [100], [5] * 4).is_idle.any()
    assert evidence.probability.max() == 0


def test_a_device_that_was_never_read_before_is_not_judged():
    none = np.full((1, 3), np.nan)
    evidence = judge_abatement(
        none + 100,
        none + 1,
        production=states(3),
        normal_energy=none,
        normal_abatement=none,
        by_power=np.array([True]),
        rules=RULES,
    )
    assert not evidence.is_off.any()


def test_short_runs_are_dropped_and_long_ones_stay_whole():
    flags = np.array([[1, 0, 1, 1, 1, 0, 1, 1]], dtype=bool)
    assert long_runs(flags, np.array([3.0]))[0].astype(int).tolist() == [0, 0, 1, 1, 1, 0, 0, 0]
