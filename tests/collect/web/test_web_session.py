"""One provider over HTTP: no answer outlives its deadline, and no redirect leaves the host."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from bigdata_emis.collect.web.web_session import Deadline, DeadlineError, WebSession, _ConnectionAttempt
from bigdata_emis.errors import FeedError

HEAD = b"HTTP/1.1 200 OK\r\n"
SHORT_S, LONG_S = 0.3, 20.0

Answer = Callable[[socket.socket, str], None]


@contextmanager
def provider(answer: Answer) -> Iterator[str]:
    """A provider that hands each connection and its request line to `answer`; gives its address."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(LONG_S)

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    request = connection.recv(65536).decode()
                    if request:
                        answer(connection, request.partition("\r\n")[0])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        stop.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(LONG_S)


def get(address: str, *, limit_s: float = LONG_S, timeout_s: float = LONG_S) -> bytes:
    with (
        WebSession({}) as session,
        session.get(address, {"page": "1"}, timeout_s=timeout_s, limit_s=limit_s, where="here") as answer,
    ):
        return answer.content


def drip(start: bytes, piece: bytes) -> Answer:
    """Sends the start, and then pieces for ever, each long before any time-out, until the other side has gone."""

    def answer(connection: socket.socket, _: str) -> None:
        connection.settimeout(LONG_S)
        gone = threading.Event()
        try:
            connection.sendall(start)
            while not gone.wait(0.01):
                connection.sendall(piece)
        except OSError:
            gone.set()

    return answer


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        pytest.param(HEAD + b"Content-Length: 1000000\r\n\r\n", b" ", id="body"),
        pytest.param(HEAD + b"\r\n", b" ", id="body without a length"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", id="chunks"),
        pytest.param(HEAD + b"X: ", b"a", id="one header"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue"),
    ],
)
def test_an_answer_that_drips_is_cut_at_its_deadline(start, piece):
    with provider(drip(start, piece)) as address, pytest.raises(DeadlineError):
        get(address, limit_s=SHORT_S)


def test_a_provider_that_says_nothing_is_cut_at_the_deadline_or_at_the_timeout():
    said = threading.Event()
    with provider(lambda *_: said.wait(LONG_S) and None) as address:
        with pytest.raises((DeadlineError, requests.RequestException)):
            get(address, limit_s=SHORT_S)
        said.set()


def test_an_answer_in_time_is_given_and_the_session_can_be_used_again():
    def answer(connection: socket.socket, _: str) -> None:
        connection.sendall(HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\nok")

    with provider(answer) as address, WebSession({}) as session:
        for _ in range(2):
            with session.get(address, {}, timeout_s=LONG_S, limit_s=LONG_S, where="here") as given:
                assert given.content == b"ok"


def redirect_to(target: str) -> Answer:
    def answer(connection: socket.socket, line: str) -> None:
        if "/first" in line:
            connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nConnection: close\r\n\r\n".encode())
        else:
            connection.sendall(HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\nok")

    return answer


def test_a_redirect_on_the_same_host_is_followed():
    with provider(redirect_to("/second")) as address:
        assert get(f"{address}/first") == b"ok"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://127.0.0.2:9/x", "here: redirects to another place, http://127.0.0.2; write the address"),
        ("http://127.0.0.1:9/x", "redirects to another place, http://127.0.0.1"),
        ("file:///etc/passwd", "redirects to another place, file://no host"),
        ("http://[::1", "here: the address, or one to which it redirects, is none"),
        ("/first", "here: redirects more than 5 times; ask the provider"),
    ],
)
def test_a_redirect_to_another_place_or_without_end_is_refused(target, message):
    with provider(redirect_to(target)) as address, pytest.raises(FeedError, match=message):
        get(f"{address}/first")


def test_a_deadline_counts_down_to_zero():
    assert Deadline(0.0).remaining_s == 0.0
    assert 0 < Deadline(LONG_S).remaining_s <= LONG_S


def test_a_name_lookup_that_does_not_end_ends_at_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(LONG_S))
    with pytest.raises(requests.ConnectTimeout):
        get("http://provider.invalid", timeout_s=SHORT_S)
    over.set()


def test_a_name_lookup_that_does_not_end_ends_at_the_deadline_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(LONG_S))
    with pytest.raises((DeadlineError, requests.ConnectTimeout)):
        get("http://provider.invalid", limit_s=SHORT_S)
    over.set()


def test_a_connection_that_comes_too_late_is_closed() -> None:
    ours, theirs = socket.socketpair()
    may_connect = threading.Event()

    def connect() -> socket.socket:
        may_connect.wait(LONG_S)
        return ours

    attempt = _ConnectionAttempt(connect)
    with pytest.raises(TimeoutError):
        attempt.wait(0.01)
    may_connect.set()
    with theirs:
        theirs.settimeout(LONG_S)
        assert theirs.recv(1) == b""
