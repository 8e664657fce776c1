"""Spells that meet a condition and the processes that they form, on series that a person can count."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigdata_emis.control.alert.plan_air import PlanAir, standards_of
from bigdata_emis.control.alert.spells import find_processes, find_spells, polluted_hours

START = datetime(2024, 12, 18, tzinfo=UTC)
CLEAN, HEAVY, SEVERE = 35.0, 200.0, 300.0
"""PM2.5 in ug/m3 with an index of 50, 250 and 350."""
RULES = (("yellow", ((200, 24),)), ("orange", ((200, 48),)), ("red", ((200, 72), (300, 24))))


def air(*parts: tuple[int, float]) -> PlanAir:
    """Hours and concentration, one after the other."""
    values = np.array([value for hours, value in parts for _ in range(hours)])
    hours = tuple(START + timedelta(hours=k) for k in range(len(values)))
    return PlanAir({"PM2.5": values}, standards_of(hours, time_zone="UTC", region_folder=None))


def found(*parts: tuple[int, float], apart_h: int = 36) -> list[tuple[str, int, int]]:
    processes = find_processes(air(*parts), RULES, apart_h=apart_h)
    return [(process.highest.level, process.first, process.last + 1) for process in processes]


def test_a_spell_has_the_hours_of_its_polluted_air() -> None:
    assert found((30, CLEAN), (50, HEAVY), (40, CLEAN)) == [("orange", 30, 80)]


def test_all_conditions_of_a_level_must_hold_in_one_spell() -> None:
    assert found((30, HEAVY), (24, SEVERE), (30, HEAVY)) == [("red", 0, 84)]
    assert found((48, HEAVY), (20, CLEAN), (24, SEVERE)) == [("orange", 0, 92)]


@pytest.mark.parametrize(("gap", "count"), [(20, 1), (35, 1), (36, 2), (60, 2)])
def test_spells_less_than_the_gap_apart_are_one_process(gap: int, count: int) -> None:
    assert len(found((24, HEAVY), (gap, CLEAN), (48, HEAVY))) == count


def test_a_chain_of_spells_is_one_process() -> None:
    parts = [(24, HEAVY), (30, CLEAN)] * 4
    assert found(*parts) == [("yellow", 0, 4 * 54 - 30)]


def test_a_duration_that_is_no_whole_day_is_compared_with_the_spell() -> None:
    more_than_three_days = ((200, 73),)
    assert not find_spells(air((72, HEAVY), (40, CLEAN)), "red", more_than_three_days)
    assert find_spells(air((73, HEAVY), (40, CLEAN)), "red", more_than_three_days)


def test_short_air_has_no_spell() -> None:
    assert found((20, SEVERE)) == []


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(20, 450), min_size=60, max_size=110), st.integers(0, 23), st.sampled_from([24, 48, 72]))
def test_properties_of_polluted_hours(values: list[float], shift: int, duration_h: int) -> None:
    """A longer condition covers no other hours, and clean hours before a series shift it and change nothing."""
    own = air(*((1, value) for value in values))
    covered = polluted_hours(own, 200, duration_h)
    assert not (polluted_hours(own, 200, duration_h + 24) & ~covered).any()
    assert not (polluted_hours(own, 300, duration_h) & ~covered).any()
    assert covered.sum() == 0 or covered.sum() >= duration_h
    shifted = polluted_hours(air((shift + 24, 0.0), *((1, value) for value in values)), 200, duration_h)
    assert (shifted[shift + 24 :] >= covered).all()
