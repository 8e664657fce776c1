"""`make airflow`: PostgreSQL, Airflow and the demonstration's feeds on loopback, together until Ctrl-C.

Belongs here: starting, watching and stopping the processes. Does not: their settings (environment.py).
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import metadata
from types import FrameType
from typing import Annotated

import psycopg
import requests
import typer

from bigdata_emis.devstack import environment
from bigdata_emis.devstack.environment import ServiceFolders
from bigdata_emis.devstack.postgres import PostgresServer, start_postgres
from bigdata_emis.devstack.registry_move import move_registry, upgrade_registry
from bigdata_emis.devstack.status import check_services, read_running_note, service_lock, stop_services
from bigdata_emis.devstack.supervisor import AirflowService, Supervised, start_service
from bigdata_emis.engine.processes import find_free_port
from bigdata_emis.errors import EmisError, InputError

# Each component with its options. Logs are read from their files; the servers for them would listen on every address.
SERVICES = {
    "api-server": [],
    "scheduler": ["--skip-serve-logs"],
    "dag-processor": [],
    "triggerer": ["--skip-serve-logs"],  # no task needs it, but Airflow's page shows its absence as a fault
}
FEEDS = ("EMIS_FEEDS_ADDRESS", "EMIS_FEED_TOKEN")
USUAL_PORT = 8080
START_S = 300
WARM_UP_S = 120
POLL_S = 0.3
WATCH_S = 1.0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


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
        bool, typer.Option("--check", help="print the health of the services; exit status 1 when one is unhealthy")
    ] = False,
    port: Annotated[int, typer.Option(help="port of the web page; default 8080, or a free one")] = 0,
    without_logins: Annotated[
        bool, typer.Option("--without-logins", help="do not print the logins, because the output is a log")
    ] = False,
) -> None:
    """Start Airflow with the DAGs and stay until Ctrl-C."""
    folders = environment.make_service_folders()
    if stop:
        stop_services(folders)
    elif check:
        check_services(folders)
    elif detach:
        _start_detached(folders, port)
    else:
        try:
            _run(folders, port, with_logins=not without_logins)
        except KeyboardInterrupt:
            _log("stopped")


def _run(folders: ServiceFolders, port: int, *, with_logins: bool) -> None:
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
    with service_lock(folders), contextlib.ExitStack() as stack:
        keys = environment.load_secrets(folders.root)
        _log("starting PostgreSQL …")
        server = start_postgres(folders.root / "postgres", password=keys["postgres"])
        stack.callback(server.stop)
        feeds = _feed_address(keys)
        emis = environment.emis_environment(folders, server.ensure_database("emis"), feeds)
        for done in (upgrade_registry(emis["EMIS_DATABASE"]), move_registry(folders.home, emis["EMIS_DATABASE"])):
            if done:
                _log(done)
        metadata_address = server.ensure_database("airflow")
        chosen = port or find_free_port(USUAL_PORT)
        variables = environment.airflow_environment(folders, keys, metadata=metadata_address, port=chosen, emis=emis)
        _migrate(folders, variables, metadata_address)
        environment.write_shell_file(folders, emis)
        started = [_start(stack, folders, name, variables) for name in SERVICES]
        address = variables["AIRFLOW__API__BASE_URL"]
        _wait_until_up(address, [component.service for component in started])
        environment.write_private(folders.running, json.dumps({"pid": os.getpid(), "address": address}))
        stack.callback(folders.running.unlink, missing_ok=True)
        _greet(address, keys if with_logins else {}, folders)
        _watch(started, server, lambda: _replay_feeds(stack, folders, feeds))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Stop once: a second signal must not interrupt the stopping that the first one began."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def _feed_address(keys: dict[str, str]) -> dict[str, str]:
    """Where feeds are collected: the caller's environment, else a port for the demonstration's replay server."""
    given = {name: os.environ[name] for name in FEEDS if name in os.environ}
    return given or dict(zip(FEEDS, (f"http://127.0.0.1:{find_free_port()}", keys["feeds"]), strict=True))


def _replay_feeds(stack: contextlib.ExitStack, folders: ServiceFolders, feeds: dict[str, str]) -> bool:
    """Serve the simulated feeds once `emis demo` has generated them. True when there is nothing left to wait for."""
    if FEEDS[0] in os.environ:
        return True
    if not folders.is_demonstration_generated:
        return False
    from bigdata_emis.demo.providers.replay import serve

    address, token = (feeds[name] for name in FEEDS)
    stack.callback(serve(folders.archive, token=token, port=int(address.rsplit(":", 1)[1]))[1])
    return True


def _migrate(folders: ServiceFolders, variables: dict[str, str], metadata_address: str) -> None:
    """Migrate Airflow's database. Airflow's own check costs seconds, so a note holds the version of the last time."""
    version, note = metadata.version("apache-airflow-core"), folders.root / "migrated"
    with psycopg.connect(metadata_address) as connection:
        table = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if table and table[0] and note.is_file() and note.read_text() == version:
        return
    _log("preparing Airflow's database …")
    log = folders.logs / "migrate.log"
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    with log.open("wb") as out:
        status = subprocess.run(command, env=variables, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    if status:
        raise InputError(f"airflow db migrate ended with status {status}", f"see {log}")
    note.write_text(version)


def _start(stack: contextlib.ExitStack, folders: ServiceFolders, name: str, variables: dict[str, str]) -> Supervised:
    start = partial(start_service, name, SERVICES[name], folder=folders.root, logs=folders.logs, variables=variables)
    component = Supervised(start, time.monotonic, _log)
    stack.callback(component.stop)
    return component


def _wait_until_up(address: str, running: list[AirflowService]) -> None:
    """Wait until Airflow answers; the second address makes it build what the first task would otherwise wait for."""
    _log("starting Airflow …")
    deadline = time.monotonic() + START_S
    while not _is_answering(f"{address}/api/v2/monitor/health", timeout_s=5):
        _require_alive(running)
        if time.monotonic() > deadline:
            raise InputError(f"Airflow did not answer at {address} within {START_S} s", f"see {running[0].log}")
        time.sleep(POLL_S)
    _is_answering(f"{address}/execution/health", timeout_s=WARM_UP_S)


def _is_answering(address: str, *, timeout_s: float) -> bool:
    try:
        return requests.get(address, timeout=timeout_s).ok
    except requests.RequestException:
        return False


def _require_alive(running: list[AirflowService]) -> None:
    for service in running:
        if service.process.poll() is not None:
            raise InputError(f"{service.name} ended with status {service.process.returncode}", f"see {service.log}")


def _watch(components: list[Supervised], server: PostgresServer, replay_feeds: Callable[[], bool]) -> None:
    """Start again what has died, until Ctrl-C. Raises InputError when PostgreSQL has ended: nothing runs without it."""
    is_replayed = False
    while True:
        for component in components:
            component.look_after()
        if server.process.poll() is not None:
            raise InputError(f"PostgreSQL ended with status {server.process.returncode}", "start the services again")
        is_replayed = is_replayed or replay_feeds()
        time.sleep(WATCH_S)


def _greet(address: str, keys: dict[str, str], folders: ServiceFolders) -> None:
    """Print where Airflow runs, and the logins when they are given: never into a log."""
    logins = [f"  login      {user} / {keys[user]}" for user in environment.USERS if user in keys]
    logins = logins or [f"  logins     in {folders.root / 'secrets.json'}, which its owner can read"]
    by_hand = f"  by hand    . {folders.shell_file}   (emis on the same lake and registry)"
    typer.echo("\n".join(["Airflow runs.", f"  address    {address}", *logins, by_hand]))


def _start_detached(folders: ServiceFolders, port: int) -> None:
    """Start the services in a session of their own, and print here what must not be in their log: the logins."""
    log = folders.logs / "services.log"
    environment.write_private(log, "")
    command = [sys.executable, "-m", "bigdata_emis.devstack.services", "--port", str(port), "--without-logins"]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    while process.poll() is None and read_running_note(folders).get("pid") != process.pid:
        time.sleep(POLL_S)
    if process.poll() is not None:
        typer.echo(log.read_text("utf-8").rstrip())
        sys.exit(process.returncode)
    _greet(read_running_note(folders)["address"], environment.load_secrets(folders.root), folders)


def _log(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    main()
