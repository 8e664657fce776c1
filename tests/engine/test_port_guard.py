"""Only the process that opened the embedded engine can use its port; what another process sends never arrives."""

import contextlib
import socket
import subprocess
import sys

import pytest

from bigdata_emis.engine import port_guard, spark_session
from bigdata_emis.engine.port_guard import UnguardedError, connections_of, guard_port
from bigdata_emis.errors import EngineError

# The connection preface of HTTP/2 and an empty SETTINGS frame: any server of gRPC answers it with its own SETTINGS.
SPEAKS_FIRST = """import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5) as stranger:
    stranger.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
    stranger.settimeout(float(sys.argv[2]))
    acknowledgement = bytes([0, 0, 0, 4, 1, 0, 0, 0, 0])
    received = b""
    try:
        while acknowledgement not in received and (content := stranger.recv(4096)):
            received += content
    except OSError:
        pass
    print("heard" if acknowledgement in received else "not heard")
"""
MUTE_S = 0.4


def ask_from_another_process(port: int, within_s: float) -> str:
    asked = subprocess.run(
        [sys.executable, "-c", SPEAKS_FIRST, str(port), str(within_s)], capture_output=True, text=True, timeout=60
    )
    return asked.stdout.strip() or asked.stderr


@contextlib.contextmanager
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server, server.getsockname()[1]


def port_of(session) -> int:
    return int(session.client._builder.endpoint.rsplit(":", 1)[1])


def test_what_another_process_sends_to_the_engine_is_not_heard(spark) -> None:
    assert ask_from_another_process(port_of(spark), MUTE_S) == "not heard"
    assert spark.range(3).count() == 3


def test_an_engine_without_the_guard_hears_it(monkeypatch) -> None:
    """That the test above sees the guard, and not a wrong question."""
    monkeypatch.setattr(spark_session, "_close_port", lambda _port: None)
    server = spark_session._start_sail()
    try:
        assert ask_from_another_process(int(server.address.rsplit(":", 1)[1]), 10) == "heard"
    finally:
        server.release()


def test_a_connection_of_this_process_passes_and_one_of_another_process_stays_mute() -> None:
    with listening() as (server, port):
        guard = guard_port(port)
        with socket.create_connection(("127.0.0.1", port)) as own, guard.admitting():
            accepted, _ = server.accept()
            with accepted:
                own.sendall(b"mine")
                accepted.settimeout(10)
                assert accepted.recv(16) == b"mine"
        stranger = subprocess.Popen(
            [sys.executable, "-c", SPEAKS_FIRST, str(port), str(MUTE_S)], stdout=subprocess.PIPE, text=True
        )
        accepted, _ = server.accept()
        with accepted:
            guard.admit_own()
            accepted.settimeout(MUTE_S)
            with pytest.raises(TimeoutError):
                accepted.recv(16)
            assert stranger.communicate()[0].strip() == "not heard"


def test_a_mute_connection_of_another_process_does_not_keep_the_engine_from_stopping() -> None:
    server = spark_session._start_sail()
    port = int(server.address.rsplit(":", 1)[1])
    stranger = subprocess.Popen(
        [sys.executable, "-c", SPEAKS_FIRST, str(port), "60"], stdout=subprocess.PIPE, text=True
    )
    while not connections_of(port):
        assert stranger.poll() is None
    server.release()
    assert stranger.communicate(timeout=30)[0].strip() in ("not heard", "")
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_stranger_with_the_same_port_at_another_address_of_loopback_is_not_taken_for_this_process() -> None:
    with contextlib.ExitStack() as opened:
        server, port = opened.enter_context(listening())
        guard = guard_port(port)
        own_port = opened.enter_context(socket.create_connection(("127.0.0.1", port))).getsockname()[1]
        script = f"""import socket
with socket.socket() as stranger:
    stranger.bind(("127.0.0.2", {own_port}))
    stranger.connect(("127.0.0.1", {port}))
    stranger.recv(1)"""
        stranger = subprocess.Popen([sys.executable, "-c", script])
        accepted = [server.accept()[0] for _ in range(2)]
        guard.admit_own()
        assert guard.admitted == {("127.0.0.1", own_port)}
        for connection in accepted:
            connection.close()
        stranger.wait(30)


def test_who_connected_before_the_port_was_closed_is_refused_with_its_address() -> None:
    with listening() as (_, port), socket.create_connection(("127.0.0.1", port)) as early:
        address = f"127.0.0.1:{early.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"another process connected to port {port} .*: {address};"):
            guard_port(port)


def test_a_port_without_connections_has_none() -> None:
    with listening() as (_, port):
        assert connections_of(port) == []


def test_a_port_on_which_this_process_does_not_listen_cannot_be_closed(tmp_path, monkeypatch) -> None:
    with listening() as (_, port):
        monkeypatch.setattr(port_guard, "DESCRIPTORS", tmp_path)
        with pytest.raises(UnguardedError, match=f"listens on port {port}"):
            guard_port(port)
        monkeypatch.setattr(port_guard, "DESCRIPTORS", tmp_path / "no such system")
        with pytest.raises(UnguardedError):
            guard_port(port)
