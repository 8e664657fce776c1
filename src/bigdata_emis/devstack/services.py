"""`make airflow`: PostgreSQL, Airflow's services and the demonstration's feeds on this machine's loopback, together until Ctrl-C.

Belongs here: starting, watching and stopping processes. Does not: their settings (environment.py).
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Annotated

import psycopg
import requests
import typer

from bigdata_emis.devstack import environment as told
from bigdata_emis.devstack import postgres
from bigdata_emis.devstack.environment import Places
from bigdata_emis.devstack.status import alone, check_running, noted, stop_running
from bigdata_emis.errors import EmisError, InputError

SERVICES = ("api-server", "scheduler", "dag-processor")
FEEDS = ("EMIS_FEEDS_ADDRESS", "EMIS_FEED_TOKEN")
USUAL_PORT = 8080
START_S = 300
WARM_UP_S = 120
STOP_S = 30
POLL_S = 0.3
WATCH_S = 1.0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@dataclass(frozen=True)
class Service:
    """One process of Airflow with its log and its pid file."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    pid: Path


def main() -> None:
    """Run the command; a refusal is one line on stderr."""
    try:
        app()
    except EmisError as refusal:
        typer.echo(f"airflow: {' '.join(str(refusal).split())}", err=True)
        sys.exit(refusal.exit_status)


@app.command()
def services(
    detach: Annotated[bool, typer.Option("--detach", help="leave the services running and return")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="stop the services that run")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="say how the services are; exit status 1 when one is not well")
    ] = False,
    port: Annotated[int, typer.Option(help="port of the web page; default 8080, or a free one")] = 0,
) -> None:
    """Start Airflow with the DAGs and stay until Ctrl-C."""
    place = told.places()
    if stop:
        stop_running(place)
    elif check:
        check_running(place)
    elif detach:
        _detach(place, port)
    else:
        try:
            _run(place, port)
        except KeyboardInterrupt:
            _say("stopped")


def _run(place: Places, port: int) -> None:
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
    with alone(place), contextlib.ExitStack() as stack:
        keys = told.kept_secrets(place.root)
        _say("starting PostgreSQL …")
        server = postgres.start(place.root / "postgres", password=keys["postgres"])
        stack.callback(server.stop)
        feeds = _feeds(keys)
        emis = told.emis_environment(place, server.make_database("emis"), feeds)
        stored = server.make_database("airflow")
        chosen = port or _free(USUAL_PORT)
        environment = told.airflow_environment(place, keys, metadata=stored, port=chosen, told=emis)
        _migrate(place, environment, stored)
        shell_file = told.write_shell_file(place, emis)
        started = [_start(stack, place, name, environment) for name in SERVICES]
        address = environment["AIRFLOW__API__BASE_URL"]
        _wait_until_up(address, started)
        told.write_private(place.running, json.dumps({"pid": os.getpid(), "address": address}))
        stack.callback(place.running.unlink, missing_ok=True)
        _greet(address, keys, shell_file)
        _watch(started, lambda: _replayed(stack, place, feeds))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """A second signal must not break off the stopping that the first one began."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def _feeds(keys: dict[str, str]) -> dict[str, str]:
    """Where feeds are collected: what the caller's environment says, else a port kept for the demonstration's replay server."""
    given = {name: os.environ[name] for name in FEEDS if name in os.environ}
    return given or dict(zip(FEEDS, (f"http://127.0.0.1:{postgres.free_port()}", keys["feeds"]), strict=True))


def _replayed(stack: contextlib.ExitStack, place: Places, feeds: dict[str, str]) -> bool:
    """Serve the simulated feeds as soon as `emis demo` has made them. True when there is nothing more to wait for."""
    if FEEDS[0] in os.environ:
        return True
    if not place.is_demonstration_made:
        return False
    from bigdata_emis.demo.providers.replay import serve

    address, token = (feeds[name] for name in FEEDS)
    stack.callback(serve(place.archive, token=token, port=int(address.rsplit(":", 1)[1]))[1])
    return True


def _free(wanted: int) -> int:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return postgres.free_port()
    return wanted


def _migrate(place: Places, environment: dict[str, str], stored: str) -> None:
    """Airflow's own check costs seconds, so a note is kept of the version that the database was brought to."""
    version, note = metadata.version("apache-airflow-core"), place.root / "migrated"
    with psycopg.connect(stored) as connection:
        found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if found and found[0] and note.is_file() and note.read_text() == version:
        return
    _say("preparing Airflow's database …")
    log = place.logs / "migrate.log"
    with log.open("wb") as out:
        told_to = [sys.executable, "-m", "airflow", "db", "migrate"]
        done = subprocess.run(told_to, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise InputError("airflow db migrate failed", f"see {log}")
    note.write_text(version)


def _start(stack: contextlib.ExitStack, place: Places, name: str, environment: dict[str, str]) -> Service:
    log, pid = place.logs / f"{name}.log", place.root / f"{name}.pid"
    quiet = ["--skip-serve-logs"] if name == "scheduler" else []
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", name, *quiet],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=place.root,
            start_new_session=True,
            preexec_fn=postgres.ending_with_parent(signal.SIGTERM),
        )
    pid.write_text(str(process.pid))
    service = Service(name, process, log, pid)
    stack.callback(_end, service)
    return service


def _end(service: Service) -> None:
    if service.process.poll() is None:
        service.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.process.wait(timeout=STOP_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(service.process.pid, signal.SIGKILL)
    service.process.wait()
    service.pid.unlink(missing_ok=True)


def _wait_until_up(address: str, running: list[Service]) -> None:
    """Up means that it answers; the second address makes it build what the first task would otherwise wait for."""
    _say("starting Airflow …")
    end = time.monotonic() + START_S
    while not _answers(f"{address}/api/v2/monitor/health", timeout_s=5):
        _refuse_dead(running)
        if time.monotonic() > end:
            raise InputError("Airflow does not answer", f"see {running[0].log}")
        time.sleep(POLL_S)
    _answers(f"{address}/execution/health", timeout_s=WARM_UP_S)


def _answers(address: str, *, timeout_s: float) -> bool:
    try:
        return requests.get(address, timeout=timeout_s).ok
    except requests.RequestException:
        return False


def _refuse_dead(running: list[Service]) -> None:
    for service in running:
        if service.process.poll() is not None:
            raise InputError(f"{service.name} ended with {service.process.returncode}", f"see {service.log}")


def _watch(running: list[Service], is_replayed: Callable[[], bool]) -> None:
    done = False
    while True:
        _refuse_dead(running)
        done = done or is_replayed()
        time.sleep(WATCH_S)


def _greet(address: str, keys: dict[str, str], shell_file: Path) -> None:
    logins = "\n".join(f"  login      {user} / {keys[user]}" for user in told.USERS)
    typer.echo(
        f"Airflow runs.\n  address    {address}\n{logins}\n  by hand    . {shell_file}   (emis on the same lake and registry)"
    )
    _say("Ctrl-C stops everything")


def _detach(place: Places, port: int) -> None:
    log = place.logs / "services.log"
    with log.open("wb") as out:
        told_to = [sys.executable, "-m", "bigdata_emis.devstack.services", "--port", str(port)]
        process = subprocess.Popen(
            told_to, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    while process.poll() is None and noted(place).get("pid") != process.pid:
        time.sleep(POLL_S)
    typer.echo(log.read_text("utf-8").rstrip())
    if process.poll() is not None:
        sys.exit(process.returncode)


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    main()
