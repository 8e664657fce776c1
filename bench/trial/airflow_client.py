"""What the trial asks of Airflow over its REST API, as a user would.

Belongs here: runs triggered, their tasks, questions answered. Does not: what is expected of them (airflow_day).
"""

import json
import shlex
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ANSWER_S = 120
LOOK_EVERY_S = 2.0
ENDED = ("success", "failed")


@dataclass
class AirflowClient:
    """Airflow at an address, as one user."""

    address: str
    user: str
    password: str
    token: str = field(default="", repr=False)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request; an old token is replaced, and a server that restarts is waited for."""
        for attempt in range(1, 31):
            try:
                found = self._request(method, path, body)
            except requests.RequestException:
                if attempt == 30:
                    raise
                time.sleep(LOOK_EVERY_S)
                continue
            if found.status_code == 401 and attempt < 30:
                self.token = ""
                continue
            found.raise_for_status()
            return found.json()
        return None

    def _request(self, method: str, path: str, body: Any) -> requests.Response:
        if not self.token:
            login = {"username": self.user, "password": self.password}
            found = requests.post(f"{self.address}/auth/token", json=login, timeout=ANSWER_S)
            found.raise_for_status()
            self.token = found.json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, f"{self.address}/api/v2{path}", json=body, headers=headers, timeout=ANSWER_S)

    def trigger(self, dag: str, *, conf: Mapping[str, Any] | None = None, partition_key: str | None = None) -> str:
        """Trigger a DAG and return the id of its run."""
        body = {"logical_date": None, "conf": dict(conf or {})} | (
            {"partition_key": partition_key} if partition_key else {}
        )
        return str(self.call("POST", f"/dags/{dag}/dagRuns", body)["dag_run_id"])

    def state(self, dag: str, run: str) -> str:
        """The state of a run."""
        return str(self.call("GET", f"/dags/{dag}/dagRuns/{run}")["state"])

    def tasks(self, dag: str, run: str) -> dict[str, dict[str, Any]]:
        """The tasks of a run by their names, with state and number of the last try."""
        found = self.call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances?limit=200")["task_instances"]
        return {one["task_id"]: {"state": one["state"], "try": one["try_number"]} for one in found}

    def wait(self, dag: str, run: str, *, meanwhile: Callable[[], None], longest_s: float) -> str:
        """Wait until a run has ended, or for so long; its last state."""
        deadline = time.monotonic() + longest_s
        while (state := self.state(dag, run)) not in ENDED and time.monotonic() < deadline:
            meanwhile()
            time.sleep(LOOK_EVERY_S)
        return state

    def questions(self, dag: str) -> list[tuple[str, str]]:
        """Run and task of each question that waits for an answer."""
        found = self.call("GET", f"/dags/{dag}/dagRuns/~/hitlDetails?response_received=false&limit=100")["hitl_details"]
        return [(one["task_instance"]["dag_run_id"], one["task_instance"]["task_id"]) for one in found]

    def answer(self, dag: str, run: str, task: str, option: str) -> int:
        """Answer a question; the status of the answer."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/-1/hitlDetails"
        return self._request("PATCH", path, {"chosen_options": [option], "params_input": {}}).status_code

    def result(self, dag: str, run: str, task: str) -> dict[str, Any]:
        """The document that a task returned; empty when it returned none."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
        found = self._request("GET", path, None)
        value = found.json()["value"] if found.ok else None
        return dict(json.loads(value) if isinstance(value, str) else value or {})


def connect(home: Path, user: str = "operator") -> AirflowClient:
    """The services that run on a folder, as one of their users."""
    keys = json.loads((home / "airflow" / "secrets.json").read_text("utf-8"))
    address = json.loads((home / "airflow" / "running.json").read_text("utf-8"))["address"]
    return AirflowClient(address, user, keys[user])


def shell_variables(home: Path) -> dict[str, str]:
    """The variables with which a command works on the registry of the services."""
    lines = (home / "airflow" / "emis.env").read_text("utf-8").splitlines()
    words = (shlex.split(line)[1].partition("=") for line in lines)
    return {name: value for name, _, value in words}


def answer_together(client: AirflowClient, dag: str, options: Mapping[str, tuple[str, str]]) -> list[int]:
    """Answer the questions of many runs in the same moment, each task with its option; the statuses of the answers."""
    gate, statuses = threading.Barrier(max(len(options), 1)), []

    def answer(run: str, task: str, option: str) -> None:
        gate.wait()
        statuses.append(client.answer(dag, run, task, option))

    threads = [threading.Thread(target=answer, args=(run, *one)) for run, one in options.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
