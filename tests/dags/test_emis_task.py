"""A task is the command: it keeps what the command prints, and fails as the command says."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def operator(home: Path) -> Any:
    from bigdata_emis.airflow.tasks import EmisOperator

    return EmisOperator


def test_the_document_of_a_command_is_what_the_task_yields(operator: Any) -> None:
    assert operator(task_id="t", arguments=["published", "--region", "nys", "--json"]).execute({}) == {"versions": []}


def test_bad_input_fails_at_once_with_the_commands_own_line(operator: Any) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match="emis: region 'atlantis' is unknown"):
        operator(task_id="t", arguments=["approve", "--region", "atlantis", "--scenario", "s", "--by", "me"]).execute(
            {}
        )


def test_a_feed_that_is_down_fails_so_that_it_is_tried_again(operator: Any) -> None:
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    with pytest.raises(AirflowException) as failure:
        operator(
            task_id="t",
            arguments=["run", "collect_power", "--region", "nys", "--from", "1999-01-01", "--to", "1999-01-02"],
            lasting_statuses=(3,),
        ).execute({})
    assert not isinstance(failure.value, AirflowFailException)
    assert str(failure.value).startswith("emis: ")


def test_a_form_with_an_unknown_key_fails_the_check(home: Path) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from bigdata_emis.airflow.tasks import check_alert_form

    form = {"region": "nys", "level": "red", "from": "2019-07-15", "to": "2019-07-16", "name": None, "measures": None}
    assert check_alert_form(form, SimpleNamespace(conf={}))[:3] == ["recalc", "--region", "nys"]
    with pytest.raises(AirflowFailException, match="field 'levle' is unknown"):
        check_alert_form(form, SimpleNamespace(conf={"levle": "red"}))


def test_who_may_approve_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from bigdata_emis.airflow.tasks import approvers

    monkeypatch.setenv("EMIS_APPROVERS", "wang, li")
    assert [user["id"] for user in approvers()] == ["wang", "li"]


@pytest.mark.parametrize("answer", ["Approve", "Reject"])
def test_who_answered_is_told_to_the_tasks_that_follow(answer: str) -> None:
    from bigdata_emis.airflow.approval import RecordedApproval

    told: dict[str, Any] = {}
    event = {
        "chosen_options": [answer],
        "params_input": {},
        "responded_at": datetime(2026, 1, 1, tzinfo=UTC),
        "responded_by_user": {"id": "7", "name": "wang"},
    }
    RecordedApproval(task_id="approve", subject="?").execute_complete(
        {"ti": SimpleNamespace(xcom_push=lambda key, value: told.update({key: value}))}, event
    )
    assert told == {"decided_by": "wang"}
