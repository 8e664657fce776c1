"""Walk-forward estimation by experts: each hour is estimated from the truth known before it.

Research: judged here, not run by the day.
Belongs here: the walk through the hours, and its estimates. Does not: the experts, their weights (expert_weights),
scores.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import AdaptiveRule, estimate_adaptive_interval
from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, blend_estimates, remove_known_bias

Progress = Callable[[int, int], None]


class Expert(Protocol):
    """A model that learns hours with their truth in order of time, and estimates others."""

    name: str

    def learn(self, inputs: Floats, target: Floats, hour_number: Floats) -> None:
        """Add hours whose truth has arrived: `inputs` (hours, inputs), `target` (hours,)."""

    def predict(self, inputs: Floats, hour_number: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each hour; NaN where there is none."""


@dataclass(frozen=True)
class ExpertEstimates:
    """Estimate and standard deviation of each row by one expert, shape (rows,).

    NaN where the expert was not asked or has none.
    """

    estimated: Floats
    sd: Floats

    @property
    def reports_sd(self) -> bool:
        """Whether the expert reports a standard deviation of any row."""
        return bool(np.isfinite(self.sd).any())


@dataclass(frozen=True)
class BlendedEstimate:
    """The blend of all experts with its 90 % interval, and the estimates of each expert by name."""

    estimated: Floats
    p05: Floats
    p95: Floats
    experts: dict[str, ExpertEstimates]


def estimate_with_experts(
    inputs: Floats,
    truth: Floats,
    *,
    hour_number: Integers,
    experts: Sequence[Expert],
    schedules: Sequence[Schedule],
    progress: Progress | None = None,
) -> dict[int, dict[str, ExpertEstimates]]:
    """Estimates of each expert under each schedule, by `late_h` and expert name, in one pass.

    One pass serves all schedules, since the truth that is known is the same, only later. `inputs` (rows, inputs)
    are known at the hour itself, NaN where unknown; `truth` (rows,) is NaN where none arrives; rows are in order of
    time. The experts must be new: they learn here. Rows before `first_row` of a schedule are only learned.
    """
    estimates = {
        s.late_h: {e.name: ExpertEstimates(np.full(len(truth), np.nan), np.full(len(truth), np.nan)) for e in experts}
        for s in schedules
    }
    stops = _stops(hour_number, schedules)
    learned = 0
    for number, (count, ranges) in enumerate(sorted(stops.items())):
        fresh = np.arange(learned, count)[np.isfinite(truth[learned:count])]
        learned = count
        for expert in experts:
            expert.learn(inputs[fresh], truth[fresh], hour_number[fresh].astype(np.float64))
            _fill_estimates(expert, inputs, hour_number, ranges, estimates)
        if progress is not None:
            progress(number + 1, len(stops))
    return estimates


def blend_experts(
    experts: dict[str, ExpertEstimates],
    truth: Floats,
    *,
    hour_number: Integers,
    schedule: Schedule,
    blend: BlendRule | None = None,
    interval: AdaptiveRule | None = None,
) -> BlendedEstimate:
    """The blend of the experts' estimates with its interval.

    The standard deviations of the experts say which hours are harder; the known misses say how wide the interval
    must be. The known bias of an expert without standard deviation is removed before the blend, since such an
    expert follows no level.
    """
    rule, first = blend or BlendRule(), schedule.first_row
    parts = [
        part.estimated
        if part.reports_sd
        else remove_known_bias(part.estimated, truth, hour_number=hour_number, schedule=schedule, rule=rule)
        for part in experts.values()
    ]
    estimated = blend_estimates(parts, truth, hour_number=hour_number, schedule=schedule, rule=rule)
    low, high = np.full(len(truth), np.nan), np.full(len(truth), np.nan)
    low[first:], high[first:] = estimate_adaptive_interval(
        estimated[first:],
        truth[first:],
        hour_number=hour_number[first:],
        late_h=schedule.late_h,
        scale=_mean_sd([part.sd[first:] for part in experts.values()]),
        rule=interval,
    )
    return BlendedEstimate(estimated, low, high, experts)


def _stops(hour_number: Integers, schedules: Sequence[Schedule]) -> dict[int, list[tuple[int, int, int]]]:
    """By the number of rows whose truth is known: the rows estimated then, as (late_h, first, last)."""
    stops: dict[int, list[tuple[int, int, int]]] = {}
    for schedule in schedules:
        for rows, count in schedule.estimation_steps(hour_number):
            stops.setdefault(count, []).append((schedule.late_h, rows.start, rows.stop))
    return stops


def _fill_estimates(
    expert: Expert,
    inputs: Floats,
    hour_number: Integers,
    ranges: list[tuple[int, int, int]],
    estimates: dict[int, dict[str, ExpertEstimates]],
) -> None:
    """Writes the expert's estimates of the given ranges of rows, predicted in one call, into `estimates`."""
    rows = np.concatenate([np.arange(first, last) for _late_h, first, last in ranges])
    mean, sd = expert.predict(inputs[rows], hour_number[rows].astype(np.float64))
    done = 0
    for late_h, first, last in ranges:
        part = slice(done, done + last - first)
        estimates[late_h][expert.name].estimated[first:last] = mean[part]
        estimates[late_h][expert.name].sd[first:last] = sd[part]
        done = part.stop


def _mean_sd(sds: Sequence[Floats]) -> Floats | None:
    """The mean of the standard deviations that experts report; None when none reports any.

    A row without any takes the mean of earlier rows' means; before the first there is no scale, so no interval.
    """
    stacked = np.vstack(sds)
    is_reported = np.isfinite(stacked)
    if not is_reported.any():
        return None
    mean = np.where(is_reported, stacked, 0.0).sum(axis=0) / np.maximum(is_reported.sum(axis=0), 1)
    has_mean = mean > 0
    count, total = np.cumsum(has_mean), np.cumsum(np.where(has_mean, mean, 0.0))
    earlier = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.where(has_mean, mean, earlier)
