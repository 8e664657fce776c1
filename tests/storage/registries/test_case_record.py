"""Compliance cases in the registry: opened, updated without losing what people decided, moved with audit."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.case_record import move_case, read_cases, record_cases

REGION = "town"
NOW = datetime(2019, 7, 12, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def registry(home: Any) -> None:
    database.migrate()
    for name in ("plan-1", "plan-2"):
        database.upsert_row("scenario", REGION, {"scenario_id": name}, may_replace=lambda _: True)


def case(name: str, grams: float = 100.0, **more: Any) -> dict[str, Any]:
    row = {
        "case_id": name,
        "scenario_id": "plan-1",
        "source_id": name,
        "breach_kind_code": "stop_not_obeyed",
        "from_utc": NOW,
        "to_utc": NOW,
        "breach_probability_share": 0.9,
        "excess_emission_g": grams,
        "evidence_json": "{}",
        "case_status_code": "open",
        "run_id": "run-1",
        "known_utc": NOW,
    }
    return {**row, **more}


def move(to: str, name: str = "a", **more: Any) -> dict[str, Any]:
    return move_case(REGION, name, **{"to": to, "actor": "Li", "note": "", "known_utc": NOW, **more})


def test_cases_are_read_with_the_largest_excess_first():
    record_cases(REGION, [case("a", 1.0), case("b", 3.0), case("c", 2.0)], "plan-1")
    assert [row["case_id"] for row in read_cases(REGION)] == ["b", "c", "a"]


def test_a_case_goes_from_open_to_closed_with_an_act_for_each_move():
    record_cases(REGION, [case("a")], "plan-1")
    for status in ("checked", "equipment_fault", "closed"):
        moved = move(status, note="seen on site")
    assert (moved["case_status_code"], moved["decided_by"], moved["note"]) == ("closed", "Li", "seen on site")
    acts = [act["note"] for act in database.read("audit", REGION).to_pylist()]
    assert acts[0] == "a of plan-1: open to checked; seen on site"
    assert len(acts) == 3


@pytest.mark.parametrize(("steps", "wrong"), [((), "confirmed"), ((), "closed"), (("checked",), "closed")])
def test_no_step_is_left_out(steps: tuple[str, ...], wrong: str):
    record_cases(REGION, [case("a")], "plan-1")
    for step in steps:
        move(step)
    with pytest.raises(RefusedError, match=f"{wrong} does not follow"):
        move(wrong)
    assert len(database.read("audit", REGION).to_pylist()) == len(steps)


def test_a_later_judgement_updates_the_evidence_and_leaves_the_decision():
    record_cases(REGION, [case("a", 1.0)], "plan-1")
    move("checked", note="visited")
    record_cases(REGION, [case("a", 5.0)], "plan-1")
    row = read_cases(REGION)[0]
    assert (row["excess_emission_g"], row["case_status_code"], row["note"]) == (5.0, "checked", "visited")


def test_an_open_case_that_is_not_listed_any_more_goes_and_a_checked_one_stays():
    record_cases(REGION, [case("a"), case("b"), case("x", scenario_id="plan-2")], "plan-1")
    move("checked", "b")
    record_cases(REGION, [], "plan-1")
    assert {row["case_id"] for row in read_cases(REGION)} == {"b", "x"}


def test_unknown_cases_and_statuses_and_texts_of_several_lines_are_refused():
    record_cases(REGION, [case("a")], "plan-1")
    with pytest.raises(InputError, match="case 'nobody' is unknown in town"):
        move("checked", "nobody")
    with pytest.raises(InputError, match="status 'done' is unknown; use one of open, checked"):
        move("done")
    with pytest.raises(InputError, match="the note .* is not one line"):
        move("checked", note="two\nlines")
    with pytest.raises(InputError, match="the person .* is not one line"):
        move("checked", actor=" ")
    assert read_cases(REGION)[0]["case_status_code"] == "open"
