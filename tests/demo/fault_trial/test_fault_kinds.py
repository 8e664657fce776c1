"""Faults change what they say they change, at places that are written down."""

import numpy as np
import pytest

from bigdata_emis.demo.fault_trial import fault_kinds as kinds
from bigdata_emis.demo.fault_trial.fault_kinds import FaultySeries, plant

RANDOM = np.random.default_rng(1)


def series() -> FaultySeries:
    """Four sources of three days by the hour, of which the last day is judged."""
    return FaultySeries(np.arange(4 * 72, dtype=float).reshape(4, 72) + 1, 1, 24)


def test_what_is_damaged_is_written_down_and_only_in_own_steps():
    faulty, before = series(), series().value
    plant(RANDOM, faulty, "a tenth", kinds.tenth, candidates=np.arange(4), count=2, hours=(6, 6))
    mask = faulty.damaged["a tenth"]
    assert (mask == (faulty.value != before)).all()
    assert mask.sum() == 12
    assert not mask[:, :48].any()
    assert np.allclose(faulty.value[mask] * 10, before[mask])


def test_a_source_gets_one_fault():
    faulty = series()
    for kind in ("first", "second"):
        plant(RANDOM, faulty, kind, kinds.tenth, candidates=np.arange(4), count=2, hours=(6, 6))
    assert not (faulty.damaged["first"].any(axis=1) & faulty.damaged["second"].any(axis=1)).any()
    assert faulty.touched == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (kinds.stuck, [61.0] * 4),
        (kinds.tenth, [6.1, 6.2, 6.3, 6.4]),
        (kinds.clock_shift, [53.0, 54.0, 55.0, 56.0]),
        (kinds.zeros, [0.0] * 4),
    ],
)
def test_a_fault_does_what_its_name_says(fault: kinds.Fault, expected: list[float]):
    """The values of the first source from hour 60 are 61, 62, 63, 64."""
    assert fault(RANDOM, series(), 0, slice(60, 64)).tolist() == pytest.approx(expected)


def test_a_value_that_a_fault_hardly_changes_is_written_down_apart():
    """Values of about 60 that come eight hours late differ by 8: more than 5 % of them; of 300, less."""
    faulty = series()
    plant(RANDOM, faulty, "clock shift", kinds.clock_shift, candidates=np.array([0, 3]), count=2, hours=(24, 24))
    assert faulty.damaged["clock shift"][0, 48:].all()
    assert not faulty.damaged["clock shift"][3].any()
    assert faulty.slight[3, 48:].all()
    assert not faulty.slight[0].any()


def test_a_clock_that_is_set_ahead_leaves_a_gap():
    shifted = kinds.clock_set_ahead(RANDOM, series(), 0, slice(48, 72))
    assert np.isnan(shifted[:8]).all()
    assert shifted[8:].tolist() == series().value[0, 48:64].tolist()


def test_a_twin_and_its_original_are_written_down():
    faulty = series()
    plant(RANDOM, faulty, "twins", kinds.twin, candidates=np.array([0]), count=1, hours=(24, 24))
    original = int(np.flatnonzero(faulty.originals.any(axis=1))[0])
    assert (faulty.value[0, 48:] == faulty.value[original, 48:]).all()


def test_a_drift_starts_at_nothing():
    drifted = kinds.zero_drift(RANDOM, series(), 0, slice(48, 72)) - series().value[0, 48:72]
    assert drifted[0] == 0
    assert drifted[-1] >= np.median(series().value[0])
