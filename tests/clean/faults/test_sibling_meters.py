"""Two meters of a line whose courses agree only when one is moved in time."""

import numpy as np
import pytest

from bigdata_emis.clean.faults.meter_places import MeterPlace
from bigdata_emis.clean.faults.sibling_meters import find_shifted_siblings
from tests.clean.reading_frames import grid

DAYS_BEFORE, HOURS = 7, np.arange(8 * 24)
OWN = slice(7 * 24, 8 * 24)
SWING = 1 + 0.1 * np.sin(HOURS * 1.3) + 0.05 * np.sin(HOURS * 0.37)
"""What the line does, alike in both meters, and different every day."""


def find(*energies: np.ndarray) -> np.ndarray:
    places = [MeterPlace("l1", role) for role in ("production", "abatement")]
    is_shifted = find_shifted_siblings(np.stack(energies), places, grid(lookback_days=DAYS_BEFORE))
    assert not is_shifted[:, : OWN.start].any()
    return is_shifted


def shifted(energy: np.ndarray, hours: int) -> np.ndarray:
    moved = energy.copy()
    moved[OWN] = energy[OWN.start - hours : OWN.stop - hours]
    return moved


SHIFTS = np.where((HOURS % 24 >= 8) & (HOURS % 24 < 20), 1.2, 0.8) * SWING


@pytest.mark.parametrize(("hours", "count"), [(8, 24), (5, 0), (0, 0)])
def test_a_clock_that_is_off_by_the_offset_of_the_zone_is_doubted_in_the_meter_whose_profile_moved(
    hours: int, count: int
):
    """The zone is eight hours from UTC; a lag of five hours is left to the course of the meter itself."""
    assert find(shifted(100 * SHIFTS, hours), 8 * SHIFTS).sum(axis=1).tolist() == [count, 0]
    assert find(100 * SHIFTS, shifted(8 * SHIFTS, hours)).sum(axis=1).tolist() == [0, count]


def test_meters_of_different_lines_say_nothing_of_each_other():
    places = [MeterPlace("l1", "production"), MeterPlace("l2", "abatement")]
    energy = np.stack([shifted(100 * SHIFTS, 8), 8 * SHIFTS])
    assert not find_shifted_siblings(energy, places, grid(lookback_days=DAYS_BEFORE)).any()


def test_days_without_readings_are_never_in_doubt():
    assert not find(np.full(len(HOURS), np.nan), 8 * SHIFTS).any()
