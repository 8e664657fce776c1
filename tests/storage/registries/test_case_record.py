"""Compliance cases in the registry: opened, updated without losing what people decided, moved with audit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.case_record import close_ended_cases, move_case, read_cases, record_cases
from bigdata_emis.storage.scenario_record import scenario_transaction

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
    return move_case(REGION, name, **{"to": to, "actor": "Li", "note": "seen", "known_utc": NOW, **more})[0]


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


def hold(until: datetime, name: str = "plan-1") -> None:
    """Let a scenario be in force from a day before NOW to a time."""
    row = {"scenario_id": name, "in_force_from_utc": NOW - timedelta(days=1), "in_force_to_utc": until}
    database.upsert_row("scenario", REGION, row, may_replace=lambda _: True)


def close_ended(why: str = "plan-1 is superseded by plan-2") -> int:
    with scenario_transaction(REGION) as registry:
        return close_ended_cases(registry, {"plan-1": why}, actor="Wang", authentication_code="command", known_utc=NOW)


def hours_from_now(first: int, last: int) -> dict[str, datetime]:
    return {"from_utc": NOW + timedelta(hours=first), "to_utc": NOW + timedelta(hours=last)}


def test_an_open_case_without_an_hour_of_its_order_is_closed_with_the_reason():
    cases = [
        case("before", **hours_from_now(-4, -1)),
        case("across", **hours_from_now(-1, 1)),
        case("after", **hours_from_now(0, 2)),
        case("other", scenario_id="plan-2", **hours_from_now(0, 2)),
    ]
    record_cases(REGION, cases, "plan-1")
    hold(NOW)
    assert close_ended() == 1
    status = {row["case_id"]: (row["case_status_code"], row["decided_by"], row["note"]) for row in read_cases(REGION)}
    assert status.pop("after") == ("superseded", "Wang", "plan-1 is superseded by plan-2")
    assert set(status.values()) == {("open", None, None)}
    (act,) = database.read("audit", REGION).to_pylist()
    assert (act["event"], act["actor"]) == ("case superseded", "Wang")
    assert act["note"] == "after of plan-1: open to superseded; plan-1 is superseded by plan-2"


def test_what_a_person_checked_or_decided_stays_when_the_order_ends():
    record_cases(REGION, [case("a", **hours_from_now(0, 2)), case("b", **hours_from_now(0, 2))], "plan-1")
    move("checked")
    for status in ("checked", "confirmed"):
        move(status, "b")
    hold(NOW)
    assert close_ended() == 0
    assert {row["case_id"]: row["case_status_code"] for row in read_cases(REGION)} == {"a": "checked", "b": "confirmed"}


def test_a_case_that_is_there_already_stays_as_it_is():
    record_cases(REGION, [case("a")], "plan-1")
    first = move("checked")
    acts = database.read("audit", REGION).num_rows
    row, is_moved = move_case(
        REGION, "a", to="checked", actor="Wang", note="again", known_utc=NOW + timedelta(hours=1), deciders=["Sun"]
    )
    assert (row, is_moved) == (first, False)
    assert read_cases(REGION)[0]["note"] == "seen"
    assert database.read("audit", REGION).num_rows == acts
    move("confirmed")
    with pytest.raises(RefusedError, match="checked does not follow"):
        move("checked")


def test_a_checked_case_can_be_closed_by_a_decider_once_its_order_has_no_hour_of_it():
    record_cases(REGION, [case("a", **hours_from_now(0, 2))], "plan-1")
    move("checked")
    hold(NOW + timedelta(hours=1))
    with pytest.raises(RefusedError, match="the order of plan-1 is in force in hours of case a"):
        move("superseded")
    hold(NOW)
    with pytest.raises(RefusedError, match="Sun may not move a case to superseded"):
        move("superseded", actor="Sun", deciders=("Li",))
    assert move("superseded", deciders=("Li",))["case_status_code"] == "superseded"


def test_a_closed_case_opens_again_when_its_line_is_found_in_hours_of_its_order():
    record_cases(REGION, [case("a", **hours_from_now(0, 2))], "plan-1")
    hold(NOW)
    close_ended()
    record_cases(REGION, [case("a", **hours_from_now(-3, 0))], "plan-1")
    (row,) = read_cases(REGION)
    assert (row["case_status_code"], row["decided_by"], row["note"]) == ("open", None, None)


STEPS = {
    "open": (),
    "checked": ("checked",),
    "confirmed": ("checked", "confirmed"),
    "equipment_fault": ("checked", "equipment_fault"),
    "closed": ("checked", "confirmed", "closed"),
    "superseded": ("checked", "superseded"),
}
FOLLOWS = {
    ("open", "checked"),
    ("checked", "confirmed"),
    ("checked", "equipment_fault"),
    ("checked", "superseded"),
    ("confirmed", "closed"),
    ("equipment_fault", "closed"),
}
ILLEGAL = [(before, to) for before in STEPS for to in STEPS if before != to and (before, to) not in FOLLOWS]


def test_every_step_that_does_not_follow_is_refused_and_in_the_audit():
    record_cases(REGION, [case(f"{before}-{to}") for before, to in ILLEGAL], "plan-1")
    for before, to in ILLEGAL:
        for step in STEPS[before]:
            move(step, f"{before}-{to}")
        with pytest.raises(RefusedError, match=f"case {before}-{to} is {before}.*: {to} does not follow"):
            move(to, f"{before}-{to}", actor="Wang")
    status = {row["case_id"]: row["case_status_code"] for row in read_cases(REGION)}
    assert status == {f"{before}-{to}": before for before, to in ILLEGAL}
    refused = [act for act in database.read("audit", REGION).to_pylist() if act["event"] == "case move refused"]
    assert {act["actor"] for act in refused} == {"Wang"}
    assert [act["note"].partition(" of ")[0] for act in refused] == [f"{before}-{to}" for before, to in ILLEGAL]


def test_of_two_people_who_decide_at_once_one_decides_and_the_other_is_refused():
    record_cases(REGION, [case("a")], "plan-1")
    move("checked")

    def decide(who: tuple[str, str]) -> str:
        person, status = who
        try:
            return str(move(status, actor=person)["decided_by"])
        except RefusedError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(decide, [("Li", "confirmed"), ("Wang", "equipment_fault")]))
    winner = read_cases(REGION)[0]["decided_by"]
    assert winner in said
    assert sum(f"moved by {winner}" in text and "does not follow" in text for text in said) == 1
    events = [act["event"] for act in database.read("audit", REGION).to_pylist()]
    assert sorted(events) == ["case move refused", "case moved", "case moved"]


def test_who_may_not_decide_may_check_and_nothing_else():
    record_cases(REGION, [case("a")], "plan-1")
    assert move("checked", actor="Sun", deciders=("Li",))["case_status_code"] == "checked"
    for status in ("confirmed", "equipment_fault", "closed"):
        with pytest.raises(RefusedError, match=f"Sun may not move a case to {status}"):
            move(status, actor="Sun", deciders=("Li",))
    assert read_cases(REGION)[0]["case_status_code"] == "checked"
    assert move("confirmed", deciders=("Li",))["decided_by"] == "Li"


def test_a_move_without_a_note_is_refused_in_one_line():
    record_cases(REGION, [case("a")], "plan-1")
    with pytest.raises(InputError) as refused:
        move("checked", note="  ")
    assert "the note (--note) is empty" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert read_cases(REGION)[0]["case_status_code"] == "open"


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
    with pytest.raises(InputError, match="the person .* is empty"):
        move("checked", actor=" ")
    assert read_cases(REGION)[0]["case_status_code"] == "open"
