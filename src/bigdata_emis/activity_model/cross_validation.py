"""Choice of the form of a line's model by blocked cross-validation.

Belongs here: blocks, out-of-block errors, choice, and prediction by a chosen model.
Does not: the forms themselves (forms), intervals (conformal_interval), early stopping (early_stopping), tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bigdata_emis.activity_model.conformal_interval import bound_activity, fit_residual_interval
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import Form, Parameters, evaluate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import has_weather
from bigdata_emis.activity_model.level_drift import fit_level_drift
from bigdata_emis.activity_model.running_minutes import describe_running_minutes
from bigdata_emis.arrays import Flags, Floats, Integers

BLOCKS = 4
"""Contiguous blocks of equally many hours, each predicted from the others: no hour is judged by its neighbours."""
TIE_SHARE = 0.01
"""A richer form must reduce the error by more than this share; boosted trees that need only energy need not."""
MIN_SEASONS_H = 182 * 24
"""Span of training hours from which intervals rest on all hours alike and on the drift between months."""
FINER_BLOCKS, NEAR_SHARE = 12, 0.1
"""Boosted trees whose error is larger, but by no more than this share, are judged again with this many blocks.

More blocks withhold fewer hours from the trees. Measured on New York units (2018 after 2017, and its second half
after the 18 months before): with four blocks the trees lost in 26 cases, and in 16 of these they did better
afterwards; with twelve blocks they win ten of the cases within this share, and did better afterwards in eight of
them."""


@dataclass(frozen=True)
class OutOfBlockPrediction:
    """Training hours of a form, each predicted without its own block.

    The model card is computed from it. All arrays are `(hours,)`.
    """

    hour_number: Integers
    is_on: Flags
    activity: Floats
    predicted: Floats


@dataclass(frozen=True)
class BlockPrediction:
    """Out-of-block predictions `(hours,)`, with and without the covariates of the form."""

    value: Floats
    value_alone: Floats


@dataclass(frozen=True)
class Fold:
    """One block of hours, and all others, which train the form that predicts it."""

    is_held_out: Flags
    training_series: LineSeries
    training_activity: Floats
    held_out_series: LineSeries


@dataclass(frozen=True)
class TrainingBlocks:
    """Training hours of a line, divided into blocks once for all forms.

    A block outside which nothing runs has no fold.
    """

    series: LineSeries
    activity: Floats
    block: Integers
    folds: tuple[Fold, ...]


@dataclass(frozen=True)
class Candidate:
    """One form with its mean absolute error (activity units) in blocked cross-validation."""

    form: Form
    mean_absolute_error: float
    out_of_block: OutOfBlockPrediction
    predicted_alone: Floats
    training: TrainingBlocks

    @property
    def sample_count(self) -> int:
        """Number of training hours."""
        return len(self.training.activity)

    @cached_property
    def finer_error(self) -> float:
        """Mean absolute error with FINER_BLOCKS; computed on demand, since it takes as many fits."""
        finer = split_into_blocks(self.training.series, self.training.activity, FINER_BLOCKS)
        return float(np.abs(predict_out_of_block(self.form, finer).value - finer.activity).mean())

    @cached_property
    def parameters(self) -> Parameters:
        """The form fitted to all hours, with its interval.

        Computed on demand, since most candidates are never used.
        """
        series, activity = self.training.series, self.training.activity
        training_kwh = series.energy_kwh[series.is_on & (activity > 0)]
        loads = {"taught_kwh": [float(training_kwh.min()), float(training_kwh.max())]} if len(training_kwh) else {}
        fitted = self.form.fit_parameters(series, activity)
        predictions = {"interval": self.out_of_block.predicted}
        if fitted.get("covariates"):
            predictions["interval_alone"] = self.predicted_alone
        block = self.training.block if _is_short(series) else np.zeros_like(self.training.block)
        intervals = {
            name: fit_residual_interval(value, activity, series.is_on, block) for name, value in predictions.items()
        }
        minutes = describe_running_minutes(series, activity)
        return {"form": self.form.name, **fitted, **loads, **intervals, **minutes, "level_drift": self._level_drift()}

    def _level_drift(self) -> Parameters:
        known, on = self.out_of_block, self.out_of_block.is_on
        return dict(fit_level_drift(known.hour_number[on], known.activity[on], known.predicted[on]))


@dataclass(frozen=True)
class Estimate:
    """Activity with its 90 % interval, hour by hour; each array is `(hours,)`."""

    activity: Floats
    p05: Floats
    p95: Floats


def fit_candidates(series: LineSeries, activity: Floats, form_names: tuple[str, ...]) -> list[Candidate]:
    """Every named form for which there are enough hours, with its out-of-block errors.

    Hours in which the line neither runs nor starts nor has activity carry no information and are left out. The training
    stage uses early_stopping.compare_candidates instead, which gives up costly forms that gain nothing.
    """
    training = split_into_blocks(series, activity)
    return [cross_validate(form, training) for form in eligible_forms(training, form_names)]


def choose_candidate(candidates: list[Candidate]) -> Candidate:
    """The simplest form within TIE_SHARE of the least error, unless boosted trees have less.

    Trees need no margin: out of block they lack a quarter of the hours, and they need more hours than a form with a few
    coefficients does. For the same reason trees with slightly more error are judged again with finer blocks. Trees that
    need weather must gain TIE_SHARE over those that do not.
    """
    simple = [c for c in candidates if not c.form.is_costly] or candidates
    least_error = min(c.mean_absolute_error for c in simple)
    chosen = next(c for c in simple if c.mean_absolute_error <= least_error * (1 + TIE_SHARE))
    for costly in (c for c in candidates if c.form.is_costly):
        if has_less_error(costly, chosen):
            chosen = costly
    return chosen


def has_less_error(costly: Candidate, rival: Candidate) -> bool:
    """Whether boosted trees have less error than a rival form, by finer blocks if they are near."""
    wanted_share = 1 - (TIE_SHARE if costly.form.needs_weather else 0.0)
    if costly.mean_absolute_error < rival.mean_absolute_error * wanted_share:
        return True
    is_near = costly.mean_absolute_error < rival.mean_absolute_error * (1 + NEAR_SHARE)
    return is_near and costly.finer_error < rival.finer_error * wanted_share


def predict_activity(parameters: Parameters, series: LineSeries) -> Estimate:
    """Activity of each hour by a stored model of a line; an idle hour is zero with certainty."""
    value = evaluate(FORMS[parameters["form"]], parameters, series)
    return Estimate(value, *bound_activity(value, series, parameters))


def _is_short(series: LineSeries) -> bool:
    """Whether the hours are so few months that another season may err more: the worst block then widens intervals.

    Over more months the drift of the level says how far it moves.
    """
    return not len(series.hour_number) or int(np.ptp(series.hour_number)) < MIN_SEASONS_H


def split_into_blocks(series: LineSeries, activity: Floats, blocks: int = BLOCKS) -> TrainingBlocks:
    """The hours that carry information, divided into contiguous blocks of equally many hours."""
    is_informative = series.is_on | series.is_starting | (activity > 0)
    series, activity = series.where(is_informative), activity[is_informative]
    block = np.arange(len(activity)) * blocks // max(len(activity), 1)
    folds = []
    for number in range(blocks):
        is_held_out = block == number
        if is_held_out.any() and (~is_held_out & series.is_on).any():
            fold = Fold(is_held_out, series.where(~is_held_out), activity[~is_held_out], series.where(is_held_out))
            folds.append(fold)
    return TrainingBlocks(series, activity, block, tuple(folds))


def eligible_forms(training: TrainingBlocks, form_names: tuple[str, ...]) -> list[Form]:
    """The named forms for which there are enough running hours, and weather if they need it."""
    running_hours, is_weather_known = int(training.series.is_on.sum()), has_weather(training.series)
    forms = [FORMS[name] for name in form_names]
    return [f for f in forms if running_hours >= f.hours_needed and (is_weather_known or not f.needs_weather)]


def predict_out_of_block(
    form: Form, training: TrainingBlocks, fold_numbers: Iterable[int] | None = None
) -> BlockPrediction:
    """Hours of all folds, or of the given ones, each predicted from all other blocks.

    Hours of the remaining folds are zero.
    """
    prediction = BlockPrediction(np.zeros_like(training.activity), np.zeros_like(training.activity))
    folds = training.folds
    if fold_numbers is not None:
        folds = tuple(folds[number] for number in fold_numbers if number < len(folds))
    for fold in folds:
        middle_hour = float(fold.held_out_series.hour_number.mean())
        parameters = form.fit_parameters(fold.training_series, fold.training_activity, near_hour=middle_hour)
        value = evaluate(form, parameters, fold.held_out_series)
        prediction.value[fold.is_held_out] = value
        without_covariates = replace(fold.held_out_series, covariates={})
        prediction.value_alone[fold.is_held_out] = (
            evaluate(form, parameters, without_covariates) if parameters.get("covariates") else value
        )
    return prediction


def cross_validate(form: Form, training: TrainingBlocks) -> Candidate:
    """A form with its out-of-block predictions of all blocks."""
    prediction = predict_out_of_block(form, training)
    series, activity = training.series, training.activity
    out_of_block = OutOfBlockPrediction(series.hour_number, series.is_on, activity, prediction.value)
    error = float(np.abs(prediction.value - activity).mean())
    return Candidate(form, error, out_of_block, prediction.value_alone, training)
