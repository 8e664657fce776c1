"""Two meters of a line: what one shows that the other does not support, and what both have seen."""

import numpy as np
import pytest

from bigdata_emis.clean.faults.sibling_meters import SiblingDoubts, compare_siblings
from tests.clean.reading_frames import grid

DAYS_BEFORE, HOURS = 7, np.arange(8 * 24)
OWN = slice(7 * 24, 8 * 24)
SWING = 1 + 0.1 * np.sin(HOURS * 1.3) + 0.05 * np.sin(HOURS * 0.37)
"""What the line does, alike in both meters, and different every day."""
PRODUCTION, ABATEMENT = 100 * SWING, 8 * SWING
LINES = ("production", "abatement")


def compare(*energies: np.ndarray, roles=LINES, lines=("l1", "l1")) -> SiblingDoubts:
    doubts = compare_siblings(np.stack(energies), lines, roles, grid(lookback_days=DAYS_BEFORE))
    for mask in (doubts.wrong_factor, doubts.clock_shift, doubts.is_witnessed):
        assert not mask[:, : OWN.start].any()
    return doubts


def own(energy: np.ndarray, factor: float) -> np.ndarray:
    changed = energy.copy()
    changed[OWN] *= factor
    return changed


@pytest.mark.parametrize("factor", [0.2, 0.25, 0.5, 2.0, 2.5, 4.0, 5.0])
def test_a_factor_that_the_other_meter_does_not_support_is_doubted_in_the_one_that_changed(factor: float):
    """Production is 12.5 times abatement, also on the own day; only one of the two has left its own level."""
    assert compare(own(PRODUCTION, factor), ABATEMENT).wrong_factor.sum(axis=1).tolist() == [24, 0]
    assert compare(PRODUCTION, own(ABATEMENT, factor)).wrong_factor.sum(axis=1).tolist() == [0, 24]


def test_a_change_of_production_that_both_meters_show_is_witnessed_and_not_doubted():
    doubts = compare(own(PRODUCTION, 0.4), own(ABATEMENT, 0.5))
    assert not doubts.wrong_factor.any()
    assert doubts.is_witnessed[:, OWN].all()


def test_five_hours_are_too_few_and_six_are_enough():
    for count in (5, 6):
        changed = PRODUCTION.copy()
        changed[OWN.start : OWN.start + count] *= 2
        assert compare(changed, ABATEMENT).wrong_factor.sum() == (0 if count < 6 else 6)


def test_abatement_that_is_off_is_no_fault_of_its_meter():
    """5 % of the usual power while production runs: a case for compliance."""
    assert not compare(PRODUCTION, own(ABATEMENT, 0.05)).wrong_factor.any()


def test_what_the_line_generates_itself_is_added_to_what_it_buys():
    """On the own day the line buys a quarter of its 100 and generates the rest, instead of buying 80 % of it."""
    bought_share = np.where(OWN.start > HOURS, 0.8, 0.25)
    bought, generated = PRODUCTION * bought_share, PRODUCTION * (1 - bought_share)
    roles, lines = ("production", "abatement", "self_generation"), ("l1", "l1", "l1")
    assert not compare(bought, ABATEMENT, generated, roles=roles, lines=lines).wrong_factor.any()
    assert compare(bought, ABATEMENT).wrong_factor[0].any()


def test_meters_of_different_lines_and_a_meter_alone_say_nothing_of_each_other():
    assert not compare(own(PRODUCTION, 2.0), ABATEMENT, lines=("l1", "l2")).wrong_factor.any()
    assert not compare(own(PRODUCTION, 2.0), ABATEMENT, lines=("", "")).wrong_factor.any()


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
    doubts = compare(shifted(100 * SHIFTS, hours), 8 * SHIFTS)
    assert doubts.clock_shift.sum(axis=1).tolist() == [count, 0]
    doubts = compare(100 * SHIFTS, shifted(8 * SHIFTS, hours))
    assert doubts.clock_shift.sum(axis=1).tolist() == [0, count]


def test_days_without_readings_and_few_days_before_are_never_in_doubt():
    silent = np.full(len(HOURS), np.nan)
    assert not compare(silent, ABATEMENT).wrong_factor.any()
    short = compare_siblings(
        np.stack([own(PRODUCTION, 2.0)[-72:], ABATEMENT[-72:]]), ("l1", "l1"), LINES, grid(lookback_days=2)
    )
    assert not short.wrong_factor.any()
