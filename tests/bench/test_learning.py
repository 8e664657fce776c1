"""Simulated lines with linear activity."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench.learning import NOISE_SHARE, SimulatedLines, write_training_inputs
from bench.sizes import SIZES


def lines(count=40):
    return SimulatedLines(count, np.random.default_rng(1))


def test_activity_is_linear_in_energy_within_the_noise():
    simulated = lines()
    energy = np.full((40, 2000), 100.0)
    mean = simulated.activity(energy, np.random.default_rng(2)).mean(axis=1)
    expected = simulated.slope * (100 + simulated.idle_share * simulated.level_kwh)
    assert mean == pytest.approx(expected, rel=5 * NOISE_SHARE / np.sqrt(2000))


def test_a_line_without_energy_has_no_activity():
    assert (lines().activity(np.zeros((40, 24)), np.random.default_rng(2)) == 0).all()


def test_lines_that_stop_at_night_have_energy_from_eight_to_twenty_only():
    simulated = lines()
    energy = simulated.energy(np.random.default_rng(3), is_weekend=False)[simulated.is_stopped_at_night]
    assert (energy[:, 8:20] > 0).all()
    assert (energy[:, :8] == 0).all()
    assert (energy[:, 20:] == 0).all()


def test_repeated_laws_are_equal_but_names_are_not():
    repeated = lines(6).repeat_laws(2)
    assert repeated.slope.tolist() == [repeated.slope[0], repeated.slope[1]] * 3
    assert len(set(repeated.enterprises)) == 6


def test_inputs_have_one_file_per_day_and_every_line_in_every_hour(tmp_path):
    size = SIZES["tiny"]
    write_training_inputs(tmp_path, size)
    for table in ("line_energy_hourly", "measured_activity_hourly"):
        days = sorted((tmp_path / table).glob("day=*/*.parquet"))
        assert len(days) == size.training_days
        assert pq.read_metadata(days[0]).num_rows == size.model_lines * 24
