"""Refused attempts in the audit trail."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.errors import EmisError, FeedError, InputError, PartialError, RefusedError
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.attempt_record import is_refusal, record_refusal

NOW = datetime(2024, 12, 18, tzinfo=UTC)


def recorded(actor: str, what: str) -> dict:
    record_refusal("nys", act="approval", actor=actor, problem=InputError(what, "do this"), known_utc=NOW)
    return database.read("audit", "nys").to_pylist()[-1]


def test_an_attempt_says_who_tried_what_and_why_it_was_refused(home) -> None:
    row = recorded("Li", "level 'purple' is unknown")
    assert (row["actor"], row["event"], row["known_utc"]) == ("Li", "approval refused", NOW)
    assert row["note"] == "level 'purple' is unknown; do this"
    assert row["authentication_code"] is None


def test_an_attempt_of_nobody_is_that_of_the_command(home) -> None:
    row = recorded("", "x")
    assert (row["actor"], row["authentication_code"]) == ("command", "command")


def test_what_a_terminal_cannot_show_and_what_is_too_long_is_no_problem(home) -> None:
    row = recorded("\udcff\u202ename" + "x" * 200, "line one\nline two \ud800 " + "y" * 1000)
    assert len(row["actor"]) == 80
    assert row["note"].startswith("line one line two \\ud800 y")
    assert len(row["note"]) == 400


@pytest.mark.parametrize(
    ("problem", "expected"),
    [(InputError("x"), True), (RefusedError("x"), True), (PartialError("x"), False), (EmisError("x"), False)],
)
def test_what_counts_as_a_refusal(problem: EmisError, expected: bool) -> None:
    assert is_refusal(problem) is expected
    assert is_refusal(FeedError("down"))
