"""Meters that step up or down by a factor while what estimates them stays where it is: a wrong multiplier or unit.

Belongs here: steps that a witness contradicts, how long they last, and hours that one confirms. Does not: the estimates
(level_estimates), or the course of one meter alone (meter_series).

The thresholds are choices of this project, made on simulated faults of seeds 11, 12, 21 and 22
(`emis demo --fault-trials`). A plant that changes its output steps, too, but so do the abatement of its line and the
total of its district; a meter steps alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.faults.level_estimates import (
    BY_SIBLING,
    BY_TOTAL,
    LEAST_DAYS,
    OF_GENERATION,
    LevelEstimates,
    estimate_levels,
)
from bigdata_emis.clean.faults.meter_places import MeterPlace
from bigdata_emis.clean.readings.hour_grid import HourGrid
from bigdata_emis.clean.readings.outliers import median_by_row
from bigdata_emis.codes import MeterRole

REACH_H, LEAST_READ_H = 4, 2
"""A step is that of the median of so many hours, of which so many are read, to each side of an hour."""
LEAST_STEP = np.log(1.5)
WITNESS_SHARE = 0.3
"""The witness moves by less than this part of the step."""
LEAST_SPREAD, SPREADS = 0.02, 5.0
"""A step is at least so many spreads of its witness."""
USUAL_SHARE = 0.5
"""A step nearer than this part of it to that of the same hour of most days before is the rhythm of the plant."""
NORMAL_BEFORE, ODD_AFTER = 1.2, 0.6
"""In parts of the step: how far from usual a meter may be before it, and must be after: a step back is the end."""
READING_SHARE = 0.5
"""The reading of the meter itself makes at least this part of the step of its site."""
CONFIRMED_SHARE, OTHER_ODD = 0.5, 0.4
"""A total that moves with the step to this part confirms it; a sibling so far from its own total is wrong itself."""
LASTING_SHARE, BACK_H, LEAST_H = 0.5, 3, 6
"""A step lasts while this part of it is left, until it is not for so many hours; shorter ones are no fault."""
MOVED_SHARE = 0.15
"""The hour in which a step begins or ends holds at least this part of it."""
OFF = np.log(0.085)
"""A lower ratio is abatement that is off, which is no fault of a meter."""
HOURS_A_DAY = 24


@dataclass(frozen=True)
class LevelDoubts:
    """Hours, `(meters, hours)`: of a step that a witness contradicts, and in which one agrees with the meter."""

    wrong_factor: Flags
    is_confirmed: Flags


def judge_levels(energy: Floats, places: Sequence[MeterPlace], total_kwh: Floats, grid: HourGrid) -> LevelDoubts:
    """Doubts about hourly energy, `(meters, hours)`, from the other meters of a line and from district totals.

    Each day is judged from itself and the days before it that it looks back on, so alike in whatever window.
    """
    doubts = LevelDoubts(np.zeros(energy.shape, dtype=bool), np.zeros(energy.shape, dtype=bool))
    for number in grid.own_days if grid.first_own_day >= LEAST_DAYS else ():
        first_day = number - grid.first_own_day
        near = np.flatnonzero((grid.day >= first_day) & (grid.day <= number))
        own = np.flatnonzero(grid.day[near] == number)
        earlier = [np.flatnonzero(grid.day[near] == day) for day in range(first_day, number)]
        before = np.stack([day[np.minimum(np.arange(len(own)), len(day) - 1)] for day in earlier])
        totals = total_kwh[:, near] if len(total_kwh) else np.zeros((0, len(near)))
        estimates = estimate_levels(energy[:, near], places, totals, before)
        if estimates is not None:
            roles = np.array([place.role_code for place in places])[estimates.meter]
            is_doubted = _follow_steps(estimates, _find_steps(estimates), roles)
            np.logical_or.at(doubts.wrong_factor, (estimates.meter[:, None], near[own]), is_doubted[:, own])
            _confirm(doubts.is_confirmed, estimates, places, near, own)
    return doubts


def _find_steps(estimates: LevelEstimates) -> Floats:
    """The step of level over estimate in each hour, `(estimates, hours)`, where the meter steps alone; else 0."""
    excess = estimates.excess
    level, reading = (_step(part)[0] for part in (estimates.level, estimates.reading))
    witness, (step, before, after) = _step(estimates.estimate)[0], _step(excess)
    usual = _usual_step(level)
    size = np.abs(level)
    with np.errstate(invalid="ignore"):
        is_alone = (size > LEAST_STEP) & (np.abs(witness) < WITNESS_SHARE * size)
        is_alone &= np.abs(step) > np.maximum(LEAST_STEP, SPREADS * np.maximum(estimates.spread, LEAST_SPREAD)[:, None])
        is_alone &= reading * np.sign(level) > READING_SHARE * size
        is_alone &= ~(np.abs(level - usual) < USUAL_SHARE * size)
        is_alone &= np.abs(before) < NORMAL_BEFORE * np.abs(step)
        is_alone &= np.abs(after) > ODD_AFTER * np.abs(step)
        is_alone &= ~_is_vetoed(estimates, step, after, size)
    return np.where(is_alone, step, 0.0)


def _step(values: Floats) -> tuple[Floats, Floats, Floats]:
    """The median after less that before each hour, and both."""
    blank = np.full((len(values), REACH_H), np.nan)
    padded = np.concatenate([blank, values, blank], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, REACH_H, axis=1)
    flat = windows.reshape(-1, REACH_H)
    median = np.where((~np.isnan(flat)).sum(axis=1) >= LEAST_READ_H, median_by_row(flat), np.nan)
    median = median.reshape(windows.shape[:2])
    hours = values.shape[1]
    before, after = median[:, :hours], median[:, REACH_H + 1 :]
    return after - before, before, after


def _usual_step(step: Floats) -> Floats:
    """The median step of the same hour of the days before."""
    days = range(1, step.shape[1] // HOURS_A_DAY - 1)
    earlier = np.full((len(days), *step.shape), np.nan)
    for place, day in enumerate(days):
        earlier[place, :, day * HOURS_A_DAY :] = step[:, : -day * HOURS_A_DAY]
    return median_by_row(np.moveaxis(earlier, 0, 2).reshape(-1, len(days))).reshape(step.shape)


def _is_vetoed(estimates: LevelEstimates, step: Floats, after: Floats, size: Floats) -> Flags:
    """Steps against a sibling that the total has seen, too, or of which the total says that the sibling is wrong."""
    by_total = np.full(int(max(estimates.meter.max(), estimates.witness.max())) + 2, -1)
    rows = np.flatnonzero(estimates.kind == BY_TOTAL)
    by_total[estimates.meter[rows]] = rows
    of_own, of_other = (by_total[side][:, None] for side in (estimates.meter, estimates.witness))
    is_seen = (of_own >= 0) & (np.abs(step[of_own[:, 0]]) < CONFIRMED_SHARE * size)
    is_other = (of_other >= 0) & (np.abs(after[of_other[:, 0]]) > OTHER_ODD)
    return np.asarray((is_seen | is_other) & (estimates.kind == BY_SIBLING)[:, None])


def _follow_steps(estimates: LevelEstimates, steps: Floats, roles: np.ndarray) -> Flags:
    """The hours from each step to where the meter is back."""
    excess, is_doubted = estimates.excess, np.zeros(steps.shape, dtype=bool)
    for row in np.flatnonzero(steps.any(axis=1)):
        for start in _peaks(steps[row]):
            if is_doubted[row, start]:
                continue
            start, end = _find_span(excess[row], int(start), float(steps[row, start]))
            is_off = roles[row] == MeterRole.ABATEMENT and np.nanmedian(excess[row, start:end]) < OFF
            if end - start >= LEAST_H and not is_off:
                is_doubted[row, start:end] = True
    return is_doubted


def _peaks(steps: Floats) -> Integers:
    """The hours of the largest step within the reach of each."""
    size = np.abs(steps)
    padded = np.concatenate([np.zeros(REACH_H - 1), size, np.zeros(REACH_H - 1)])
    largest = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH_H - 1).max(axis=1)
    return np.flatnonzero((size > 0) & (size == largest))


def _find_span(excess: Floats, peak: int, step: float) -> tuple[int, int]:
    """The hours of a step around its peak: from the first that it moves to the last before the meter is back.

    The meter is back in the first of some hours in a row in which less than a part of the step is left.
    """
    first = max(peak - REACH_H // 2, 0)
    before = np.nanmedian(excess[max(first - REACH_H, 0) : first + 1])
    left = (excess - before) * np.sign(step) / abs(step)
    moved = np.flatnonzero(left[first:] > MOVED_SHARE)
    start = first + int(moved[0]) if len(moved) else peak
    given = np.flatnonzero(~np.isnan(left[peak + 1 :])) + peak + 1
    is_back = left[given] < LASTING_SHARE
    for place in range(BACK_H - 1, len(given)):
        if is_back[place - BACK_H + 1 : place + 1].all():
            end = int(given[place - BACK_H + 1])
            return start, end + 1 if left[end] > MOVED_SHARE else end
    return start, len(excess)


def _confirm(
    is_confirmed: Flags, estimates: LevelEstimates, places: Sequence[MeterPlace], near: Integers, own: Integers
) -> None:
    """Mark the own hours of meters with which a witness agrees, and of generation whose site it agrees with."""
    is_asked = estimates.kind != OF_GENERATION
    agrees = (np.abs(estimates.excess[:, own]) < LEAST_STEP) & is_asked[:, None]
    np.logical_or.at(is_confirmed, (estimates.meter[:, None], near[own]), agrees)
    rows = np.flatnonzero(estimates.kind == BY_SIBLING)
    sites = {places[estimates.meter[row]].line_id: row for row in rows if places[estimates.meter[row]].buys}
    for number, place in enumerate(places):
        if place.generates and place.line_id in sites:
            is_confirmed[number, near[own]] |= agrees[sites[place.line_id]]
