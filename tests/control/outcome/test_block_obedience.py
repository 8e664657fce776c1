"""Lines whose hours vary too much are judged by whole days, where a day shows the order."""

import numpy as np
import pytest

from bigdata_emis.control.outcome.block_obedience import LEAST_DAY_SD, day_spread, judge_by_day
from bigdata_emis.control.outcome.order_obedience import LoadSeries
from bigdata_emis.statistics.normal_profile import fit_normal_profile
from tests.control.outcome.outcome_frames import RULES

DAYS = 2
HOURS = DAYS * 24
DAY_OF_HOUR = np.repeat(np.arange(DAYS), 24)
GRACE = np.zeros((1, HOURS), dtype=bool)


def batches(load):
    """A furnace that runs every second hour: hours of 0 and 200 kWh at a load of 1, a mean of 100."""
    return np.where(np.arange(HOURS) % 2, 200.0 * load, 0.0)[None]


def series(observed, *, order=0.5):
    one = np.ones(1)
    return LoadSeries(
        observed=observed,
        expected=np.full((1, HOURS), 100.0),
        order_share=np.full((1, HOURS), order),
        base_share=0 * one,
        power_elasticity=one,
        reference=100 * one,
        level=100 * one,
        persistent_sd=0.3 * one,
        hourly_sd=0.8 * one,
    )


def judge(observed, *, day_sd=0.1, order=0.5, is_grace=GRACE):
    return judge_by_day(
        series(observed, order=order), np.array([day_sd]), day_of_hour=DAY_OF_HOUR, is_grace=is_grace, rules=RULES
    )


def test_a_furnace_that_runs_every_second_hour_is_known_by_its_days():
    ignored, obeyed = judge(batches(1.0)), judge(batches(0.5))
    assert ignored.is_judged.all()
    assert ignored.obedience.breach_probability.min() > 0.95
    assert obeyed.obedience.breach_probability.max() < 0.05
    assert obeyed.obedience.executed_share.min() > 0.95


def test_each_day_has_its_own_verdict():
    second = np.where(DAY_OF_HOUR == 1, batches(1.0), batches(0.5))
    probability = judge(second, day_sd=0.05).obedience.breach_probability[0]
    assert probability[:24].max() < 0.2
    assert probability[24:].min() > 0.8


def test_a_day_that_varies_as_much_as_the_order_is_not_judged():
    """Log 2 = 0.69 is less than two standard deviations of 0.4."""
    assert not judge(batches(1.0), day_sd=0.4).is_judged.any()
    assert not judge(batches(1.0), day_sd=np.inf).is_judged.any()
    assert not judge(batches(1.0), order=0.1).is_judged.any()


def test_a_day_that_a_shift_of_work_would_not_change_cannot_be_said_to_obey():
    """Cut to a half: 50 kWh; with 8 of 24 h at 100 kWh: 50 + 8 ÷ 24 × 50 = 66.7 kWh, ln(66.7 ÷ 50) = 0.288.

    That is 2.5 standard deviations of 0.111 (of which 0.03 is the reading's), but less than 2.5 of 0.13.
    """
    assert not judge(batches(0.5), day_sd=0.1).hides_work.any()
    hidden = judge(batches(0.5), day_sd=0.13)
    assert hidden.is_judged.all()
    assert hidden.hides_work.all()


def test_a_small_cut_hides_a_shift_of_work_below_the_least_excess():
    """Cut by a fifth: a shift adds 8 ÷ 24 × 20 = 6.7 kWh, less than a tenth of the normal 100 kWh."""
    assert judge(batches(0.8), day_sd=0.03, order=0.2).hides_work.all()


def test_a_day_with_few_hours_left_is_not_judged():
    grace = GRACE.copy()
    grace[0, :17] = True
    judged = judge(batches(1.0), is_grace=grace).is_judged[0]
    assert not judged[:24].any()
    assert judged[24:].all()


def test_an_unread_hour_is_unknown_and_counts_for_no_day():
    observed = batches(1.0)
    observed[0, 3] = np.nan
    verdict = judge(observed)
    assert np.isnan(verdict.obedience.breach_probability[0, 3])
    assert not verdict.is_judged[0, 3]
    assert verdict.is_judged[0, 4]


def profile_of(levels):
    training = np.repeat(np.array(levels, dtype=float)[None, :, None], 24, axis=2)
    days = len(levels)
    return training, fit_normal_profile(training, np.zeros(days, int), np.zeros(1, int), profiles=("flat",))


def test_days_that_are_alike_still_have_the_least_spread():
    assert day_spread(*profile_of([100] * 6)) == pytest.approx([LEAST_DAY_SD])


def test_the_spread_of_days_is_widened_for_the_few_that_there_are():
    """Days of 90 and 110 alternate: log ratios to the mean of the others of ±0.11 to ±0.15, a factor of 1.3 for six."""
    spread = day_spread(*profile_of([90, 110] * 3))[0]
    assert 0.15 < spread < 0.22


def test_too_few_days_have_no_spread():
    assert np.isinf(day_spread(*profile_of([100] * 4))).all()
