"""The models that walk through the years of a gas turbine: experts, baselines, and their choice.

Belongs here: what competes and how the fit years choose. Does not: shapes of kernels (gas_turbine_kernels), reading, scores, the document (gas_turbine).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.gas_turbine.kernels import kernels
from bigdata_emis.validate.online.adaptive_conformal import AdaptiveRule, adaptive_interval
from bigdata_emis.validate.online.boosting_expert import BoostingExpert
from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, without_bias
from bigdata_emis.validate.online.gaussian_process import Kernel, KernelProcess
from bigdata_emis.validate.online.persistence import last_known, late_value, mean_known
from bigdata_emis.validate.online.walk_forward_experts import Expert, Walked, blend_experts, expert_estimates

DAY_H, MONTH_H = 24, 720
CHAMPION, PROCESS, BOOSTING = "blend", "kernel_process", "boosting"
BASELINES = ("boosting_bias", BOOSTING, "frozen", "mean_30_days", "late_value", "persistence")
SHORT_MEMORY, MEMORY = (1000, 1500), (1800, 2400)
"""Rows remembered, least and most: a short memory ranks kernels as a long one does, at a fraction of its cost, which grows with its cube."""
FIRST_SHARE = 1 / 3
"""Of the fit rows: the walk that chooses the kernel starts behind them, since a process knows little before."""
SHARPNESS = (0.0, 1.0, 2.0, 4.0, 8.0)
"""How strongly the blend trusts whoever erred less of late: which, the walk through the last fit rows chooses."""
WINDOW_ROWS, WINDOW_LATE = 1440, 6
"""Known errors that tell the interval: two months of them, and several times as many as are still unknown."""
WARM_ROWS = 2520
"""Rows before the score years in which the walk already runs, so that weights and intervals have seen errors, 30 days late too."""


@dataclass(frozen=True)
class Estimated:
    """What a model said of each row, with its 90 % interval; NaN where it said nothing. Of a blend also how sharply it weighs."""

    value: Floats
    p05: Floats
    p95: Floats
    sharpness: float | None = None


@dataclass(frozen=True)
class Choice:
    """The kernel with the least error in the walk through the fit years, and the root mean square error of each."""

    kernel: Kernel
    errors: dict[str, float]


def choose_kernel(inputs: Floats, truth: Floats, *, hour_number: Integers, tell: Callable[[int, int], None]) -> Choice:
    """The kernel for these fit years: each walks from their first third on with truth a day late; the score years are not there."""
    first = int(len(truth) * FIRST_SHARE)
    schedule, errors = Schedule(first, DAY_H), {}
    for number, kernel in enumerate(kernels()):
        expert = KernelProcess(kernel, least_rows=SHORT_MEMORY[0], most_rows=SHORT_MEMORY[1])
        said = expert_estimates(inputs, truth, hour_number=hour_number, experts=(expert,), schedules=(schedule,))[
            DAY_H
        ][kernel.name]
        errors[kernel.name] = float(np.sqrt(np.nanmean((said.estimated - truth)[first:] ** 2)))
        tell(number + 1, len(kernels()))
    return Choice(min(kernels(), key=lambda kernel: errors[kernel.name]), errors)


def walk_models(
    inputs: Floats,
    truth: Floats,
    *,
    hour_number: Integers,
    kernel: Kernel,
    fit_rows: int,
    late_h: Sequence[int],
    tell: Callable[[int, int], None],
) -> dict[int, dict[str, Estimated]]:
    """Every model's estimates, by how late the truth is and by model; the walk begins shortly before the fit years end."""
    first = max(fit_rows - WARM_ROWS, int(fit_rows * FIRST_SHARE))
    schedules = [Schedule(first, late) for late in late_h]
    process = KernelProcess(kernel, least_rows=MEMORY[0], most_rows=MEMORY[1])
    experts: tuple[Expert, ...] = (process, BoostingExpert(BOOSTING))
    said = expert_estimates(inputs, truth, hour_number=hour_number, experts=experts, schedules=schedules, progress=tell)
    frozen = _frozen(inputs, truth, hour_number, fit_rows)
    return {
        s.late_h: _estimates(
            said[s.late_h], truth, hour_number=hour_number, schedule=s, fit_rows=fit_rows, frozen=frozen
        )
        for s in schedules
    }


def _estimates(
    said: dict[str, Walked], truth: Floats, *, hour_number: Integers, schedule: Schedule, fit_rows: int, frozen: Floats
) -> dict[str, Estimated]:
    rule = AdaptiveRule(window_rows=max(WINDOW_ROWS, WINDOW_LATE * schedule.late_h))
    found = {}
    for name, members in (
        (CHAMPION, said),
        (PROCESS, {name: part for name, part in said.items() if part.claims_spread}),
    ):
        blend = _blend(members, truth, hour_number=hour_number, schedule=schedule, fit_rows=fit_rows)
        made = blend_experts(members, truth, hour_number=hour_number, schedule=schedule, blend=blend, interval=rule)
        found[name] = Estimated(made.estimated, made.p05, made.p95, blend.sharpness)
    values = {
        **_baselines(said[BOOSTING].estimated, truth, hour_number=hour_number, schedule=schedule),
        "frozen": frozen,
    }
    for name in BASELINES:
        bounds = adaptive_interval(values[name], truth, hour_number=hour_number, late_h=schedule.late_h, rule=rule)
        found[name] = Estimated(values[name], *bounds)
    return found


def _baselines(boosting: Floats, truth: Floats, *, hour_number: Integers, schedule: Schedule) -> dict[str, Floats]:
    return {
        "boosting_bias": without_bias(boosting, truth, hour_number=hour_number, schedule=schedule, rule=BlendRule()),
        BOOSTING: boosting,
        "mean_30_days": mean_known(truth, hour_number=hour_number, schedule=schedule, window_h=MONTH_H),
        "late_value": late_value(truth, hour_number=hour_number, schedule=schedule),
        "persistence": last_known(truth, hour_number=hour_number, schedule=schedule),
    }


def _blend(
    said: dict[str, Walked], truth: Floats, *, hour_number: Integers, schedule: Schedule, fit_rows: int
) -> BlendRule:
    """The rule with the least error in the walk through the fit rows whose truth is known when the score years begin."""
    seen = slice(0, max(fit_rows - schedule.late_h, schedule.first_row))
    part = {name: Walked(walked.estimated[seen], walked.spread[seen]) for name, walked in said.items()}
    rules = [BlendRule(sharpness=sharpness) for sharpness in SHARPNESS]
    made = [
        blend_experts(part, truth[seen], hour_number=hour_number[seen], schedule=schedule, blend=rule).estimated
        for rule in rules
    ]
    errors = [np.nansum((estimated - truth[seen]) ** 2) for estimated in made]
    return rules[int(np.argmin(errors))]


def _frozen(inputs: Floats, truth: Floats, hour_number: Integers, fit_rows: int) -> Floats:
    """Boosting fitted to the fit years once."""
    expert, estimated = BoostingExpert("frozen"), np.full(len(truth), np.nan)
    known = np.flatnonzero(np.isfinite(truth[:fit_rows]))
    numbers = hour_number.astype(np.float64)
    expert.learn(inputs[known], truth[known], numbers[known])
    estimated[fit_rows:], _spread = expert.expect(inputs[fit_rows:], numbers[fit_rows:])
    return estimated
