"""The session of the engine: which Spark Connect server answers, and with which fixed options.

Belongs here: choosing, starting, configuring and stopping. Does not: queries, or how one engine differs from another.
"""

import atexit
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from threadpoolctl import threadpool_limits

from bigdata_emis.engine.port_guard import PortGuard, UnguardedError, guard_port
from bigdata_emis.engine.shared_host import require_own_host
from bigdata_emis.errors import EngineError
from bigdata_emis.settings import settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NO_SERVER = "start that Spark Connect server, or set EMIS_ENGINE to sail"
DEFAULT_PORT = 15002
KNOWN_ENGINES = "set it to sail, spark or sc://host:port"
ANSWER_SECONDS = 5
# A server that was just started opens its port before it can answer; on a busy machine its first answer is slow.
FIRST_ANSWER_SECONDS = 60
SESSION_SECONDS = 30 * 86_400
"""Idle time after which an embedded session ends, even while it computes an answer.

Sail's default of a quarter of an hour would end a long training.
"""
NEVER_MS = 2**31 - 1
# A connection that ended while idle (half an hour by default) could not be opened again through the guard of the port.
CHANNEL_OPTIONS = [("grpc.client_idle_timeout_ms", NEVER_MS)]
IDENTITY_ALONE = 1
# Within one machine gzip, which gRPC offers by default and Sail uses, took four fifths of the time to fetch a result.
LOCAL_CHANNEL_OPTIONS = [*CHANNEL_OPTIONS, ("grpc.compression_enabled_algorithms_bitset", IDENTITY_ALONE)]
FIXED_OPTIONS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Spark's default, INT96, has no time zone and is not a standard type.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
COLUMN_DEBUGGING = "spark.python.sql.dataFrameDebugging.enabled"
"""Unless it is false, every call on a column looks up its caller, and IPython in every folder of the path: ten times
its own cost. Apache Spark allows it only when the server starts (local_spark); a cluster has what its owner set."""


@dataclass(frozen=True)
class OpenSession:
    """A session, the process that opened it, and a function that releases the server behind it."""

    session: "SparkSession"
    process_id: int
    release: Callable[[], None]


@dataclass(frozen=True)
class Server:
    """Where a server answers, how to release it, and the context in which this process may connect to it."""

    address: str
    release: Callable[[], None]
    admitting: Callable[[], AbstractContextManager[None]] = nullcontext


_open_sessions: dict[str, OpenSession] = {}
_lock = threading.Lock()


def session(name: str | None = None) -> "SparkSession":
    """The session of an engine: sail, spark or sc://host:port; by default the one that EMIS_ENGINE names.

    Raises:
        EngineError: the name is unknown, nothing answers at the address, or there is no Java for Apache Spark.
    """
    chosen = name or settings().engine
    with _lock:
        entry = _open_sessions.get(chosen)
        # A forked child process inherits the entry but not the threads of the server, so it opens its own.
        if entry is None or entry.process_id != os.getpid():
            entry = _open_sessions[chosen] = _open(chosen)
    return entry.session


def require_known_engine() -> None:
    """Raises EngineError when EMIS_ENGINE is no engine; starts nothing and connects to nothing."""
    chosen = settings().engine
    if chosen not in ("sail", "spark") and not chosen.startswith("sc://"):
        raise EngineError(f"EMIS_ENGINE is '{_without_token(chosen)}', which is not an engine", KNOWN_ENGINES)


def stop() -> None:
    """Close every session of this process, and stop the servers that were started for them."""
    with _lock:
        for entry in _open_sessions.values():
            if entry.process_id == os.getpid():
                entry.session.stop()
                entry.release()
        _open_sessions.clear()


atexit.register(stop)


def _open(chosen: str) -> OpenSession:
    # With several threads in each worker, the threads would compete for the cores, and sums would depend on their
    # number. Libraries that are loaded already do not read the environment again: NumPy's threads, spinning next to the
    # embedded engine, took a third of all CPU time.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    threadpool_limits(limits=1)
    os.environ.setdefault(
        "GRPC_VERBOSITY", "NONE"
    )  # it reports each failed handshake on stderr; the error raised here says it once
    server = _server(chosen)
    try:
        is_own = server.release is not _leave_running
        timeout_s = FIRST_ANSWER_SECONDS if is_own else ANSWER_SECONDS
        options = LOCAL_CHANNEL_OPTIONS if is_own else CHANNEL_OPTIONS
        with server.admitting():
            opened = _connect(server.address, timeout_s, options)
        if chosen == "sail":
            opened.conf.set(COLUMN_DEBUGGING, "false")
        _take_back_interrupts()
        return OpenSession(opened, os.getpid(), server.release)
    except BaseException:
        server.release()
        raise


def _server(chosen: str) -> Server:
    if chosen == "sail":
        return _start_sail()
    if chosen == "spark":
        from bigdata_emis.engine.local_spark import start_spark

        return Server(*start_spark(settings().home / "engine"))
    if chosen.startswith("sc://"):
        _require_open_port(chosen)
        return Server(chosen, _leave_running)
    raise EngineError(f"EMIS_ENGINE is '{_without_token(chosen)}', which is not an engine", KNOWN_ENGINES)


def _require_open_port(address: str) -> None:
    """Refuse at once an address at which nothing listens; what is no address is refused by PySpark."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        return
    if not host or not (parts.path in ("", "/") or parts.path.startswith("/;")):
        return
    try:
        socket.create_connection((host, port), ANSWER_SECONDS).close()
    except OSError as problem:
        what = f"nothing answers at {_without_token(address)}: {problem.strerror or problem}"
        raise EngineError(what, NO_SERVER) from None


def _leave_running() -> None:
    """Release a server that this process did not start: it keeps running."""


def _start_sail() -> Server:
    """Start the embedded engine; only this process can use its port.

    Raises EngineError where the port cannot be closed and other people use the machine.
    """
    os.environ.setdefault("RUST_LOG", "off")  # it reports every session it opens on stderr
    os.environ.setdefault("SAIL_SPARK__SESSION_TIMEOUT_SECS", str(SESSION_SECONDS))
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    address = f"sc://{host}:{port}"
    try:
        guard = _close_port(port)
    except EngineError:
        server.stop()
        raise
    if guard is None:
        return Server(address, server.stop)
    return Server(address, partial(_stop_guarded, server.stop, guard), guard.admitting)


def _close_port(port: int) -> PortGuard | None:
    """The guard of the port; none on a system without it, where this must be the only person's machine."""
    try:
        return guard_port(port)
    except UnguardedError:
        require_own_host()
        return None


def _stop_guarded(stop_server: Callable[[], None], guard: PortGuard) -> None:
    with guard.hanging_up():
        stop_server()


def _take_back_interrupts() -> None:
    """Handle Ctrl-C in this process again: the embedded engine took the signal over, and would end under a query."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT) or signal.SIG_DFL)


def _connect(address: str, timeout_seconds: int, options: list[tuple[str, int]]) -> "SparkSession":
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.session import SparkSession as RemoteSession

    _wait_for_answer(address, timeout_seconds)
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"  # what the builder of pyspark.sql sets; this one takes options
    # Not getOrCreate, which would return the session of whichever engine was opened first.
    builder = RemoteSession.builder.channelBuilder(DefaultChannelBuilder(address, channelOptions=options))
    opened = cast("SparkSession", builder.create())
    for option, value in FIXED_OPTIONS.items():
        opened.conf.set(option, value)
    return opened


def _wait_for_answer(address: str, timeout_seconds: int) -> None:
    """Wait for the server before PySpark connects, which would retry for ten minutes."""
    import grpc
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client import DefaultChannelBuilder

    try:
        channel = DefaultChannelBuilder(address, channelOptions=CHANNEL_OPTIONS).toChannel()
    except (PySparkException, ValueError) as failure:
        raise EngineError(
            f"EMIS_ENGINE '{_without_token(address)}' is not a Spark Connect address", "write it as sc://host:port"
        ) from failure
    try:
        grpc.channel_ready_future(channel).result(timeout=timeout_seconds)
    except grpc.FutureTimeoutError as failure:
        raise EngineError(
            f"nothing answers at {_without_token(address)} within {timeout_seconds} s", NO_SERVER
        ) from failure
    finally:
        channel.close()


def _without_token(address: str) -> str:
    """The address without its parameters: they may contain a secret token, and messages end up in logs."""
    return address.partition("/;")[0]
