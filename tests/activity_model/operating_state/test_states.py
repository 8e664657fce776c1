"""Operating states inferred from power: which intervals are stopped, idle, partial or full."""

import json

import numpy as np
import pytest

from bigdata_emis import schema
from bigdata_emis.activity_model.operating_state.states import (
    STATES,
    StateRule,
    classify_states,
    fit_power_levels,
    fit_states,
    fit_states_by_line,
)

BAND = {"falls_kwh": [1.0, 30.0, 70.0], "rises_kwh": [2.0, 40.0, 80.0]}


def noisy(levels, hours_each: int, seed: int = 1):
    rng = np.random.default_rng(seed)
    return np.repeat(np.asarray(levels, dtype=float), hours_each) * np.exp(
        rng.normal(0, 0.03, len(levels) * hours_each)
    )


def state_codes(parameters, energy_kwh):
    """State of each interval as a code; None where the energy is unknown."""
    return [STATES[number] if number >= 0 else None for number in classify_states(parameters, energy_kwh)]


def own_state_codes(energy_kwh):
    return state_codes(fit_states(energy_kwh), energy_kwh)


def test_every_state_is_a_declared_code():
    assert tuple(schema.codes()["operating_state"]) == STATES


def test_four_levels_of_power_are_the_four_states():
    expected = np.repeat(["stop", "idle", "partial", "full"] * 10, 24).tolist()
    assert own_state_codes(noisy([0, 20, 60, 100] * 10, 24)) == expected


def test_standby_load_that_never_falls_to_zero_is_idle():
    codes = own_state_codes(noisy([15, 15, 100] * 30, 8))
    assert set(codes[:16]) == {"idle"}
    assert set(codes[16:24]) == {"full"}


def test_a_steady_line_is_full_all_the_time():
    assert set(own_state_codes(noisy([500] * 20, 24))) == {"full"}


def test_lines_fitted_together_are_fitted_as_each_alone():
    """One with four levels, one steady, one stopped, one of two hours, one of constant power."""
    lines = [
        noisy([0, 20, 60, 100] * 10, 24),
        noisy([500] * 20, 24, seed=2),
        np.zeros(10),
        np.array([3.0, np.nan, 4.0]),
        np.full(100, 7.0),
    ]
    for together, energy in zip(fit_states_by_line(lines), lines, strict=True):
        alone = fit_states(energy)
        assert together["rises_kwh"] == pytest.approx(alone["rises_kwh"], rel=1e-9)
        assert together["levels_kwh"] == pytest.approx(alone["levels_kwh"], rel=1e-9)


def test_few_hours_use_the_shares_of_the_rule():
    """Full power of 100 kWh: boundaries at 2, 35 and 75 kWh, with bands of 6 %."""
    parameters = fit_states(np.full(10, 100.0), StateRule(full_power_rank=1.0))
    assert parameters["rises_kwh"] == pytest.approx([2 * 1.06, 35 * 1.06, 75 * 1.06])
    assert parameters["falls_kwh"] == pytest.approx([2 * 0.94, 35 * 0.94, 75 * 0.94])


def test_a_line_without_power_is_stopped():
    assert set(own_state_codes(np.zeros(10))) == {"stop"}


def test_quarter_hours_of_batches_are_classified_like_hours():
    assert own_state_codes(noisy([10, 100, 100, 100] * 60, 1))[:4] == ["idle", "full", "full", "full"]


def test_a_state_changes_only_when_its_band_is_crossed():
    energy = np.array([10.0, 35, 45, 35, 29, 75, 85, 75, 65])
    expected = ["idle", "idle", "partial", "partial", "idle", "partial", "full", "full", "partial"]
    assert state_codes(BAND, energy) == expected


def test_unknown_energy_has_no_state_and_does_not_end_one():
    assert classify_states(BAND, np.array([90.0, np.nan, 75.0])).tolist() == [3, -1, 3]


def test_more_power_is_never_a_lower_state():
    parameters = fit_states(noisy([0, 5, 30, 55, 70, 100], 30))
    assert (np.diff(classify_states(parameters, np.linspace(0, 120, 200))) >= 0).all()


def test_parameters_are_plain_numbers():
    parameters = fit_states(noisy([20, 100], 60))
    assert json.loads(json.dumps(parameters, allow_nan=False)) == parameters


def test_a_single_level_is_not_split():
    assert len(fit_power_levels([np.random.default_rng(0).normal(3, 0.1, 2000)])[0].mean) == 1


@pytest.mark.parametrize("factor", [0.001, 1000.0])
def test_states_do_not_depend_on_the_size_of_the_line(factor):
    energy = noisy([0, 20, 60, 100] * 5, 24)
    assert own_state_codes(energy * factor) == own_state_codes(energy)
