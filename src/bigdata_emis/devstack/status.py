"""Whether the services of an EMIS_HOME run, whether they are healthy, and stopping them from another shell.

Belongs here: the lock and the note file of a running `make airflow`. Does not: starting anything (services.py).
"""

import contextlib
import json
import os
import signal
import sys
import time
from typing import Any

import requests
import typer

from bigdata_emis.devstack.environment import ServiceFolders
from bigdata_emis.errors import InputError
from bigdata_emis.storage import locks

ANSWER_S = 60
POLL_S = 0.3


def service_lock(folders: ServiceFolders) -> contextlib.AbstractContextManager[None]:
    """Hold the lock of these services. Raises HeldError when another process holds it."""
    return locks.exclusive_lock(
        folders.root / "lock",
        what=f"the services of {folders.home} are running already",
        remedy="stop them with python -m bigdata_emis.devstack.services --stop",
    )


def is_running(folders: ServiceFolders) -> bool:
    """Whether they run, by the lock and not by the note: a killed process leaves its note behind."""
    try:
        with service_lock(folders):
            return False
    except locks.HeldError:
        return True


def read_running_note(folders: ServiceFolders) -> dict[str, Any]:
    """The process id and address that the services write when they are up; empty when there is no note."""
    return dict(json.loads(folders.running.read_text("utf-8"))) if folders.running.is_file() else {}


def stop_services(folders: ServiceFolders) -> None:
    """Stop the services and wait until they have ended. Raises InputError when none run."""
    os.kill(_require_running(folders)["pid"], signal.SIGTERM)
    while is_running(folders):
        time.sleep(POLL_S)
    typer.echo("stopped", err=True)


def check_services(folders: ServiceFolders) -> None:
    """Print the health of each service; exit status 1 when one is not healthy. Raises InputError when none run."""
    address = _require_running(folders)["address"]
    health = requests.get(f"{address}/api/v2/monitor/health", timeout=ANSWER_S).json()
    statuses = {name: part["status"] for name, part in health.items() if part.get("status")}
    typer.echo("\n".join(f"{name:<14} {value}" for name, value in {"address": address, **statuses}.items()))
    if set(statuses.values()) != {"healthy"}:
        sys.exit(1)


def _require_running(folders: ServiceFolders) -> dict[str, Any]:
    note = read_running_note(folders) if is_running(folders) else {}
    if not note:
        raise InputError(f"no services of {folders.home} run", "start them with make airflow")
    return note
