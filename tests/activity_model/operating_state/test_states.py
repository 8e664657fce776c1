"""States of a line told from its power: what stands, what idles, what runs."""

import json

import numpy as np
import pytest

from bigdata_emis import schema
from bigdata_emis.activity_model.operating_state.states import (
    STATES,
    fit_levels,
    fit_states,
    fit_states_of,
    state_codes,
    state_numbers,
)

BAND = {
    "full_kwh": 100.0,
    "falls_kwh": [1.0, 30.0, 70.0],
    "rises_kwh": [2.0, 40.0, 80.0],
    "levels_kwh": [100.0],
    "rule": {},
}


def noisy(levels, hours_each: int, seed: int = 1):
    rng = np.random.default_rng(seed)
    return np.repeat(np.asarray(levels, dtype=float), hours_each) * np.exp(
        rng.normal(0, 0.03, len(levels) * hours_each)
    )


def test_every_state_is_a_declared_code():
    assert tuple(schema.codes()["operating_state"]) == STATES


def test_four_levels_of_power_are_the_four_states():
    energy = noisy([0, 20, 60, 100] * 10, 24)
    expected = np.repeat(["stop", "idle", "partial", "full"] * 10, 24)
    assert (state_codes(fit_states(energy), energy) == expected).all()


def test_standby_load_that_never_goes_to_zero_is_idle():
    energy = noisy([15, 15, 100] * 30, 8)
    codes = state_codes(fit_states(energy), energy)
    assert set(codes[:16]) == {"idle"}
    assert set(codes[16:24]) <= {"full"}


def test_a_steady_line_is_full_all_the_time():
    energy = noisy([500] * 20, 24)
    assert set(state_codes(fit_states(energy), energy)) == {"full"}


def test_lines_told_together_are_told_as_each_alone():
    """One with four levels, one steady, one that stands, one of two hours, one that always draws the same."""
    lines = [
        noisy([0, 20, 60, 100] * 10, 24),
        noisy([500] * 20, 24, seed=2),
        np.zeros(10),
        np.array([3.0, np.nan, 4.0]),
        np.full(100, 7.0),
    ]
    for together, energy in zip(fit_states_of(lines), lines, strict=True):
        alone = fit_states(energy)
        assert together["rises_kwh"] == pytest.approx(alone["rises_kwh"], rel=1e-9)
        assert together["levels_kwh"] == pytest.approx(alone["levels_kwh"], rel=1e-9)


def test_a_line_without_power_stands_still():
    assert set(state_codes(fit_states(np.zeros(10)), np.zeros(10))) == {"stop"}


def test_quarters_of_batches_are_told_like_hours():
    quarters = noisy([10, 100, 100, 100] * 60, 1)
    assert state_codes(fit_states(quarters), quarters)[:4].tolist() == ["idle", "full", "full", "full"]


def test_a_state_is_left_only_when_its_band_is_crossed():
    energy = np.array([10.0, 35, 45, 35, 29, 75, 85, 75, 65])
    assert state_codes(BAND, energy).tolist() == [
        "idle",
        "idle",
        "partial",
        "partial",
        "idle",
        "partial",
        "full",
        "full",
        "partial",
    ]


def test_unknown_energy_has_no_state_and_does_not_end_one():
    assert state_numbers(BAND, np.array([90.0, np.nan, 75.0])).tolist() == [3, -1, 3]


def test_more_power_is_never_a_lower_state():
    energy = noisy([0, 5, 30, 55, 70, 100], 30)
    parameters = fit_states(energy)
    rising = np.linspace(0, 120, 200)
    assert (np.diff(state_numbers(parameters, rising)) >= 0).all()


def test_parameters_are_plain_numbers():
    parameters = fit_states(noisy([20, 100], 60))
    assert json.loads(json.dumps(parameters, allow_nan=False)) == parameters


def test_a_single_level_is_not_split():
    assert len(fit_levels(np.random.default_rng(0).normal(3, 0.1, 2000)).mean) == 1


@pytest.mark.parametrize("factor", [0.001, 1000.0])
def test_states_do_not_hang_on_the_size_of_the_line(factor):
    energy = noisy([0, 20, 60, 100] * 5, 24)
    assert (state_codes(fit_states(energy * factor), energy * factor) == state_codes(fit_states(energy), energy)).all()
