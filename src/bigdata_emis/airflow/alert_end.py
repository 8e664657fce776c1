"""The alert of an approved scenario, from its issue to its review: wait for its end, then outcome and review.

Belongs here: when an alert is over, and these tasks. Does not: the outcome and the review themselves (workflow).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import BaseSensorOperator

from bigdata_emis.airflow.approval import OF_FORM, PAUSE_S, ask_command
from bigdata_emis.airflow.dag_tasks import EmisOperator
from bigdata_emis.airflow.scenario_tasks import scenario_task
from bigdata_emis.region import load_region
from bigdata_emis.window import Window

INVENTORY = "emission_hourly"
LOOK_EVERY_S = 1800.0
LONGEST_WAIT = timedelta(days=60)
LONGEST_DELAY = timedelta(days=7)
"""After the end of an alert it is reviewed with what is published by then."""


class AlertEndSensor(BaseSensorOperator):
    """Waits, without holding a worker, until an alert is lifted or past its planned end, and its days are published."""

    template_fields = ("region", "alert")

    def __init__(self, *, region: str, alert: str, **kwargs: Any) -> None:
        waiting = {"mode": "reschedule", "poke_interval": LOOK_EVERY_S, "timeout": LONGEST_WAIT.total_seconds()}
        super().__init__(**{**waiting, **kwargs})
        self.region = region
        self.alert = alert

    def poke(self, context: Any) -> bool:
        """Whether the alert is over and can be reviewed."""
        asked = ["--region", self.region, "--json"]
        alerts = ask_command(["alert", "list", *asked], pause_s=PAUSE_S)["alerts"]
        found = next((one for one in alerts if one["alert"] == self.alert), None)
        if found is None:
            return True
        published = ask_command(["published", *asked], pause_s=PAUSE_S)["versions"]
        days = {one["day"] for one in published if one["table"] == INVENTORY}
        return can_be_reviewed(found, days, load_region(self.region).time_zone, now=datetime.now(UTC))


def can_be_reviewed(alert: Mapping[str, Any], published_days: set[str], time_zone: str, *, now: datetime) -> bool:
    """Whether an alert, as `emis alert list` prints it, has ended and all its days are published, or long ago ended."""
    start, end = (datetime.fromisoformat(alert[name]) for name in ("from_utc", "to_utc"))
    if now < end:
        return False
    if now >= end + LONGEST_DELAY or end <= start:
        return True
    hours = Window(*(instant.replace(minute=0, second=0, microsecond=0) for instant in (start, end)))
    return {day.isoformat() for day in hours.days(time_zone)} <= published_days


def issue_and_review(of_scenario: Sequence[str], region: str) -> EmisOperator:
    """The task that issues the alert; after it: wait for its end, judge its outcome, review it.

    All are skipped when the scenario is no longer in force; the review comes also after an outcome that failed.
    """
    issue = scenario_task("issue", ["alert", "issue"], of_scenario, OF_FORM)
    alert = f"{{{{ (ti.xcom_pull('{issue.task_id}') or {{}}).get('alert', '') }}}}"
    over = AlertEndSensor(task_id="over", task_display_name="预警结束 over", region=region, alert=alert)
    outcome = EmisOperator(task_id="outcome", arguments=["outcome", *of_scenario, "--json"])
    review = EmisOperator(
        task_id="review",
        arguments=["review", "--region", region, "--alert", alert, "--json"],
        trigger_rule="all_done_min_one_success",
    )
    over.set_upstream(issue)
    outcome.set_upstream(over)
    review.set_upstream([over, outcome])
    return issue
