"""Candidates of the daily verdict: corrections, weights and errors on hours that are new to all."""

import numpy as np
import pytest

from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.trial_models import StoredModel, try_models
from tests.relate.models.plants import alternate, build_series, proportional

DAYS = 21
MIDDLE_H = 240
"""The second half of 21 days begins with the eleventh."""
SERIES = build_series(DAYS)


def model(name, factor, fitted_to_hour=0):
    return StoredModel(name, "affine", proportional(factor), fitted_to_hour=fitted_to_hour)


def trials(truth, *, challenger=None, reserves=(), **rules):
    return try_models(model("c", 0.1), challenger, list(reserves), SERIES, truth, rules=ModelRules(**rules))


def test_a_correction_is_the_ratio_of_all_days_and_is_judged_with_that_of_the_first_half():
    """Ten days need 1.2, eleven 1.4: 1.305 from now on, and 0.2 × 0.1 off in the second half."""
    is_later = SERIES.hour_number >= MIDDLE_H
    truth = np.where(is_later, 0.14, 0.12) * SERIES.energy_kwh
    tried = trials(truth)
    mean_kwh = SERIES.energy_kwh[is_later].mean()
    assert tried.plain.error == pytest.approx(0.04 * mean_kwh)
    assert tried.recalibrated[0].ratio == pytest.approx((10 * 1.2 + 11 * 1.4) / 21, rel=0.001)
    assert tried.recalibrated[0].error == pytest.approx(0.02 * mean_kwh)


def test_weights_fall_with_the_square_of_the_mean_squared_error():
    """The challenger errs half as much: a quarter of the squared error, 16 of 17 parts of the weight."""
    truth = 0.12 * SERIES.energy_kwh
    tried = trials(truth, challenger=model("n", 0.11), watch_correction_limit=1.0000001)
    blend = tried.recalibrated[1]
    assert (blend.model.version_id, blend.partner.version_id) == ("c", "n")
    assert blend.share == pytest.approx(16 / 17)
    assert blend.parameters["challenger_share"] == blend.share


def test_a_challenger_is_judged_only_on_hours_that_are_new_to_it():
    """It is right up to hour 240, which it was fitted on, and wrong from there on."""
    truth = np.where(SERIES.hour_number < 240, 0.2, 0.1) * SERIES.energy_kwh + alternate(SERIES)
    challenger = model("n", 0.2, fitted_to_hour=240)
    tried = trials(truth, challenger=challenger)
    assert tried.recalibrated[1].share == pytest.approx(0.0, abs=0.001)


def test_a_challenger_with_too_few_new_days_is_no_candidate():
    challenger = model("n", 0.1, fitted_to_hour=(DAYS - 4) * 24)
    assert len(trials(0.1 * SERIES.energy_kwh, challenger=challenger).recalibrated) == 1


def test_a_reserve_counts_as_it_is_or_corrected_whichever_errs_less():
    truth = 0.12 * SERIES.energy_kwh
    reserve, exact = trials(truth, reserves=[model("r", 0.08), model("e", 0.12)]).simpler
    assert (reserve.ratio, reserve.error) == (pytest.approx(1.5), pytest.approx(0.0, abs=1e-9))
    assert (exact.ratio, exact.error) == (1.0, pytest.approx(0.0, abs=1e-9))
