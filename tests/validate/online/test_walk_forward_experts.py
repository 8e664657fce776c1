"""Experts that learn as truth arrives, their blend, and what they have to beat."""

import numpy as np
import pytest

from bigdata_emis.validate.online.boosting_expert import BoostingExpert
from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, blended, without_bias
from bigdata_emis.validate.online.gaussian_process import Kernel, KernelProcess, Term
from bigdata_emis.validate.online.persistence import last_known, late_value, mean_known
from bigdata_emis.validate.online.walk_forward_experts import Walked, blend_experts, expert_estimates, walk_experts

HOURS = np.arange(960)
KERNEL = Kernel("process", (Term(1.0, (1.0,), 500.0), Term(0.2, None, 100.0)), noise_share=0.05)


class Echo:
    """Says the last truth that it was taught."""

    name = "echo"

    def __init__(self):
        self.last = np.nan

    def learn(self, inputs, target, hour_number):
        self.last = target[-1] if len(target) else self.last

    def expect(self, inputs, hour_number):
        return np.full(len(inputs), self.last), np.full(len(inputs), np.nan)


def drifting(rows=960, seed=1):
    rng = np.random.default_rng(seed)
    load = rng.uniform(0, 2, rows)
    return load[:, None], 10 + 5 * load**2 + np.arange(rows) / 100 + rng.normal(0, 0.5, rows)


def experts():
    return KernelProcess(KERNEL, least_rows=200, most_rows=300), BoostingExpert("boosting", trees=30)


def test_an_expert_knows_the_truth_up_to_a_day_before_it_speaks():
    said = expert_estimates(
        np.zeros((100, 1)),
        HOURS[:100] * 1.0,
        hour_number=HOURS[:100],
        experts=[Echo()],
        schedules=[Schedule(30, late_h=24)],
    )
    assert said[24]["echo"].estimated[[29, 30, 53, 54, 99]].tolist() == pytest.approx(
        [np.nan, 6, 6, 30, 54], nan_ok=True
    )


def test_truth_that_never_comes_is_never_learned():
    truth = np.where(HOURS[:100] % 2, np.nan, HOURS[:100])
    said = expert_estimates(
        np.zeros((100, 1)), truth, hour_number=HOURS[:100], experts=[Echo()], schedules=[Schedule(31, late_h=24)]
    )
    assert said[24]["echo"].estimated[31] == 6


def test_hours_that_are_missing_make_the_known_truth_older():
    hours = np.array([0, 1, 2, 30, 31])
    said = expert_estimates(
        np.zeros((5, 1)), hours * 1.0, hour_number=hours, experts=[Echo()], schedules=[Schedule(3, late_h=29)]
    )
    assert said[29]["echo"].estimated[3:].tolist() == [1, 1]


def test_one_pass_for_two_delays_says_what_two_passes_say():
    schedules = [Schedule(400, late_h=24), Schedule(400, late_h=120)]
    inputs, truth = np.zeros((960, 1)), HOURS * 1.0
    together = expert_estimates(inputs, truth, hour_number=HOURS, experts=[Echo()], schedules=schedules)
    for schedule in schedules:
        alone = expert_estimates(inputs, truth, hour_number=HOURS, experts=[Echo()], schedules=[schedule])
        assert np.array_equal(
            together[schedule.late_h]["echo"].estimated, alone[schedule.late_h]["echo"].estimated, equal_nan=True
        )


def test_truth_that_is_not_known_yet_moves_neither_estimate_nor_interval():
    inputs, truth = drifting()
    changed = np.where(HOURS >= 600, 99.0, truth)
    before, after = (
        walk_experts(inputs, t, hour_number=HOURS, experts=experts(), schedule=Schedule(400, late_h=48))
        for t in (truth, changed)
    )
    for name in ("estimated", "p05", "p95"):
        first, second = getattr(before, name), getattr(after, name)
        assert np.array_equal(first[:648], second[:648], equal_nan=True)
        assert not np.array_equal(first[700:], second[700:])


def test_a_spread_that_is_claimed_later_moves_no_interval_before_and_before_the_first_there_is_none():
    rng = np.random.default_rng(2)
    truth, estimated = rng.normal(0, 1, 960), np.zeros(960)
    spread = np.where((HOURS < 200) | (HOURS % 5 == 0), np.nan, 1.0)
    later = np.where(HOURS >= 600, 50 * spread, spread)
    schedule = Schedule(100, late_h=24)
    one, other = (
        blend_experts({"a": Walked(estimated, s)}, truth, hour_number=HOURS, schedule=schedule) for s in (spread, later)
    )
    assert np.isnan(one.p95[:200]).all()
    assert np.isfinite(one.p95[500:600]).all()
    assert np.array_equal(one.p95[:600], other.p95[:600], equal_nan=True)


def test_experts_follow_a_drift_and_nine_of_ten_hours_lie_inside():
    inputs, truth = drifting()
    made = walk_experts(inputs, truth, hour_number=HOURS, experts=experts(), schedule=Schedule(300, late_h=24))
    error = (made.estimated - truth)[400:]
    inside = ((truth >= made.p05) & (truth <= made.p95))[400:]
    assert np.sqrt((error**2).mean()) < 0.2 * truth.std()
    assert inside.mean() == pytest.approx(0.9, abs=0.03)


def test_weights_go_by_known_errors():
    estimates, truth = [np.full(48, 1.0), np.full(48, 2.0)], np.zeros(48)
    found = blended(
        estimates, truth, hour_number=HOURS[:48], schedule=Schedule(0, late_h=24), rule=BlendRule(sharpness=1.0)
    )
    assert (found[0], found[24]) == pytest.approx((1.5, 0.8 * 1 + 0.2 * 2))


def test_an_expert_that_cannot_say_leaves_the_hour_to_the_others():
    found = blended(
        [np.full(3, np.nan), np.array([2.0, 2, np.nan])],
        np.zeros(3),
        hour_number=HOURS[:3],
        schedule=Schedule(0, late_h=24),
        rule=BlendRule(),
    )
    assert found.tolist() == pytest.approx([2, 2, np.nan], nan_ok=True)


def test_a_known_bias_is_taken_off():
    found = without_bias(
        np.full(48, 3.0), np.full(48, 5.0), hour_number=HOURS[:48], schedule=Schedule(0, late_h=24), rule=BlendRule()
    )
    assert (found[0], found[23], found[24], found[47]) == (3, 3, 5, 5)


def test_baselines_by_hand():
    known = {"hour_number": HOURS[:60], "schedule": Schedule(30, late_h=24)}
    truth = HOURS[:60] * 1.0
    assert last_known(truth, **known)[[30, 53, 54]].tolist() == [6, 6, 30]
    assert late_value(truth, **known)[[29, 30, 53]].tolist() == pytest.approx([np.nan, 6, 29], nan_ok=True)
    assert mean_known(truth, window_h=3, **known)[[30, 53]].tolist() == [5, 28]
    assert mean_known(np.where(truth == 5, np.nan, truth), window_h=3, **known)[30] == 5
