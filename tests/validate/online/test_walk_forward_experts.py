"""Experts that learn as truth arrives, and their blend."""

import numpy as np
import pytest

from bigdata_emis.validate.online.boosting_expert import BoostingExpert
from bigdata_emis.validate.online.expert_weights import Schedule
from bigdata_emis.validate.online.gaussian_process import GaussianProcessExpert, Kernel, KernelTerm
from bigdata_emis.validate.online.walk_forward_experts import ExpertEstimates, blend_experts, estimate_with_experts

HOURS = np.arange(960)
KERNEL = Kernel("process", (KernelTerm(1.0, (1.0,), 500.0), KernelTerm(0.2, None, 100.0)), noise_share=0.05)


class Echo:
    """Estimates the last truth that it learned."""

    name = "echo"

    def __init__(self):
        self.last = np.nan

    def learn(self, inputs, target, hour_number):
        self.last = target[-1] if len(target) else self.last

    def predict(self, inputs, hour_number):
        return np.full(len(inputs), self.last), np.full(len(inputs), np.nan)


def drifting(rows=960, seed=1):
    rng = np.random.default_rng(seed)
    load = rng.uniform(0, 2, rows)
    return load[:, None], 10 + 5 * load**2 + np.arange(rows) / 100 + rng.normal(0, 0.5, rows)


def experts():
    return GaussianProcessExpert(KERNEL, least_rows=200, most_rows=300), BoostingExpert("boosting", trees=30)


def walk_experts(inputs, truth, *, schedule):
    by_delay = estimate_with_experts(inputs, truth, hour_number=HOURS, experts=experts(), schedules=(schedule,))
    return blend_experts(by_delay[schedule.late_h], truth, hour_number=HOURS, schedule=schedule)


def test_an_expert_knows_the_truth_up_to_one_delay_before_it_estimates():
    estimates = estimate_with_experts(
        np.zeros((100, 1)),
        HOURS[:100] * 1.0,
        hour_number=HOURS[:100],
        experts=[Echo()],
        schedules=[Schedule(30, late_h=24)],
    )
    assert estimates[24]["echo"].estimated[[29, 30, 53, 54, 99]].tolist() == pytest.approx(
        [np.nan, 6, 6, 30, 54], nan_ok=True
    )


def test_truth_that_does_not_arrive_is_not_learned():
    truth = np.where(HOURS[:100] % 2, np.nan, HOURS[:100])
    estimates = estimate_with_experts(
        np.zeros((100, 1)), truth, hour_number=HOURS[:100], experts=[Echo()], schedules=[Schedule(31, late_h=24)]
    )
    assert estimates[24]["echo"].estimated[31] == 6


def test_missing_hours_make_the_known_truth_older():
    hours = np.array([0, 1, 2, 30, 31])
    estimates = estimate_with_experts(
        np.zeros((5, 1)), hours * 1.0, hour_number=hours, experts=[Echo()], schedules=[Schedule(3, late_h=29)]
    )
    assert estimates[29]["echo"].estimated[3:].tolist() == [1, 1]


def test_one_pass_for_two_delays_equals_two_passes():
    schedules = [Schedule(400, late_h=24), Schedule(400, late_h=120)]
    inputs, truth = np.zeros((960, 1)), HOURS * 1.0
    together = estimate_with_experts(inputs, truth, hour_number=HOURS, experts=[Echo()], schedules=schedules)
    for schedule in schedules:
        alone = estimate_with_experts(inputs, truth, hour_number=HOURS, experts=[Echo()], schedules=[schedule])
        assert np.array_equal(
            together[schedule.late_h]["echo"].estimated, alone[schedule.late_h]["echo"].estimated, equal_nan=True
        )


def test_truth_that_is_not_yet_known_changes_neither_estimate_nor_interval():
    inputs, truth = drifting()
    changed = np.where(HOURS >= 600, 99.0, truth)
    before, after = (walk_experts(inputs, t, schedule=Schedule(400, late_h=48)) for t in (truth, changed))
    for name in ("estimated", "p05", "p95"):
        first, second = getattr(before, name), getattr(after, name)
        assert np.array_equal(first[:648], second[:648], equal_nan=True)
        assert not np.array_equal(first[700:], second[700:])


def test_a_later_standard_deviation_changes_no_earlier_interval_and_before_the_first_there_is_none():
    rng = np.random.default_rng(2)
    truth, estimated = rng.normal(0, 1, 960), np.zeros(960)
    sd = np.where((HOURS < 200) | (HOURS % 5 == 0), np.nan, 1.0)
    later = np.where(HOURS >= 600, 50 * sd, sd)
    schedule = Schedule(100, late_h=24)
    earlier, altered = (
        blend_experts({"a": ExpertEstimates(estimated, s)}, truth, hour_number=HOURS, schedule=schedule)
        for s in (sd, later)
    )
    assert np.isnan(earlier.p95[:200]).all()
    assert np.isfinite(earlier.p95[500:600]).all()
    assert np.array_equal(earlier.p95[:600], altered.p95[:600], equal_nan=True)


def test_experts_follow_a_drift_and_nine_of_ten_hours_are_inside():
    inputs, truth = drifting()
    blend = walk_experts(inputs, truth, schedule=Schedule(300, late_h=24))
    error = (blend.estimated - truth)[400:]
    inside = ((truth >= blend.p05) & (truth <= blend.p95))[400:]
    assert np.sqrt((error**2).mean()) < 0.2 * truth.std()
    assert inside.mean() == pytest.approx(0.9, abs=0.03)
