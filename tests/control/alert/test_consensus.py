"""One level from several members, their spread, and damping."""

import pytest

from bigdata_emis.control.alert.consensus import decide_together, measure_spread
from bigdata_emis.control.alert.level import AlertDecision


def members(*levels: str) -> list[AlertDecision]:
    return [AlertDecision(level, "2024", f"{level} {n}", "", None, None) for n, level in enumerate(levels)]


@pytest.mark.parametrize(
    ("levels", "at_once", "most"),
    [
        (("red",), "red", "red"),
        (("none", "red"), "red", "none"),
        (("none", "yellow", "red"), "yellow", "yellow"),
        (("none", "none", "red"), "none", "none"),
        (("yellow", "yellow", "orange", "red"), "orange", "yellow"),
    ],
)
def test_the_level_is_that_which_half_or_most_members_call_for(levels, at_once, most) -> None:
    assert decide_together(members(*levels)).level == at_once
    assert decide_together(members(*levels), damping="most").level == most


@pytest.mark.parametrize(
    ("now", "before", "level"), [("red", "none", "none"), ("red", "orange", "orange"), ("yellow", "red", "yellow")]
)
def test_called_twice_is_the_lower_of_both_issues(now, before, level) -> None:
    assert decide_together(members(now), damping="twice", before=members(before)).level == level
    assert decide_together(members(now), damping="twice").level == now


def test_the_reason_is_that_of_the_first_member_of_the_level() -> None:
    assert decide_together(members("none", "yellow", "yellow")).reason_en == "yellow 1"


def test_the_spread_counts_who_calls_for_a_level_or_a_higher_one() -> None:
    spread = measure_spread(members("none", "yellow", "red", "red"))
    assert (spread.member_count, spread.lowest_level, spread.highest_level) == (4, "none", "red")
    assert spread.call_share == {"blue": 0.75, "yellow": 0.75, "orange": 0.5, "red": 0.5}
