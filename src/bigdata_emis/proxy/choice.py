"""Which form a line's model takes, by blocked cross-validation, and how wide its interval is.

Belongs here: blocks, choice, conformal intervals, and evaluation of a stored model. Does not: the forms themselves (forms), tables.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.proxy.forms import FORMS
from bigdata_emis.proxy.series import Floats, Integers, LineSeries
from bigdata_emis.proxy.simple_forms import Form, Parameters, evaluate
from bigdata_emis.proxy.weather import knows_weather

BLOCKS = 4
"""Contiguous blocks of equally many hours; each is predicted from the others, so that no hour is judged by its neighbours."""
TIE_SHARE = 0.01
"""A richer form must beat a simpler one by this share of its error, save for trees that ask for nothing but energy."""
LOWER_SHARE, UPPER_SHARE = 0.05, 0.95
LOAD_BINS = 3
BIN_HOURS = 60
"""Fewer residuals than this do not make a bin of their own: the 5th percentile would hang on two of them."""


@dataclass(frozen=True)
class OutOfBlock:
    """The hours that taught a form, each predicted without its own block: what the model card is computed from."""

    hour_number: Integers
    is_on: NDArray[np.bool_]
    activity: Floats
    predicted: Floats


@dataclass(frozen=True)
class Fold:
    """One block of the hours, and the others, which teach the forms that predict it."""

    held: NDArray[np.bool_]
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
    lesson: Lesson

    @property
    def sample_count(self) -> int:
        """The hours that taught it."""
        return len(self.lesson.activity)

    @cached_property
    def parameters(self) -> Parameters:
        """The form fitted to all hours, with its interval: made when asked for, since most forms that compete are never used."""
        series, activity = self.lesson.series, self.lesson.activity
        taught = series.energy_kwh[series.is_on & (activity > 0)]
        loads = {"taught_kwh": [float(taught.min()), float(taught.max())]} if len(taught) else {}
        interval = _interval(self.out_of_block.predicted, activity, series, self.lesson.block)
        return {"form": self.form.name, **self.form.fitted(series, activity), **loads, "interval": interval}


@dataclass(frozen=True)
class Estimate:
    """Activity with its 90 % interval, hour by hour."""

    activity: Floats
    p05: Floats
    p95: Floats


def fit_candidates(series: LineSeries, activity: Floats, form_names: tuple[str, ...]) -> list[Candidate]:
    """Every named form that the hours allow, with out-of-block errors and intervals.

    Hours in which the line neither runs nor starts nor has activity teach nothing and are left out.
    """
    lesson = lesson_of(series, activity)
    return [candidate_of(form, lesson, predicted(form, lesson, range(BLOCKS))) for form in allowed(lesson, form_names)]


def choose(candidates: list[Candidate]) -> Candidate:
    """The simple form that is within a hair of the least out-of-block error, unless trees err less than that.

    Trees must beat it, but by no margin: out of block they go without a quarter of the hours, of which they need more. On New York units of
    2018 after 2017 trees that tied with a simple form were better in all of four units. What asks for weather must be worth the asking.
    """
    simple = [c for c in candidates if not c.form.is_costly] or candidates
    least = min(c.mean_absolute_error for c in simple)
    chosen = next(c for c in simple if c.mean_absolute_error <= least * (1 + TIE_SHARE))
    for costly in (c for c in candidates if c.form.is_costly):
        margin_share = TIE_SHARE if costly.form.asks_weather else 0.0
        if costly.mean_absolute_error < chosen.mean_absolute_error * (1 - margin_share):
            chosen = costly
    return chosen


def estimate(parameters: Parameters, series: LineSeries) -> Estimate:
    """Activity of each hour by a stored model; an idle hour is zero with certainty."""
    value = evaluate(FORMS[parameters["form"]], parameters, series)
    return Estimate(value, *interval_around(value, series.is_on, parameters["interval"]))


def lesson_of(series: LineSeries, activity: Floats) -> Lesson:
    """The hours that teach anything, cut into blocks."""
    teaches = series.is_on | series.is_starting | (activity > 0)
    series, activity = series.where(teaches), activity[teaches]
    block = np.arange(len(activity)) * BLOCKS // max(len(activity), 1)
    folds = []
    for number in range(BLOCKS):
        held = block == number
        if held.any() and (~held & series.is_on).any():
            folds.append(Fold(held, series.where(~held), activity[~held], series.where(held)))
    return Lesson(series, activity, block, tuple(folds))


def allowed(lesson: Lesson, form_names: tuple[str, ...]) -> list[Form]:
    """The named forms for which there are hours enough, and weather where they ask for it."""
    running, has_weather = int(lesson.series.is_on.sum()), knows_weather(lesson.series)
    forms = [FORMS[name] for name in form_names]
    return [form for form in forms if running >= form.hours_needed and (has_weather or not form.asks_weather)]


def predicted(form: Form, lesson: Lesson, numbers: range) -> Floats:
    """The hours of some blocks, each predicted from all other blocks; zero in the blocks that are not asked for."""
    outside = np.zeros_like(lesson.activity)
    for fold in lesson.folds[numbers.start : numbers.stop]:
        middle = float(fold.series.hour_number.mean())
        parameters = form.fitted(fold.rest, fold.rest_activity, about_hour=middle)
        outside[fold.held] = evaluate(form, parameters, fold.series)
    return outside


def candidate_of(form: Form, lesson: Lesson, outside: Floats) -> Candidate:
    """A form with its predictions of all blocks."""
    tried = OutOfBlock(lesson.series.hour_number, lesson.series.is_on, lesson.activity, outside)
    return Candidate(form, float(np.abs(outside - lesson.activity).mean()), tried, lesson)


def _interval(predicted: Floats, activity: Floats, series: LineSeries, block: Integers) -> dict[str, Any]:
    """Residual quantiles by predicted load, and apart for the hours before a start, where little is known."""
    on = series.is_on
    edges = np.unique(np.quantile(predicted[on], np.arange(1, LOAD_BINS) / LOAD_BINS)) if on.sum() >= LOAD_BINS * BIN_HOURS else np.empty(0)
    bins = np.digitize(predicted, edges)
    residual = activity - predicted
    chosen = [on & (bins == b) for b in range(len(edges) + 1)]
    running = [_quantiles(residual, c if c.sum() >= BIN_HOURS else on, block) for c in chosen]
    starting = _quantiles(residual, ~on if (~on).sum() >= BIN_HOURS else np.ones_like(on), block)
    return {"edges": edges.tolist(), "running": running, "starting": starting}


def _quantiles(residual: Floats, chosen: NDArray[np.bool_], block: Integers) -> list[float]:
    """Lower and upper residual: half way from the ranks over all blocks to those of the worst block.

    Hours of one season err together, so the next season errs more than the pooled ranks say (conformal ranks hold for
    exchangeable hours only); the worst of four blocks alone would be too cautious.
    """
    pooled = _ranks(residual[chosen])
    blocks = [_ranks(part) for b in range(BLOCKS) if len(part := residual[chosen & (block == b)]) >= BIN_HOURS // BLOCKS]
    lower = min((b[0] for b in blocks), default=pooled[0])
    upper = max((b[1] for b in blocks), default=pooled[1])
    return [(min(lower, pooled[0]) + pooled[0]) / 2, (max(upper, pooled[1]) + pooled[1]) / 2]


def _ranks(residual: Floats) -> tuple[float, float]:
    """Conformal ranks: they hold for one further hour, not only for those seen."""
    ordered = np.sort(residual)
    count = len(ordered)
    lower = max(int(np.floor(LOWER_SHARE * (count + 1))) - 1, 0)
    upper = min(int(np.ceil(UPPER_SHARE * (count + 1))) - 1, count - 1)
    return float(ordered[lower]), float(ordered[upper])


def interval_around(value: Floats, is_on: NDArray[np.bool_], interval: dict[str, Any]) -> tuple[Floats, Floats]:
    """The bounds around estimates, by the residuals kept with a model; an idle hour is zero with certainty."""
    running = np.asarray(interval["running"], dtype=np.float64)
    residual = running[np.digitize(value, np.asarray(interval["edges"], dtype=np.float64))]
    residual = np.where(is_on[:, None], residual, np.asarray(interval["starting"]))
    speaks: NDArray[np.bool_] = is_on | (value > 0)
    lower = np.where(speaks, np.clip(value + np.minimum(residual[:, 0], 0.0), 0.0, None), 0.0)
    upper = np.where(speaks, value + np.maximum(residual[:, 1], 0.0), 0.0)
    return lower, upper
