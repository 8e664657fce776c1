"""Choice and estimates of the walk-forward models of the gas turbine."""

import numpy as np
import pytest

from bigdata_emis.validate.gas_turbine.kernels import candidate_kernels
from bigdata_emis.validate.gas_turbine.models import BASELINES, CHAMPION, DAY_H, PROCESS, choose_kernel, walk_models

ROWS, FIT_ROWS = 600, 480


@pytest.fixture(scope="module")
def hours():
    random = np.random.default_rng(3)
    inputs = random.normal(size=(ROWS, 5))
    truth = 60 + 5 * inputs[:, 0] + random.normal(0, 0.2, ROWS)
    return inputs, truth


@pytest.fixture(scope="module")
def estimates(hours):
    inputs, truth = hours
    return walk_models(
        inputs,
        truth,
        hour_number=np.arange(ROWS),
        kernel=candidate_kernels()[1],
        fit_rows=FIT_ROWS,
        late_h=(DAY_H,),
        progress=lambda _done, _all: None,
    )[DAY_H]


def test_the_kernel_with_the_least_error_is_chosen(hours):
    inputs, truth = hours
    steps = []
    choice = choose_kernel(
        inputs[:FIT_ROWS],
        truth[:FIT_ROWS],
        hour_number=np.arange(FIT_ROWS),
        progress=lambda done, _all: steps.append(done),
    )
    assert choice.kernel.name == min(choice.errors, key=choice.errors.get)
    assert steps == [1, 2, 3, 4]


def test_every_model_estimates_the_score_rows_and_the_blend_beats_the_mean(estimates, hours):
    assert set(estimates) == {CHAMPION, PROCESS, *BASELINES}
    error = {name: np.abs(model.value - hours[1])[FIT_ROWS:].mean() for name, model in estimates.items()}
    assert all(np.isfinite(value) for value in error.values())
    assert error[CHAMPION] < 0.5 * error["mean_30_days"]


def test_only_blends_have_a_sharpness(estimates):
    assert {name for name, model in estimates.items() if model.sharpness is not None} == {CHAMPION, PROCESS}
