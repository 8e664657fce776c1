"""A meter that repeats the last eight hours to the digit has been moved by the offset of its zone."""

import numpy as np
import pytest

from bigdata_emis.clean.faults.repeated_hours import find_repeated_shifts
from tests.clean.faults.meter_courses import DAYS_BEFORE, HOURS, OWN, SWING
from tests.clean.reading_frames import grid

STEADY = np.round(100 * (1 + 0.001 * SWING), 3)
SHIFTS = np.round(np.where((HOURS % 24 >= 8) & (HOURS % 24 < 20), 120.0, 80.0) * SWING, 3)


def find(*energies: np.ndarray, days: int = 1) -> np.ndarray:
    """The doubted hours, the last days being own ones."""
    is_shifted = find_repeated_shifts(np.stack(energies), grid(lookback_days=DAYS_BEFORE, days=days))
    assert not is_shifted[:, : OWN.start].any()
    return is_shifted


def moved(energy: np.ndarray, start: int, hours: int = 8, end: int | None = None) -> np.ndarray:
    """The energy of so many hours before, from a start on."""
    late = energy.copy()
    late[start:end] = energy[start - hours : len(energy) - hours if end is None else end - hours]
    return late


@pytest.mark.parametrize("energy", [STEADY, SHIFTS], ids=["steady", "in shifts"])
@pytest.mark.parametrize("start", [OWN.start, OWN.start + 5])
def test_a_meter_is_doubted_from_its_repetition_on_and_its_neighbour_is_not(energy, start):
    assert find(moved(energy, start), energy).nonzero()[0].tolist() == [0] * (OWN.stop - start)


def test_a_clock_that_is_changed_within_an_hour_is_doubted_from_that_hour_on():
    energy = moved(SHIFTS, OWN.start)
    energy[OWN.start] = (SHIFTS[OWN.start] + SHIFTS[OWN.start - 8]) / 2
    assert find(energy).sum() == 24


@pytest.mark.parametrize("hours", [1, 7, 9, 24])
def test_another_lag_than_the_offset_of_the_zone_is_no_shift_of_it(hours):
    assert not find(moved(SHIFTS, OWN.start, hours)).any()


@pytest.mark.parametrize(
    "energy",
    [
        pytest.param(SHIFTS, id="sound"),
        pytest.param(np.full(len(HOURS), 50.0), id="constant"),
        pytest.param(np.zeros(len(HOURS)), id="idle"),
        pytest.param(np.tile([10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0], len(HOURS) // 8), id="periodic"),
        pytest.param(np.full(len(HOURS), np.nan), id="not read"),
    ],
)
def test_what_repeats_itself_all_the_time_or_never_is_not_doubted(energy):
    assert not find(energy).any()


def test_five_equal_hours_are_not_enough():
    energy = SHIFTS.copy()
    energy[OWN.start : OWN.start + 5] = SHIFTS[OWN.start - 8 : OWN.start - 3]
    assert not find(energy).any()


def test_days_after_it_stay_doubted_until_the_course_is_right_again():
    """Of a line in shifts the next day shows that the clock is right; of a steady one nothing does."""
    following = [np.concatenate([energy, energy[OWN] * 1.01]) for energy in (SHIFTS, SHIFTS, STEADY)]
    given = [moved(following[0], OWN.start), moved(following[1], OWN.start, end=OWN.stop), following[2]]
    given[2] = moved(given[2], OWN.start, end=OWN.stop)
    second = find(*given, days=2)[:, OWN.stop :].sum(axis=1)
    assert second.tolist() == [24, 0, 24]


def test_a_day_is_judged_alike_in_whatever_window():
    energy = moved(np.concatenate([SHIFTS, SHIFTS[OWN]]), OWN.start + 20)
    alone = find_repeated_shifts(energy[None, : OWN.stop], grid(lookback_days=DAYS_BEFORE))
    both = find_repeated_shifts(energy[None, :], grid(lookback_days=DAYS_BEFORE, days=2))
    assert (both[:, : OWN.stop] == alone).all()
