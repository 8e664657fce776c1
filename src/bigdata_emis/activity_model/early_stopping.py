"""Early stopping of costly candidate models: boosted trees that gain nothing over a simpler form are given up.

Belongs here: when a costly form is tried, and when it counts as dominated.
Does not: cross-validation and choice (cross_validation), the forms (forms).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.activity_model.cross_validation import (
    BLOCKS,
    FINER_BLOCKS,
    TIE_SHARE,
    Candidate,
    TrainingBlocks,
    cross_validate,
    eligible_forms,
    predict_out_of_block,
    split_into_blocks,
)
from bigdata_emis.activity_model.forms.linear import Form
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import WEATHER
from bigdata_emis.arrays import Floats, Integers

TRIAL_BLOCKS = (1, 5, 9)
"""Blocks, of the finer ones, that a costly form predicts before the others are tried: three times of the year."""
WEATHER_BINS = 10
WEATHER_GAIN_SHARE = TIE_SHARE / 2
"""Gain that medians by tenths of a weather variable must show before trees with weather are tried.

Such trees must gain TIE_SHARE in the end. Chance alone shows about a tenth of this value."""


@dataclass(frozen=True)
class DominatedCandidate:
    """A costly form that predicted no trial block better than a simpler form.

    `block_count` is the number of trial blocks, 0 if the form was not tried; `excess_share` is how much more error it
    had.
    """

    form: Form
    simpler_form: Form
    block_count: int
    excess_share: float


def compare_candidates(
    series: LineSeries, activity: Floats, form_names: tuple[str, ...]
) -> tuple[list[Candidate], list[DominatedCandidate]]:
    """Candidates as of fit_candidates, but costly forms that gain nothing are given up early.

    Returns the candidates, and the dominated forms. A costly form first predicts TRIAL_BLOCKS. If it beats the best
    form so far by TIE_SHARE in none of them, it is dominated. A gain in one block is enough to go on, since the
    blocks of real plants differ; the trial ends for lines that are a load curve and noise. A costly form that needs
    weather is tried only if the residuals of the best form so far depend on the weather.
    """
    training = split_into_blocks(series, activity)
    candidates: list[Candidate] = []
    dominated_candidates: list[DominatedCandidate] = []
    for form in eligible_forms(training, form_names):
        best = min(candidates, key=lambda candidate: candidate.mean_absolute_error, default=None)
        dominated = _try_form(form, best) if best and form.is_costly else None
        if dominated:
            dominated_candidates.append(dominated)
        else:
            candidates.append(cross_validate(form, training))
    return candidates, dominated_candidates


def depends_on_weather(best: Candidate, training: TrainingBlocks) -> bool:
    """Whether the residuals of a form depend on the weather.

    That is: medians of the residuals by tenths of a weather variable reduce the error of other blocks.
    """
    is_on = training.series.is_on
    residual = (training.activity - best.out_of_block.predicted)[is_on]
    block = training.block[is_on]
    for name in WEATHER:
        value = training.series.covariates.get(name)
        if value is not None and _explained_share(residual, value[is_on], block) > WEATHER_GAIN_SHARE:
            return True
    return False


def _explained_share(residual: Floats, value: Floats, block: Integers) -> float:
    """Share by which the absolute error falls."""
    is_known = np.isfinite(value)
    residual, value, block = residual[is_known], value[is_known], block[is_known]
    if not len(value) or np.ptp(value) == 0:
        return 0.0
    tenth = np.searchsorted(np.quantile(value, np.arange(1, WEATHER_BINS) / WEATHER_BINS), value)
    gain = 0.0
    for number in range(BLOCKS):
        for bin_number in range(WEATHER_BINS):
            is_in_bin = tenth == bin_number
            inside, outside = residual[is_in_bin & (block == number)], residual[is_in_bin & (block != number)]
            if len(inside) and len(outside):
                gain += float(np.abs(inside).sum() - np.abs(inside - np.median(outside)).sum())
    total = float(np.abs(residual).sum())
    return gain / total if total > 0 else 0.0


def _try_form(form: Form, best: Candidate) -> DominatedCandidate | None:
    """The form as dominated by the best simpler one, or None if it gains enough in one of the trial blocks."""
    if form.needs_weather and not depends_on_weather(best, best.training):
        return DominatedCandidate(form, best.form, 0, 0.0)
    finer = split_into_blocks(best.training.series, best.training.activity, FINER_BLOCKS)
    error = best_error = 0.0
    trial_blocks = [number for number in TRIAL_BLOCKS if number < len(finer.folds)]
    for number in trial_blocks:
        in_block, best_in_block = (_block_error(f, finer, number) for f in (form, best.form))
        if in_block < (1 - TIE_SHARE) * best_in_block:
            return None
        error, best_error = error + in_block, best_error + best_in_block
    excess_share = error / best_error - 1 if best_error > 0 else 0.0
    return DominatedCandidate(form, best.form, len(trial_blocks), excess_share)


def _block_error(form: Form, training: TrainingBlocks, number: int) -> float:
    """Sum of absolute errors of a form in one block."""
    error = np.abs(predict_out_of_block(form, training, (number,)).value - training.activity)
    return float(error[training.folds[number].is_held_out].sum())
