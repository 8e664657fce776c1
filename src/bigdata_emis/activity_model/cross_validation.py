"""Which form a line's model takes, by blocked cross-validation.

Belongs here: blocks, choice, and evaluation of a stored model. Does not: the forms themselves (forms), intervals (interval), tables.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bigdata_emis.activity_model.conformal_interval import bounds, residual_interval
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import Form, Parameters, evaluate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import knows_weather
from bigdata_emis.arrays import Flags, Floats, Integers

BLOCKS = 4
"""Contiguous blocks of equally many hours; each is predicted from the others, so that no hour is judged by its neighbours."""
TIE_SHARE = 0.01
"""A richer form must beat a simpler one by this share of its error, save for trees that ask for nothing but energy."""
FINER_BLOCKS, NEAR_SHARE = 12, 0.1
"""Trees that err more, but by no more than this share, are judged again by so many blocks, with which fewer hours are kept from them.

On New York units of 2018 after 2017, and of its second half after the 18 months before, trees had lost by four blocks in 26 cases, in 16 of which
they then did better; by twelve they win ten of those within this share, and in eight of them did better."""


@dataclass(frozen=True)
class OutOfBlock:
    """The hours that taught a form, each predicted without its own block: what the model card is computed from."""

    hour_number: Integers
    is_on: Flags
    activity: Floats
    predicted: Floats


@dataclass(frozen=True)
class Outside:
    """Hours predicted from the other blocks: by all that the form asks for, and as if nothing were known beside the line's energy."""

    value: Floats
    alone: Floats


@dataclass(frozen=True)
class Fold:
    """One block of the hours, and the others, which teach the forms that predict it."""

    held: Flags
    rest: LineSeries
    rest_activity: Floats
    series: LineSeries


@dataclass(frozen=True)
class Lesson:
    """The hours that teach a line's forms, cut into blocks once for all forms; a block without which nothing runs is not predicted."""

    series: LineSeries
    activity: Floats
    block: Integers
    folds: tuple[Fold, ...]


@dataclass(frozen=True)
class Candidate:
    """One form with its error in blocked cross-validation (the mean of |error| in activity units)."""

    form: Form
    mean_absolute_error: float
    out_of_block: OutOfBlock
    alone: Floats
    lesson: Lesson

    @property
    def sample_count(self) -> int:
        """The hours that taught it."""
        return len(self.lesson.activity)

    @cached_property
    def finer_error(self) -> float:
        """The error by finer blocks: made when asked for, since it takes as many fits."""
        finer = lesson_of(self.lesson.series, self.lesson.activity, FINER_BLOCKS)
        return float(np.abs(predicted(self.form, finer).value - finer.activity).mean())

    @cached_property
    def parameters(self) -> Parameters:
        """The form fitted to all hours, with its interval: made when asked for, since most forms that compete are never used."""
        series, activity = self.lesson.series, self.lesson.activity
        taught = series.energy_kwh[series.is_on & (activity > 0)]
        loads = {"taught_kwh": [float(taught.min()), float(taught.max())]} if len(taught) else {}
        fitted = self.form.fitted(series, activity)
        tried = {"interval": self.out_of_block.predicted} | (
            {"interval_alone": self.alone} if fitted.get("covariates") else {}
        )
        intervals = {
            name: residual_interval(value, activity, series.is_on, self.lesson.block) for name, value in tried.items()
        }
        return {"form": self.form.name, **fitted, **loads, **intervals}


@dataclass(frozen=True)
class Estimate:
    """Activity with its 90 % interval, hour by hour."""

    activity: Floats
    p05: Floats
    p95: Floats


def fit_candidates(series: LineSeries, activity: Floats, form_names: tuple[str, ...]) -> list[Candidate]:
    """Every named form that the hours allow, with out-of-block errors and intervals.

    Hours in which the line neither runs nor starts nor has activity teach nothing and are left out. The training of lines goes
    through race.race, which leaves costly forms that gain nothing.
    """
    lesson = lesson_of(series, activity)
    return [candidate_of(form, lesson) for form in allowed(lesson, form_names)]


def choose(candidates: list[Candidate]) -> Candidate:
    """The simple form that is within a hair of the least out-of-block error, unless trees err less than that.

    Trees must beat it, but by no margin: out of block they go without a quarter of the hours, of which they need more than a few numbers do.
    For the same reason they are judged again by finer blocks where they err little more. What asks for weather must be worth the asking.
    """
    simple = [c for c in candidates if not c.form.is_costly] or candidates
    least = min(c.mean_absolute_error for c in simple)
    chosen = next(c for c in simple if c.mean_absolute_error <= least * (1 + TIE_SHARE))
    for costly in (c for c in candidates if c.form.is_costly):
        if errs_less(costly, chosen):
            chosen = costly
    return chosen


def errs_less(costly: Candidate, other: Candidate) -> bool:
    """Whether trees beat another form, by the blocks or, where they are near, by finer ones."""
    wanted_share = 1 - (TIE_SHARE if costly.form.asks_weather else 0.0)
    if costly.mean_absolute_error < other.mean_absolute_error * wanted_share:
        return True
    is_near = costly.mean_absolute_error < other.mean_absolute_error * (1 + NEAR_SHARE)
    return is_near and costly.finer_error < other.finer_error * wanted_share


def estimate(parameters: Parameters, series: LineSeries) -> Estimate:
    """Activity of each hour by a stored model; an idle hour is zero with certainty."""
    value = evaluate(FORMS[parameters["form"]], parameters, series)
    return Estimate(value, *bounds(value, series, parameters))


def lesson_of(series: LineSeries, activity: Floats, blocks: int = BLOCKS) -> Lesson:
    """The hours that teach anything, cut into blocks."""
    teaches = series.is_on | series.is_starting | (activity > 0)
    series, activity = series.where(teaches), activity[teaches]
    block = np.arange(len(activity)) * blocks // max(len(activity), 1)
    folds = []
    for number in range(blocks):
        held = block == number
        if held.any() and (~held & series.is_on).any():
            folds.append(Fold(held, series.where(~held), activity[~held], series.where(held)))
    return Lesson(series, activity, block, tuple(folds))


def allowed(lesson: Lesson, form_names: tuple[str, ...]) -> list[Form]:
    """The named forms for which there are hours enough, and weather where they ask for it."""
    running, has_weather = int(lesson.series.is_on.sum()), knows_weather(lesson.series)
    forms = [FORMS[name] for name in form_names]
    return [form for form in forms if running >= form.hours_needed and (has_weather or not form.asks_weather)]


def predicted(form: Form, lesson: Lesson, numbers: tuple[int, ...] | None = None) -> Outside:
    """The hours of all blocks, or of some, each predicted from all other blocks; zero in the blocks that are not asked for."""
    outside = Outside(np.zeros_like(lesson.activity), np.zeros_like(lesson.activity))
    for fold in (
        lesson.folds if numbers is None else [lesson.folds[number] for number in numbers if number < len(lesson.folds)]
    ):
        middle = float(fold.series.hour_number.mean())
        parameters = form.fitted(fold.rest, fold.rest_activity, about_hour=middle)
        value = evaluate(form, parameters, fold.series)
        outside.value[fold.held] = value
        outside.alone[fold.held] = (
            evaluate(form, parameters, replace(fold.series, covariates={})) if parameters.get("covariates") else value
        )
    return outside


def candidate_of(form: Form, lesson: Lesson) -> Candidate:
    """A form with its predictions of all blocks."""
    outside = predicted(form, lesson)
    tried = OutOfBlock(lesson.series.hour_number, lesson.series.is_on, lesson.activity, outside.value)
    return Candidate(form, float(np.abs(outside.value - lesson.activity).mean()), tried, outside.alone, lesson)
