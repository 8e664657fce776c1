"""The decision is taken as the person whom Airflow recorded; nobody else's word counts, nor does silence approve."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from bigdata_emis.airflow.approval import (
    RecordedApproval,
    answer_arguments,
    approvers,
    ask_command,
    response_timeout,
    run_command,
)
from bigdata_emis.errors import InputError
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.region import load_region
from bigdata_emis.run.run_record import list_runs
from tests.publish.scenarios.drafts import DECIDED, acts, publish_inventory, scenario_of, write_draft

OF_SCENARIO = ["--region", "nys", "--scenario", "orange-1"]


def answer(option: str, person: str | None = "wang", *, timedout: bool = False) -> dict[str, Any]:
    """The record of an answer, as Airflow resumes the task with it."""
    return {
        "chosen_options": [option],
        "params_input": {},
        "responded_at": datetime(2026, 1, 1, tzinfo=UTC),
        "responded_by_user": {"id": "7", "name": person} if person is not None else None,
        "timedout": timedout,
    }


def resume(event: dict[str, Any]) -> None:
    task = RecordedApproval(task_id="approve", subject="?", decision=["approve", *OF_SCENARIO])
    task.execute_complete({"ti": SimpleNamespace(), "task": task}, event)


@pytest.fixture
def draft(home: Path) -> Path:
    publish_inventory()
    write_draft("orange-1")
    return home


@pytest.mark.parametrize(
    ("setting", "users"), [("wang, li", ["wang", "li"]), ("operator", ["operator"]), (" , wang,", ["wang"])]
)
def test_the_approvers_are_a_setting(monkeypatch: pytest.MonkeyPatch, setting: str, users: list[str]) -> None:
    monkeypatch.setenv("EMIS_APPROVERS", setting)
    assert [user["id"] for user in approvers()] == users


@pytest.mark.parametrize("setting", [None, ""])
def test_the_operator_approves_where_nobody_else_is_named(monkeypatch: pytest.MonkeyPatch, setting: str | None) -> None:
    monkeypatch.delenv("EMIS_APPROVERS", raising=False)
    if setting is not None:
        monkeypatch.setenv("EMIS_APPROVERS", setting)
    assert approvers() == [{"id": "operator", "name": "operator"}]


def test_a_setting_that_names_nobody_does_not_let_everybody_approve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_APPROVERS", " , ")
    with pytest.raises(InputError, match="EMIS_APPROVERS ' , ' names nobody"):
        approvers()


def test_a_question_waits_six_hours_or_as_long_as_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMIS_APPROVAL_TIMEOUT_H", raising=False)
    assert response_timeout() == timedelta(hours=6)
    monkeypatch.setenv("EMIS_APPROVAL_TIMEOUT_H", "0.5")
    assert response_timeout() == timedelta(minutes=30)
    task = RecordedApproval(task_id="approve", subject="?", decision=[])
    assert (task.response_timeout, task.defaults) == (timedelta(minutes=30), ["Reject"])


@pytest.mark.parametrize("setting", ["0", "-1", "soon", "nan", "1000", "inf"])
def test_a_time_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv("EMIS_APPROVAL_TIMEOUT_H", setting)
    with pytest.raises(InputError, match=f"EMIS_APPROVAL_TIMEOUT_H '{setting}': expected hours"):
        response_timeout()


def test_an_answer_is_a_decision_of_the_person_whom_airflow_recorded() -> None:
    approved = answer_arguments(answer("Approve"), approve="Approve", timeout=None)
    assert approved == ["--by", "wang", "--authenticated", "airflow", "--json"]
    assert "--reject" in answer_arguments(answer("Reject"), approve="Approve", timeout=None)


def test_silence_is_a_rejection_and_says_so() -> None:
    given = answer_arguments(answer("Reject", None, timedout=True), approve="Approve", timeout=timedelta(hours=6))
    assert given == ["--by", "no answer within 6 h", "--authenticated", "time_out", "--reject", "--json"]


@pytest.mark.parametrize(
    "event",
    [answer("Approve", None), answer("Approve", None, timedout=True), answer("Approve", ""), answer("Reject", None)],
)
def test_an_answer_of_nobody_decides_nothing(event: dict[str, Any]) -> None:
    with pytest.raises(AirflowFailException, match="names nobody; nothing is decided"):
        answer_arguments(event, approve="Approve", timeout=None)


def test_an_approved_scenario_is_published_as_the_person_recorded(draft: Path) -> None:
    resume(answer("Approve"))
    assert scenario_of("orange-1")["status"] == "in_force"
    assert acts() == [(1, "wang", "scenario approved", "orange-1", "airflow")]


def test_a_question_without_answer_ends_as_rejected_in_the_audit(draft: Path) -> None:
    resume(answer("Reject", None, timedout=True))
    assert scenario_of("orange-1")["status"] == "rejected"
    assert acts() == [(1, "no answer within 6 h", "scenario rejected", "orange-1", "time_out")]


def test_after_a_task_that_somebody_marked_as_done_publishing_is_refused_in_one_line(draft: Path) -> None:
    with pytest.raises(AirflowFailException, match="is a draft: nobody approved it, and nothing is published"):
        run_command(["scenario", "publish", *OF_SCENARIO, "--json"], pause_s=0, say=print)
    assert scenario_of("orange-1")["status"] == "draft"


def test_a_wrong_command_fails_at_once_with_its_last_line(home: Path) -> None:
    with pytest.raises(AirflowFailException, match="No such command|unknown|Error"):
        ask_command(["no-such-command"], pause_s=0)


def test_a_decision_is_among_the_runs_with_its_words(draft: Path) -> None:
    resume(answer("Approve"))
    (run,) = list_runs("nys")
    assert (run["stage"], run["status"]) == ("approve", "done")
    assert run["command"].endswith("--scenario orange-1 --by wang --authenticated airflow")


@pytest.mark.parametrize(("decision", "chosen"), [("approved", ["Approve"]), ("rejected", ["Reject"])])
def test_what_somebody_decided_while_the_question_was_open_counts(
    draft: Path, decision: str, chosen: list[str]
) -> None:
    decide_scenario(load_region("nys"), "orange-1", decision=decision, actor="li", known_utc=DECIDED)
    task = RecordedApproval(task_id="approve", subject="?", decision=["approve", *OF_SCENARIO])
    continued = task.execute_complete({"ti": SimpleNamespace(), "task": task}, answer("Approve"))
    assert continued["chosen_options"] == chosen
    assert [act[1] for act in acts() if act[2].startswith("scenario ")] == ["li"]


@pytest.mark.parametrize(("decision", "chosen"), [("approved", ["Approve"]), ("rejected", ["Reject"])])
def test_a_scenario_that_is_decided_is_not_asked_about_again(draft: Path, decision: str, chosen: list[str]) -> None:
    decide_scenario(load_region("nys"), "orange-1", decision=decision, actor="wang", known_utc=DECIDED)
    task = RecordedApproval(task_id="approve", subject="?", decision=["approve", *OF_SCENARIO])
    answered = task.execute.__wrapped__(task, {"ti": SimpleNamespace(), "task": task})  # type: ignore[attr-defined]
    assert answered["chosen_options"] == chosen
    assert len(acts()) == 1
