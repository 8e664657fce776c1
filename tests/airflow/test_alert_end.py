"""When an alert is over and can be reviewed, and the tasks that follow its issue."""

from datetime import UTC, datetime, timedelta

import pytest

from bigdata_emis.airflow.alert_end import LOOK_EVERY_S, AlertEndSensor, can_be_reviewed, issue_and_review

START, END = datetime(2024, 12, 17, 16, tzinfo=UTC), datetime(2024, 12, 19, 16, tzinfo=UTC)
ALERT = {"alert": "a", "from_utc": START.isoformat(), "to_utc": END.isoformat()}
BOTH_DAYS = {"2024-12-18", "2024-12-19"}


@pytest.mark.parametrize(
    ("days", "after_h", "is_ready"),
    [
        pytest.param(BOTH_DAYS, -1, False, id="still in force"),
        pytest.param(BOTH_DAYS, 0, True, id="over and published"),
        pytest.param({"2024-12-18"}, 12, False, id="the last day is not published yet"),
        pytest.param({"2024-12-18"}, 7 * 24, True, id="a week later with what there is"),
    ],
)
def test_an_alert_is_reviewed_when_it_is_over_and_its_days_are_published(days, after_h, is_ready) -> None:
    now = END + timedelta(hours=after_h)
    assert can_be_reviewed(ALERT, days, "Asia/Shanghai", now=now) is is_ready


def test_an_alert_that_was_withdrawn_before_it_began_has_no_days_to_wait_for() -> None:
    withdrawn = ALERT | {"to_utc": START.isoformat()}
    assert can_be_reviewed(withdrawn, set(), "Asia/Shanghai", now=END)


def test_an_alert_lifted_within_an_hour_is_reviewed() -> None:
    lifted = ALERT | {"to_utc": (START + timedelta(hours=5, minutes=20)).isoformat()}
    assert can_be_reviewed(lifted, {"2024-12-18"}, "Asia/Shanghai", now=START + timedelta(hours=6))


def test_an_alert_that_is_not_listed_is_not_waited_for(home) -> None:
    sensor = AlertEndSensor(task_id="over", region="nys", alert="none")
    assert sensor.poke({})
    assert (sensor.mode, sensor.poke_interval) == ("reschedule", LOOK_EVERY_S)


def test_the_outcome_comes_after_the_end_and_the_review_after_the_outcome() -> None:
    from airflow.sdk import DAG

    with DAG("d", schedule=None) as dag:
        issue_and_review(["--region", "nys", "--scenario", "s"], "nys")
    edges = {(task.task_id, after) for task in dag.tasks for after in task.downstream_task_ids}
    assert edges == {("issue", "over"), ("over", "outcome"), ("outcome", "review"), ("over", "review")}
    # After an outcome that failed, too; but not when all before it was skipped.
    assert dag.get_task("review").trigger_rule == "all_done_min_one_success"
