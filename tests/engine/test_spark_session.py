"""How an engine that cannot be reached is refused."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from pyspark.errors.utils import is_debugging_enabled

from bigdata_emis.engine import spark_session
from bigdata_emis.errors import EngineError


@pytest.fixture
def silent_port():
    """A loopback port on which nobody listens, bound so that no other process takes it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_an_unknown_engine_is_refused_with_the_names_that_exist(monkeypatch):
    monkeypatch.setenv("EMIS_ENGINE", "flink")
    with pytest.raises(EngineError, match="'flink'.*sail, spark or sc://host:port") as refusal:
        spark_session.session()
    assert refusal.value.exit_status == 2


@pytest.mark.parametrize(
    "address",
    ["sc://", "sc://127.0.0.1:port", "sc://127.0.0.1:15002/path"],
    ids=["no host", "port is no number", "a path"],
)
def test_an_invalid_address_is_refused(address):
    with pytest.raises(EngineError, match="sc://host:port"):
        spark_session.session(address)


def test_an_address_where_nobody_listens_is_refused_at_once(silent_port):
    with pytest.raises(EngineError, match=f"nothing answers at sc://127.0.0.1:{silent_port}: Connection refused"):
        spark_session.session(f"sc://127.0.0.1:{silent_port}")


def test_a_listener_that_does_not_answer_is_refused_within_seconds(monkeypatch):
    monkeypatch.setattr(spark_session, "ANSWER_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"sc://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"nothing answers at {address} within 1 s"):
            spark_session.session(address)


def test_a_token_in_the_address_is_not_repeated_in_the_message(silent_port, monkeypatch):
    monkeypatch.setattr(spark_session, "ANSWER_SECONDS", 1)
    with pytest.raises(EngineError) as refusal:
        spark_session.session(f"sc://localhost:{silent_port}/;token=hush")
    assert "hush" not in str(refusal.value)


@contextmanager
def forwarding(port: int) -> Iterator[tuple[int, list[int]]]:
    """A port from which connections are passed on to another one, and the sizes of what came back."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        received: list[int] = []

        def copy(source: socket.socket, target: socket.socket, sizes: list[int]) -> None:
            with suppress(OSError):
                while data := source.recv(1 << 16):
                    sizes.append(len(data))
                    target.sendall(data)
                # Else the engine, when it stops, waits a minute for the end of this connection.
                target.shutdown(socket.SHUT_WR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    near, far = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
                    for source, target, sizes in ((near, far, []), (far, near, received)):
                        threading.Thread(target=copy, args=(source, target, sizes), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], received


@pytest.mark.parametrize(
    ("options", "is_small"), [(spark_session.CHANNEL_OPTIONS, True), (spark_session.LOCAL_CHANNEL_OPTIONS, False)]
)
def test_the_embedded_engine_compresses_no_answer_to_a_client_of_the_same_machine(options, is_small):
    """A million equal characters; compressed they are a thousandth."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    with forwarding(server.listening_address[1]) as (port, received):
        session = spark_session._connect(f"sc://127.0.0.1:{port}", spark_session.FIRST_ANSWER_SECONDS, options)
        assert len(session.sql("select repeat('0', 1000000) as text").toArrow()["text"][0].as_py()) == 1_000_000
        session.stop()
    server.stop()
    assert (sum(received) < 100_000) == is_small


def test_calls_on_columns_do_not_look_up_their_callers(spark):
    """PySpark asks the first session of the process, and once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pyspark.errors.utils._enable_debugging_cache", None)
        patch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: spark)
        assert not is_debugging_enabled()
