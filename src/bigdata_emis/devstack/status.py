"""Whether the services of an EMIS_HOME run, how they are, and ending them from another shell.

Belongs here: the lock and the note that a running `make airflow` keeps. Does not: starting anything (services.py).
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

from bigdata_emis.devstack.environment import Places
from bigdata_emis.errors import InputError
from bigdata_emis.storage import locks

ANSWER_S = 60
POLL_S = 0.3


def alone(place: Places) -> contextlib.AbstractContextManager[None]:
    """Hold the lock of these services. Raises HeldError when another process holds it."""
    return locks.alone(
        place.root / "lock",
        what=f"the services of {place.home} run already",
        remedy="python -m bigdata_emis.devstack.services --stop",
    )


def is_running(place: Places) -> bool:
    """Whether they run, by the lock and not by the file: a killed process leaves its file, and an ending one has removed it."""
    try:
        with alone(place):
            return False
    except locks.HeldError:
        return True


def noted(place: Places) -> dict[str, Any]:
    """What the file says, which the services write when they are up."""
    return dict(json.loads(place.running.read_text("utf-8"))) if place.running.is_file() else {}


def stop_running(place: Places) -> None:
    """End them and wait until they have ended. Raises InputError when none run."""
    found = noted(place) if is_running(place) else {}
    if not found:
        raise InputError(f"no services of {place.home} run", "start them with make airflow")
    os.kill(found["pid"], signal.SIGTERM)
    while is_running(place):
        time.sleep(POLL_S)
    typer.echo("stopped", err=True)


def check_running(place: Places) -> None:
    """Print how each one is; exit status 1 when one is not well. Raises InputError when none run."""
    found = noted(place) if is_running(place) else {}
    if not found:
        raise InputError(f"no services of {place.home} run", "start them with make airflow")
    health = requests.get(f"{found['address']}/api/v2/monitor/health", timeout=ANSWER_S).json()
    known = {name: part["status"] for name, part in health.items() if part.get("status")}
    typer.echo(
        "\n".join([f"{'address':<14} {found['address']}", *(f"{name:<14} {status}" for name, status in known.items())])
    )
    if set(known.values()) != {"healthy"}:
        sys.exit(1)
