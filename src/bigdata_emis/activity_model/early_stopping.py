"""A ladder that is climbed only where there is something above: costly forms that gain nothing are given up early.

Belongs here: when a costly form is tried, and when it is left. Does not: cross-validation and choice (choice), the forms (forms).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.activity_model.cross_validation import (
    BLOCKS,
    FINER_BLOCKS,
    TIE_SHARE,
    Candidate,
    Lesson,
    allowed,
    candidate_of,
    lesson_of,
    predicted,
)
from bigdata_emis.activity_model.forms.linear import Form
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import WEATHER
from bigdata_emis.arrays import Floats, Integers

TRIED_BLOCKS = (1, 5, 9)
"""The blocks, of the finer ones, that a costly form predicts before it is known whether the others are worth it: three times of the year."""
WEATHER_BINS = 10
PROMISE_SHARE = TIE_SHARE / 2
"""Trees that ask for the weather must gain TIE_SHARE; so much of it must show in medians by tenths. What chance shows there is a tenth of it."""


@dataclass(frozen=True)
class GivenUp:
    """A costly form that was left after some blocks, none of which it predicted better than a simpler one, or before any."""

    form: Form
    simpler: Form
    blocks: int
    excess_share: float


def race(series: LineSeries, activity: Floats, form_names: tuple[str, ...]) -> tuple[list[Candidate], list[GivenUp]]:
    """The candidates of choice.fit_candidates, but for costly forms that gain nothing.

    A costly form first predicts TRIED_BLOCKS. When it beats the best form below by TIE_SHARE in none of them, it is given up.
    Gaining in one block is enough to go on, since blocks of real plants differ; lines that are a load curve and noise stop.
    A costly form that asks for weather is tried only where what the best form below leaves over goes with the weather.
    """
    lesson = lesson_of(series, activity)
    candidates: list[Candidate] = []
    given_up: list[GivenUp] = []
    for form in allowed(lesson, form_names):
        best = min(candidates, key=lambda candidate: candidate.mean_absolute_error, default=None)
        hopeless = _hopeless(form, best) if best and form.is_costly else None
        if hopeless:
            given_up.append(hopeless)
        else:
            candidates.append(candidate_of(form, lesson))
    return candidates, given_up


def goes_with_weather(best: Candidate, lesson: Lesson) -> bool:
    """Whether the medians that a form leaves over, by tenths of a weather variable, lessen the error of blocks that did not make them."""
    left_over = (lesson.activity - best.out_of_block.predicted)[lesson.series.is_on]
    block = lesson.block[lesson.series.is_on]
    for name in WEATHER:
        value = lesson.series.covariates.get(name)
        if value is not None and _explained(left_over, value[lesson.series.is_on], block) > PROMISE_SHARE:
            return True
    return False


def _explained(left_over: Floats, value: Floats, block: Integers) -> float:
    """The share by which the error falls."""
    known = np.isfinite(value)
    left_over, value, block = left_over[known], value[known], block[known]
    if not len(value) or np.ptp(value) == 0:
        return 0.0
    place = np.searchsorted(np.quantile(value, np.arange(1, WEATHER_BINS) / WEATHER_BINS), value)
    gained = 0.0
    for number in range(BLOCKS):
        for tenth in range(WEATHER_BINS):
            mine = place == tenth
            held, rest = left_over[mine & (block == number)], left_over[mine & (block != number)]
            if len(held) and len(rest):
                gained += float(np.abs(held).sum() - np.abs(held - np.median(rest)).sum())
    total = float(np.abs(left_over).sum())
    return gained / total if total > 0 else 0.0


def _hopeless(form: Form, best: Candidate) -> GivenUp | None:
    """Whether a form has nothing to gain from, or errs hardly less than the best one below in each of the blocks that were tried."""
    if form.asks_weather and not goes_with_weather(best, best.lesson):
        return GivenUp(form, best.form, 0, 0.0)
    finer = lesson_of(best.lesson.series, best.lesson.activity, FINER_BLOCKS)
    mine = simpler = 0.0
    tried = [number for number in TRIED_BLOCKS if number < len(finer.folds)]
    for number in tried:
        errors = [_error(one, finer, number) for one in (form, best.form)]
        if errors[0] < (1 - TIE_SHARE) * errors[1]:
            return None
        mine, simpler = mine + errors[0], simpler + errors[1]
    return GivenUp(form, best.form, len(tried), mine / simpler - 1 if simpler > 0 else 0.0)


def _error(form: Form, lesson: Lesson, number: int) -> float:
    """The sum of a form's errors in one block."""
    return float(np.abs(predicted(form, lesson, (number,)).value - lesson.activity)[lesson.folds[number].held].sum())
