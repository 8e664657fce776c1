"""Ask a running Airflow for an emergency recalculation, and approve it: what an outside system would do.

EMIS_AIRFLOW_PASSWORD=… python examples/trigger_alert.py http://127.0.0.1:8080 operator \
        jjj orange 2015-12-20T00:00:00+08:00 2015-12-23T00:00:00+08:00 [--approve]
"""

import os
import sys
import time

import requests
from airflow_client.client import ApiClient, Configuration
from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.models.trigger_dag_run_post_body import TriggerDAGRunPostBody
from airflow_client.client.models.update_hitl_detail_payload import UpdateHITLDetailPayload

POLL_S = 0.5
DAG = "alert"
ENDED = ("success", "failed")


def logged_in(address: str, user: str, password: str) -> ApiClient:
    """A client that carries the token of a user."""
    answer = requests.post(f"{address}/auth/token", json={"username": user, "password": password}, timeout=60)
    answer.raise_for_status()
    return ApiClient(Configuration(host=address, access_token=answer.json()["access_token"]))


def main(address: str, user: str, region: str, level: str, from_: str, to: str, *options: str) -> None:
    """Trigger, wait for the question, answer it when told to, wait for the end."""
    client = logged_in(address, user, os.environ["EMIS_AIRFLOW_PASSWORD"])
    runs, tasks = DagRunApi(client), TaskInstanceApi(client)
    form = {"region": region, "level": level, "from": from_, "to": to, "name": None, "measures": None}
    began = time.monotonic()
    run = runs.trigger_dag_run(DAG, TriggerDAGRunPostBody(logical_date=None, conf=form, note="asked for by REST"))
    said(began, f"run {run.dag_run_id}")
    while not tasks.get_hitl_details(DAG, run.dag_run_id, response_received=False).hitl_details:
        if runs.get_dag_run(DAG, run.dag_run_id).state in ENDED:
            sys.exit(f"the run ended without a question; see {address}/dags/{DAG}/runs/{run.dag_run_id}")
        time.sleep(POLL_S)
    said(began, "recalculated, waits for approval")
    if "--approve" not in options:
        return
    tasks.update_hitl_detail(DAG, run.dag_run_id, "approve", -1, UpdateHITLDetailPayload(chosen_options=["Approve"]))
    said(began, f"approved by {user}")
    while (state := runs.get_dag_run(DAG, run.dag_run_id).state) not in ENDED:
        time.sleep(POLL_S)
    said(began, f"{state}")


def said(began: float, what: str) -> None:
    """One line with the seconds since the start."""
    sys.stdout.write(f"{time.monotonic() - began:7.1f} s  {what}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
