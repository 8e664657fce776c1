"""The walk-forward models of the gas turbine: experts, baselines and their choice.

Research: judged here, not run by the day.
Belongs here: which models are compared and how the fit years choose. Does not: covariance functions (kernels), reading
(data), scores and the document (task).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.gas_turbine.kernels import candidate_kernels
from bigdata_emis.validate.online.adaptive_conformal import AdaptiveRule, estimate_adaptive_interval
from bigdata_emis.validate.online.boosting_expert import BoostingExpert
from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, remove_known_bias
from bigdata_emis.validate.online.gaussian_process import GaussianProcessExpert, Kernel
from bigdata_emis.validate.online.persistence import estimate_last_known, estimate_late_value, estimate_recent_mean
from bigdata_emis.validate.online.walk_forward_experts import (
    Expert,
    ExpertEstimates,
    blend_experts,
    estimate_with_experts,
)

DAY_H, MONTH_H = 24, 720
CHAMPION, PROCESS, BOOSTING = "blend", "kernel_process", "boosting"
BASELINES = ("boosting_bias", BOOSTING, "frozen", "mean_30_days", "late_value", "persistence")
CHOICE_ROWS, STORED_ROWS = (1000, 1500), (1800, 2400)
"""Rows stored by a Gaussian process, least and most, for the choice and for the walk.

Few rows rank kernels as many do, at a fraction of the cost, which grows with their cube."""
FIRST_SHARE = 1 / 3
"""Share of the fit rows before the walk that chooses the kernel, so that a process has data at its start."""
SHARPNESS = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Candidates for the sharpness of the blend; the walk through the last fit rows chooses."""
WINDOW_ROWS, WINDOW_DELAYS = 1440, 6
"""Known errors behind an interval: two months of them, and this many truth delays.

In the last third of 2011, truth 30 days late, the widest of 3, 4 or 6 months covers 87, 92, 93 % (CO) and 90, 90, 92 %
(NOx). Four would be enough for CO afterwards (92, 92 %) but not for NOx, whose level jumps late in 2013 (92, 85 %)."""
LEAST_CONCENTRATION = 0.0
WARM_UP_ROWS = 2520
"""Rows before the score years in which the walk runs, so that weights and intervals have known errors."""


@dataclass(frozen=True)
class TurbineEstimate:
    """Estimate of each row with its 90 % interval, shape (rows,).

    NaN where there is none.

    `sharpness` is that of a blend's weights.
    """

    value: Floats
    p05: Floats
    p95: Floats
    sharpness: float | None = None


@dataclass(frozen=True)
class KernelChoice:
    """The kernel with the least error over the fit years, and the RMSE of each candidate."""

    kernel: Kernel
    errors: dict[str, float]


def choose_kernel(
    inputs: Floats, truth: Floats, *, hour_number: Integers, progress: Callable[[int, int], None]
) -> KernelChoice:
    """The kernel with the least error over the fit years; the score years are not passed in.

    Each candidate walks from the end of the first third on, with truth one day late.
    """
    first = int(len(truth) * FIRST_SHARE)
    schedule, errors = Schedule(first, DAY_H), {}
    for number, kernel in enumerate(candidate_kernels()):
        expert = GaussianProcessExpert(kernel, least_rows=CHOICE_ROWS[0], most_rows=CHOICE_ROWS[1])
        by_delay = estimate_with_experts(
            inputs, truth, hour_number=hour_number, experts=(expert,), schedules=(schedule,)
        )
        estimated = by_delay[DAY_H][kernel.name].estimated
        errors[kernel.name] = float(np.sqrt(np.nanmean((estimated - truth)[first:] ** 2)))
        progress(number + 1, len(candidate_kernels()))
    return KernelChoice(min(candidate_kernels(), key=lambda kernel: errors[kernel.name]), errors)


def walk_models(
    inputs: Floats,
    truth: Floats,
    *,
    hour_number: Integers,
    kernel: Kernel,
    fit_rows: int,
    late_h: Sequence[int],
    progress: Callable[[int, int], None],
) -> dict[int, dict[str, TurbineEstimate]]:
    """Estimates of every model, by truth delay in hours and by model.

    The walk starts shortly before the score years.
    """
    first = max(fit_rows - WARM_UP_ROWS, int(fit_rows * FIRST_SHARE))
    schedules = [Schedule(first, late) for late in late_h]
    process = GaussianProcessExpert(kernel, least_rows=STORED_ROWS[0], most_rows=STORED_ROWS[1])
    experts: tuple[Expert, ...] = (process, BoostingExpert(BOOSTING))
    by_delay = estimate_with_experts(
        inputs, truth, hour_number=hour_number, experts=experts, schedules=schedules, progress=progress
    )
    frozen = _estimate_frozen(inputs, truth, hour_number, fit_rows)
    return {
        s.late_h: _estimate_all(
            by_delay[s.late_h], truth, hour_number=hour_number, schedule=s, fit_rows=fit_rows, frozen=frozen
        )
        for s in schedules
    }


def _estimate_all(
    experts: dict[str, ExpertEstimates],
    truth: Floats,
    *,
    hour_number: Integers,
    schedule: Schedule,
    fit_rows: int,
    frozen: Floats,
) -> dict[str, TurbineEstimate]:
    rule = AdaptiveRule.for_late_truth(
        schedule.late_h, window_rows=max(WINDOW_ROWS, WINDOW_DELAYS * schedule.late_h), least_value=LEAST_CONCENTRATION
    )
    processes = {name: part for name, part in experts.items() if part.reports_sd}
    estimates = {}
    for name, members in ((CHAMPION, experts), (PROCESS, processes)):
        blend = _choose_blend(members, truth, hour_number=hour_number, schedule=schedule, fit_rows=fit_rows)
        blended = blend_experts(members, truth, hour_number=hour_number, schedule=schedule, blend=blend, interval=rule)
        estimates[name] = TurbineEstimate(blended.estimated, blended.p05, blended.p95, blend.sharpness)
    values = {
        **_estimate_baselines(experts[BOOSTING].estimated, truth, hour_number=hour_number, schedule=schedule),
        "frozen": frozen,
    }
    for name in BASELINES:
        bounds = estimate_adaptive_interval(
            values[name], truth, hour_number=hour_number, late_h=schedule.late_h, rule=rule
        )
        estimates[name] = TurbineEstimate(values[name], *bounds)
    return estimates


def _estimate_baselines(
    boosting: Floats, truth: Floats, *, hour_number: Integers, schedule: Schedule
) -> dict[str, Floats]:
    return {
        "boosting_bias": remove_known_bias(
            boosting, truth, hour_number=hour_number, schedule=schedule, rule=BlendRule()
        ),
        BOOSTING: boosting,
        "mean_30_days": estimate_recent_mean(truth, hour_number=hour_number, schedule=schedule, window_h=MONTH_H),
        "late_value": estimate_late_value(truth, hour_number=hour_number, schedule=schedule),
        "persistence": estimate_last_known(truth, hour_number=hour_number, schedule=schedule),
    }


def _choose_blend(
    experts: dict[str, ExpertEstimates], truth: Floats, *, hour_number: Integers, schedule: Schedule, fit_rows: int
) -> BlendRule:
    """The rule with the least error over the fit rows whose truth is known when the score years begin."""
    seen = slice(0, max(fit_rows - schedule.late_h, schedule.first_row))
    seen_estimates = {name: ExpertEstimates(part.estimated[seen], part.sd[seen]) for name, part in experts.items()}
    rules = [BlendRule(sharpness=sharpness) for sharpness in SHARPNESS]
    blends = [
        blend_experts(
            seen_estimates, truth[seen], hour_number=hour_number[seen], schedule=schedule, blend=rule
        ).estimated
        for rule in rules
    ]
    errors = [np.nansum((estimated - truth[seen]) ** 2) for estimated in blends]
    return rules[int(np.argmin(errors))]


def _estimate_frozen(inputs: Floats, truth: Floats, hour_number: Integers, fit_rows: int) -> Floats:
    """Boosting fitted once, to the fit years."""
    expert, estimated = BoostingExpert("frozen"), np.full(len(truth), np.nan)
    with_truth = np.flatnonzero(np.isfinite(truth[:fit_rows]))
    numbers = hour_number.astype(np.float64)
    expert.learn(inputs[with_truth], truth[with_truth], numbers[with_truth])
    estimated[fit_rows:], _sd = expert.predict(inputs[fit_rows:], numbers[fit_rows:])
    return estimated
