"""The one seam to the engine: which Spark Connect server answers, and how its session is pinned.

Belongs here: choosing, starting, pinning and stopping. Does not: queries, nor a word on how one engine differs from another.
"""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from bigdata_emis.errors import EngineError
from bigdata_emis.settings import settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ANSWER_SECONDS = 5
# A server of ours has its port open before its JVM is warm; on a busy machine the first answer is slow.
FIRST_ANSWER_SECONDS = 60
SESSION_SECONDS = 30 * 86_400
"""Without a request for so long an embedded session ends, also while it answers one: Sail's own quarter of an hour cuts a long training short."""
PINNED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Spark's default, INT96, has neither zone nor standard.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


@dataclass(frozen=True)
class Running:
    """A session, the process that opened it, and how to let go of the server behind it."""

    session: "SparkSession"
    process_id: int
    release: Callable[[], None]


_running: dict[str, Running] = {}
_lock = threading.Lock()


def session(name: str | None = None) -> "SparkSession":
    """The pinned session of an engine: sail, spark or sc://host:port; without a name, the one that EMIS_ENGINE chooses.

    Raises:
        EngineError: the name is unknown, nothing answers at the address, or there is no Java for Apache Spark.
    """
    chosen = name or settings().engine
    with _lock:
        known = _running.get(chosen)
        # A forked child inherits the entry but not the server's threads, so it opens its own.
        if known is None or known.process_id != os.getpid():
            known = _running[chosen] = _open(chosen)
    return known.session


def stop() -> None:
    """Close every session of this process and the servers that were started for them."""
    with _lock:
        for entry in _running.values():
            if entry.process_id == os.getpid():
                entry.session.stop()
                entry.release()
        _running.clear()


atexit.register(stop)


def _open(chosen: str) -> Running:
    # More threads than one in each worker would fight over the same cores, and sums would depend on their number. Libraries
    # that are loaded already ask the environment no more: NumPy's spun beside the embedded engine for a third of all CPU time.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    threadpool_limits(limits=1)
    os.environ.setdefault(
        "GRPC_VERBOSITY", "NONE"
    )  # it reports each failed handshake on stderr; the error we raise says it once
    address, release = _server(chosen)
    try:
        patience = ANSWER_SECONDS if release is _leave_running else FIRST_ANSWER_SECONDS
        return Running(_connect(address, patience), os.getpid(), release)
    except BaseException:
        release()
        raise


def _server(chosen: str) -> tuple[str, Callable[[], None]]:
    if chosen == "sail":
        return _start_sail()
    if chosen == "spark":
        from bigdata_emis.engine.local_spark import start_spark

        return start_spark(settings().home / "engine")
    if chosen.startswith("sc://"):
        return chosen, _leave_running
    raise EngineError(f"EMIS_ENGINE is '{chosen}', which is no engine", "set it to sail, spark or sc://host:port")


def _leave_running() -> None:
    """Somebody else's server outlives us."""


def _start_sail() -> tuple[str, Callable[[], None]]:
    os.environ.setdefault("RUST_LOG", "off")  # it reports every session it opens on stderr
    os.environ.setdefault("SAIL_SPARK__SESSION_TIMEOUT_SECS", str(SESSION_SECONDS))
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    return f"sc://{host}:{port}", server.stop


def _connect(address: str, patience_seconds: int) -> "SparkSession":
    _wait_for_answer(address, patience_seconds)
    from pyspark.sql import SparkSession

    # Not getOrCreate: it would hand out the session of whichever engine came first.
    opened = SparkSession.builder.remote(address).create()
    for option, value in PINNED.items():
        opened.conf.set(option, value)
    return opened


def _wait_for_answer(address: str, patience_seconds: int) -> None:
    """Ask at the address before PySpark does, which would retry for ten minutes."""
    import grpc
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client import DefaultChannelBuilder

    try:
        channel = DefaultChannelBuilder(address).toChannel()
    except (PySparkException, ValueError) as failure:
        raise EngineError(
            f"EMIS_ENGINE '{_without_token(address)}' is no Spark Connect address", "write it as sc://host:port"
        ) from failure
    try:
        grpc.channel_ready_future(channel).result(timeout=patience_seconds)
    except grpc.FutureTimeoutError as failure:
        remedy = "start that Spark Connect server, or set EMIS_ENGINE to sail"
        raise EngineError(
            f"nothing answers at {_without_token(address)} within {patience_seconds} s", remedy
        ) from failure
    finally:
        channel.close()


def _without_token(address: str) -> str:
    """The address without its parameters: a token there is a secret, and messages end up in logs."""
    return address.partition("/;")[0]
