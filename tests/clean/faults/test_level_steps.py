"""A meter that steps alone is doubted, one that steps with its line or district is not."""

import numpy as np
import pytest

from bigdata_emis.clean.faults.level_steps import LevelDoubts, judge_levels
from bigdata_emis.clean.faults.meter_places import MeterPlace
from tests.clean.faults.meter_courses import ABATEMENT, DAYS_BEFORE, HOURS, OWN, PRODUCTION, SWING, times
from tests.clean.reading_frames import grid

LINE = (MeterPlace("l1", "production"), MeterPlace("l1", "abatement"))
NEXT = 1 + 0.1 * np.sin(HOURS * 0.9) + 0.05 * np.sin(HOURS * 0.23)
DISTRICT = (MeterPlace("l1", "production", False, 0), MeterPlace("l2", "production", False, 0))
AFTERNOON = slice(OWN.start + 10, OWN.stop)


def judge(*energies: np.ndarray, places=LINE, total: np.ndarray | None = None) -> LevelDoubts:
    totals = np.zeros((0, 0)) if total is None else total[None, :]
    doubts = judge_levels(np.stack(energies), places, totals, grid(lookback_days=DAYS_BEFORE))
    for mask in (doubts.wrong_factor, doubts.is_confirmed):
        assert not mask[:, : OWN.start].any()
    return doubts


def doubted(*energies: np.ndarray, **options) -> list[list[int]]:
    """By meter, the hours of the own day that are doubted."""
    mask = judge(*energies, **options).wrong_factor[:, OWN]
    return [np.flatnonzero(row).tolist() for row in mask]


@pytest.mark.parametrize("factor", [0.1, 0.2, 0.25, 0.5, 2.0, 2.5, 4.0, 5.0])
def test_a_step_that_the_sibling_does_not_make_is_doubted_until_the_end_of_the_day(factor: float):
    assert doubted(times(PRODUCTION, factor, AFTERNOON), ABATEMENT) == [list(range(10, 24)), []]
    assert doubted(PRODUCTION, times(ABATEMENT, factor, AFTERNOON)) == [[], list(range(10, 24))]


def test_a_step_of_both_is_one_of_the_line_and_confirms_the_meter():
    doubts = judge(times(PRODUCTION, 0.4, AFTERNOON), times(ABATEMENT, 0.4, AFTERNOON))
    assert not doubts.wrong_factor.any()
    assert doubts.is_confirmed[:, OWN].all()
    assert not judge(times(PRODUCTION, 0.4, AFTERNOON), ABATEMENT).is_confirmed[:, AFTERNOON].any()


def test_a_step_ends_where_the_meter_is_back_and_its_return_is_no_new_one():
    span = slice(OWN.start + 6, OWN.start + 15)
    assert doubted(times(PRODUCTION, 2.5, span), ABATEMENT) == [list(range(6, 15)), []]


def test_a_step_of_an_earlier_day_lasts_until_the_meter_is_back():
    span = slice(OWN.start - 40, OWN.start + 4)
    assert doubted(times(PRODUCTION, 2.5, span), ABATEMENT) == [[0, 1, 2, 3], []]


def test_a_part_of_an_hour_belongs_to_the_step():
    """Three quarters of the hour before read right: (3 × 1 + 2.5) / 4 of what is true."""
    part = times(times(PRODUCTION, 2.5, AFTERNOON), 1.375, slice(OWN.start + 9, OWN.start + 10))
    assert doubted(part, ABATEMENT)[0] == list(range(9, 24))


def test_five_hours_are_too_few_and_six_are_enough():
    for count in (5, 6):
        span = slice(OWN.start + 8, OWN.start + 8 + count)
        assert len(doubted(times(PRODUCTION, 2.0, span), ABATEMENT)[0]) == (0 if count < 6 else 6)


def test_a_step_of_every_day_at_the_same_hour_is_the_rhythm_of_the_plant():
    """From 8:00 to 20:00 the line works; its fan follows the swing but not the shifts."""
    works = np.where((HOURS % 24 >= 8) & (HOURS % 24 < 20), 3.0, 1.0)
    assert doubted(PRODUCTION * works, ABATEMENT) == [[], []]


def test_abatement_that_is_off_is_no_fault_of_its_meter():
    assert doubted(PRODUCTION, times(ABATEMENT, 0.05, AFTERNOON)) == [[], []]


def test_a_step_of_a_meter_without_siblings_is_doubted_where_the_total_does_not_make_it():
    other = 60 * NEXT
    assert doubted(times(PRODUCTION, 2.5, AFTERNOON), other, places=DISTRICT, total=1.02 * (PRODUCTION + other)) == [
        list(range(10, 24)),
        [],
    ]
    cut = times(PRODUCTION, 0.3, AFTERNOON)
    assert doubted(cut, other, places=DISTRICT, total=1.02 * (cut + other)) == [[], []]


def test_a_total_that_has_seen_the_step_confirms_it_against_the_sibling():
    """The line halves its load, and the meter of its fan stays where it was."""
    places = (MeterPlace("l1", "production", False, 0), MeterPlace("l1", "abatement", False, -1))
    cut = times(PRODUCTION, 0.5, AFTERNOON)
    assert doubted(cut, ABATEMENT) == [list(range(10, 24)), []]
    assert doubted(cut, ABATEMENT, places=places, total=1.02 * cut) == [[], []]


def test_what_the_site_generates_is_doubted_and_not_what_it_buys():
    places = (*LINE, MeterPlace("l1", "self_generation"))
    bought, generated = 0.6 * PRODUCTION, 0.4 * PRODUCTION
    found = doubted(bought, ABATEMENT, times(generated, 4.0, AFTERNOON), places=places)
    assert found == [[], [], list(range(10, 24))]


def test_meters_of_different_lines_and_few_days_before_say_nothing():
    lines = (MeterPlace("l1", "production"), MeterPlace("l2", "abatement"))
    assert doubted(times(PRODUCTION, 2.0, AFTERNOON), ABATEMENT, places=lines) == [[], []]
    short = np.stack([times(PRODUCTION, 2.0, AFTERNOON)[-72:], ABATEMENT[-72:]])
    assert not judge_levels(short, LINE, np.zeros((0, 0)), grid(lookback_days=2)).wrong_factor.any()


def test_silent_meters_are_never_in_doubt():
    assert doubted(np.full(len(HOURS), np.nan), 8 * SWING) == [[], []]
