"""Width of the interval of a corrected estimate."""

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.verdict_width import JudgedEstimate, choose_interval_scale, interval_scale

RULES = ModelRules()
HOUR = np.arange(240)
SECOND_HALF = HOUR >= 108
"""From the median of ten days on, which is half way through the fifth."""
ONES = np.ones(240)
AROUND_100 = Estimate(100 * ONES, 95 * ONES, 105 * ONES)


def judged(truth, *, champion=120.0, years=1.0):
    return JudgedEstimate(HOUR, truth, AROUND_100, champion * ONES, years)


def scale(hours, ratio=1.2, narrowest=1.0, rules=RULES):
    return choose_interval_scale(hours, ratio, narrowest=narrowest, rules=rules)


def test_the_width_is_what_the_second_half_needs_after_the_correction_of_the_first():
    """First half 120: a ratio of 1.2, so 120 ± 6. Second half 132, which is two arms away; all hours: 127, one arm."""
    truth = np.where(SECOND_HALF, 132.0, 120.0)
    assert scale(judged(truth)) == pytest.approx(2.0)


def test_hours_that_agree_with_the_correction_do_not_make_the_interval_narrower_but_by_half_where_that_is_allowed():
    assert scale(judged(120 * ONES)) == 1.0
    assert scale(judged(120 * ONES), narrowest=0.25) == pytest.approx(0.5)


def test_without_a_correction_the_second_half_is_judged_as_it_is_estimated():
    """Truth 110 against 100 ± 5: two arms, although the ratio of the first half would hide it."""
    assert scale(judged(110 * ONES, champion=100.0), ratio=1.0) == pytest.approx(2.0)


def test_a_level_that_moved_may_move_again():
    """Moved by ln 1.2 in a year: a margin of 0.9 × 0.182 × √0.375 = 10.05 % of 100, two of its arms of 5."""
    margin = 0.9 * np.log(1.2) * 0.375**0.5 * 100
    assert scale(judged(120 * ONES, champion=100.0)) == pytest.approx(np.hypot(1, margin / 5))
    quicker = scale(judged(120 * ONES, champion=100.0, years=0.25))
    assert quicker == pytest.approx(np.hypot(1, 2 * margin / 5))
    assert scale(judged(120 * ONES, champion=100.0, years=0.0)) == quicker


def test_the_width_is_bounded():
    truth = np.where(SECOND_HALF, 1000.0, 120.0)
    assert scale(judged(truth)) == RULES.watch_interval_limit


def test_nothing_estimated_needs_no_width():
    zeros = np.zeros(240)
    idle = JudgedEstimate(HOUR, zeros, Estimate(zeros, zeros, zeros), zeros, 1.0)
    assert scale(idle) == 1.0


def test_the_scale_of_an_interval_holds_nine_of_ten_hours():
    """Errors of 1 to 9 arms: the conformal rank of 90 % of nine is the ninth."""
    value = np.full(9, 100.0)
    estimate = Estimate(value, value - 1, value + 2)
    assert interval_scale(estimate, value - np.arange(1, 10)) == 9
    assert interval_scale(estimate, value + np.arange(1, 10)) == 4.5
