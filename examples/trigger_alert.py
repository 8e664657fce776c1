"""Trigger an emergency recalculation in a running Airflow and decide on it, as an outside system would.

EMIS_AIRFLOW_PASSWORD=… python examples/trigger_alert.py http://127.0.0.1:8080 operator \
        jjj orange 2015-12-20T00:00:00+08:00 2015-12-23T00:00:00+08:00 [--approve | --reject] [--limit SECONDS]

Prints published or rejected, with the scenario and who decided. Exit status 0 when that is what was asked for, 1 else.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass, field

import requests
from airflow_client.client import ApiClient, Configuration
from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.api.x_com_api import XComApi
from airflow_client.client.exceptions import ApiException
from airflow_client.client.models.trigger_dag_run_post_body import TriggerDAGRunPostBody
from airflow_client.client.models.update_hitl_detail_payload import UpdateHITLDetailPayload

POLL_S = 0.5
LIMIT_S = 900.0
PATIENCE_S = 10.0
"""Wait before the first answer, and twice as long before each further one: see AlertRun.answer."""
DAG, RECALCULATE, QUESTION, PUBLISH, NOT_MAPPED = "alert", "recalculate", "approve", "publish", -1
ENDED = ("success", "failed")
WAITING = "awaiting_input"
CONFLICT = 409


@dataclass
class AlertRun:
    """One run of the DAG, seen from outside, until a time limit."""

    client: ApiClient
    address: str
    run_id: str
    limit_s: float
    began: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """One line with the seconds since the start."""
        sys.stdout.write(f"{time.monotonic() - self.began:7.1f} s  {what}\n")

    def stop(self, what: str) -> None:
        """End with what went wrong and where to look."""
        sys.exit(f"{what}; see {self.address}/dags/{DAG}/runs/{self.run_id}")

    def wait(self, for_what: str) -> None:
        """Wait a moment; end when the time is over."""
        if time.monotonic() - self.began > self.limit_s:
            self.stop(f"after {self.limit_s:g} s still waiting for {for_what}")
        time.sleep(POLL_S)

    def state(self) -> str:
        """The state of the run."""
        return DagRunApi(self.client).get_dag_run(DAG, self.run_id).state.value

    def task_state(self, task_id: str) -> str:
        """The state of a task of the run; empty before it has one."""
        state = TaskInstanceApi(self.client).get_task_instance(DAG, self.run_id, task_id).state
        return state.value if state else ""

    def open_question(self) -> bool:
        """Whether a question waits for an answer."""
        details = TaskInstanceApi(self.client).get_hitl_details(DAG, self.run_id, response_received=False)
        return bool(details.hitl_details) and self.task_state(QUESTION) == WAITING

    def wait_for_question(self) -> None:
        """Until the recalculation is done and asks for a decision."""
        while not self.open_question():
            if self.state() in ENDED:
                self.stop("the run ended without a question")
            self.wait("the recalculation")

    def answer(self, option: str) -> None:
        """Give the answer until the task has taken it.

        The scheduler of Airflow loses an answer that comes before it has noted that the task waits: it ends the try and
        asks again in another one. So the answer is given after a pause, counts once the task has ended well, and is
        given again to every new question.
        """
        tasks, patience_s = TaskInstanceApi(self.client), PATIENCE_S
        while self.task_state(QUESTION) not in (*ENDED, "skipped"):
            if self.open_question():
                time.sleep(patience_s)
                patience_s *= 2
                attempt = tasks.get_task_instance(DAG, self.run_id, QUESTION).try_number
                payload = UpdateHITLDetailPayload(chosen_options=[option])
                try:
                    tasks.update_hitl_detail(DAG, self.run_id, QUESTION, NOT_MAPPED, payload)
                    self.say(f"answered {option} in try {attempt}")
                except ApiException as problem:
                    if problem.status != CONFLICT:
                        self.stop(f"the answer was refused with status {problem.status}")
            self.wait("the answer to be taken")

    def outcome(self) -> str:
        """Published or rejected, once that is known; ends the program when it is neither.

        The run itself ends with the review, when the alert is over.
        """
        while self.state() not in ENDED and self.task_state(PUBLISH) not in (*ENDED, "skipped", "upstream_failed"):
            self.wait("the publication")
        published, asked = self.task_state(PUBLISH), self.task_state(QUESTION)
        if published == "success":
            return "published"
        if published == "skipped" and asked == "success":
            return "rejected"
        self.stop(f"neither published nor rejected: {QUESTION} is {asked}, {PUBLISH} is {published}")
        raise AssertionError

    def scenario(self) -> str:
        """The name of the scenario that the run computed."""
        entry = XComApi(self.client).get_xcom_entry(DAG, RECALCULATE, self.run_id, "return_value", stringify=False)
        return str(entry.actual_instance.value["scenario"])

    def person(self) -> str:
        """Who answered the question, from Airflow's own record."""
        detail = TaskInstanceApi(self.client).get_hitl_detail(DAG, self.run_id, QUESTION, NOT_MAPPED)
        return detail.responded_by_user.name if detail.responded_by_user else "nobody in time"


def log_in(address: str, user: str, password: str) -> ApiClient:
    """A client that carries the token of a user."""
    answer = requests.post(f"{address}/auth/token", json={"username": user, "password": password}, timeout=60)
    if not answer.ok:
        sys.exit(f"{address} refused the login of {user} with status {answer.status_code}")
    return ApiClient(Configuration(host=address, access_token=answer.json()["access_token"]))


def trigger(client: ApiClient, options: argparse.Namespace) -> AlertRun:
    """Start a run with a filled form."""
    form = {name: getattr(options, name) for name in ("region", "level", "from", "to")} | {
        "name": None,
        "measures": None,
    }
    body = TriggerDAGRunPostBody(logical_date=None, conf=form, note="triggered by REST")
    run = DagRunApi(client).trigger_dag_run(DAG, body)
    return AlertRun(client, options.address, run.dag_run_id, options.limit)


def main() -> None:
    """Trigger a run, wait for the question, answer it when asked to, and say what became of the scenario."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("address", "user", "region", "level", "from", "to"):
        parser.add_argument(name)
    decision = parser.add_mutually_exclusive_group()
    decision.add_argument("--approve", dest="option", action="store_const", const="Approve")
    decision.add_argument("--reject", dest="option", action="store_const", const="Reject")
    parser.add_argument("--limit", type=float, default=LIMIT_S, metavar="SECONDS", help="give up after this long")
    options = parser.parse_args()
    run = trigger(log_in(options.address, options.user, os.environ["EMIS_AIRFLOW_PASSWORD"]), options)
    run.say(f"run {run.run_id}")
    run.wait_for_question()
    run.say(f"scenario {run.scenario()} waits for a decision")
    if options.option is None:
        return
    run.answer(options.option)
    outcome = run.outcome()
    run.say(f"{outcome}: scenario {run.scenario()}, decided by {run.person()}")
    expected = "published" if options.option == "Approve" else "rejected"
    sys.exit(0 if outcome == expected else 1)


if __name__ == "__main__":
    main()
