"""At most one scenario is in force in any hour: the one approved last, from its own start on."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.publish.scenarios.hours_in_force import (
    list_in_force,
    supersede_by,
    take_into_force,
    was_approved,
    window_in_force,
)

START = datetime(2015, 12, 20, tzinfo=UTC)


def draft(name: str, first: int, last: int) -> dict[str, Any]:
    return {
        "scenario_id": name,
        "alert_level_code": "orange",
        "status": "draft",
        "from_utc": START + timedelta(hours=first),
        "to_utc": START + timedelta(hours=last),
        "in_force_from_utc": None,
        "in_force_to_utc": None,
        "decided_by": "wang",
        "decided_utc": START,
    }


def approve(rows: dict[str, dict[str, Any]], row: dict[str, Any]) -> list[str]:
    taken = take_into_force(row)
    changes = supersede_by(rows.values(), taken)
    rows.update({change.row["scenario_id"]: change.row for change in changes})
    rows[taken["scenario_id"]] = taken
    return [change.sentence() for change in changes]


def test_a_draft_is_in_force_in_no_hour() -> None:
    assert window_in_force(draft("a", 0, 24)) is None
    assert was_approved(draft("a", 0, 24)) is False


def test_an_older_scenario_ends_where_the_newer_one_starts() -> None:
    rows: dict[str, dict[str, Any]] = {}
    assert approve(rows, draft("a", 0, 24)) == []
    assert approve(rows, draft("b", 6, 24)) == ["a is superseded from 2015-12-20T06:00:00+00:00 by b"]
    assert rows["a"]["status"] == "superseded"
    assert [(r["scenario_id"], r["to_utc"]) for r in list_in_force(rows.values())] == [
        ("a", "2015-12-20T06:00:00+00:00"),
        ("b", "2015-12-21T00:00:00+00:00"),
    ]


def test_an_older_scenario_that_starts_later_is_in_force_in_no_hour() -> None:
    rows: dict[str, dict[str, Any]] = {}
    approve(rows, draft("a", 6, 24))
    approve(rows, draft("b", 0, 12))
    assert window_in_force(rows["a"]) is None
    assert was_approved(rows["a"]) is True
    assert [row["scenario_id"] for row in list_in_force(rows.values())] == ["b"]


def test_hours_that_nothing_covers_any_more_are_named() -> None:
    rows: dict[str, dict[str, Any]] = {}
    approve(rows, draft("a", 0, 24))
    (sentence,) = approve(rows, draft("b", 6, 12))
    assert sentence.endswith("no scenario is in force from 2015-12-20T12:00:00+00:00 to 2015-12-21T00:00:00+00:00")


def test_scenarios_that_only_touch_leave_each_other_alone() -> None:
    rows: dict[str, dict[str, Any]] = {}
    approve(rows, draft("a", 0, 12))
    assert approve(rows, draft("b", 12, 24)) == []
    assert rows["a"]["status"] == "in_force"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), min_size=1, max_size=8))
def test_no_two_scenarios_are_in_force_in_one_hour(spans: list[tuple[int, int]]) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for number, (first, length) in enumerate(spans):
        approve(rows, draft(f"s{number}", first, first + length))
    held = sorted(window for row in rows.values() if (window := window_in_force(row)) is not None)
    assert all(one.to_utc <= other.from_utc for one, other in itertools.pairwise(held))
    newest = rows[f"s{len(spans) - 1}"]
    assert window_in_force(newest) is not None
    assert newest["status"] == "in_force"
