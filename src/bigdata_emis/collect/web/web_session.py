"""A session with one provider over HTTP, in which no answer outlives its deadline and no redirect leaves the host.

Belongs here: connections, deadlines and redirects. Does not: pages and retries (http_client), or what answers mean.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError

from bigdata_emis.errors import FeedError

MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}

# It would log every address with its query, in which some providers want a token.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class DeadlineError(Exception):
    """An answer was not complete at its deadline."""


class Deadline:
    """A point in time, so many seconds from its construction."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._end_s = time.monotonic() + limit_s

    @property
    def remaining_s(self) -> float:
        """Seconds until then, never below 0."""
        return max(self._end_s - time.monotonic(), 0.0)


class WebSession:
    """A session whose connection is cut when an answer is not complete at its deadline."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._line = _Line()
        self._session = requests.Session()
        self._session.headers.update(headers)
        for scheme in PORTS:
            self._session.mount(f"{scheme}://", _WatchedAdapter(self._line))

    def __enter__(self) -> "WebSession":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._line.close()

    @contextmanager
    def get(
        self,
        address: str,
        parameters: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float,
        limit_s: float,
        where: str,
    ) -> Iterator[requests.Response]:
        """An answer of which the body has yet to be read, within `limit_s` from now.

        timeout_s: the longest wait for a connection, and for each further byte.

        Raises:
            DeadlineError: the block was not done with the answer in time, however many bytes came meanwhile.
            FeedError: the provider redirects to another host, or too often.
            requests.RequestException: anything else that went wrong on the way.
        """
        self._line.is_cut = False
        timer = threading.Timer(limit_s, self._line.cut)
        timer.daemon = True
        timer.start()
        try:
            answer = self._follow(address, parameters, headers or {}, min(timeout_s, limit_s), where)
            with answer:
                yield answer
            self._check_line()
        except requests.RequestException:
            self._check_line()
            raise
        except ValueError as problem:
            what = f"{where}: the address, or one to which it redirects, is none ({problem})"
            raise FeedError(what, "correct 'address' in feeds.toml, or ask the provider") from None
        finally:
            timer.cancel()

    def _check_line(self) -> None:
        if self._line.is_cut:
            raise DeadlineError

    def _follow(
        self, address: str, parameters: Mapping[str, str], headers: Mapping[str, str], timeout_s: float, where: str
    ) -> requests.Response:
        """The first answer that redirects no further."""
        url, query = address, dict(parameters)
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._session.get(
                url, params=query, headers=headers, timeout=timeout_s, stream=True, allow_redirects=False
            )
            if not answer.is_redirect:
                return answer
            target = urljoin(answer.url, answer.headers["location"])
            answer.close()
            if _origin(target) != _origin(address):
                host = _split(target).hostname or "no host"
                what = f"{where}: redirects to another place, {_split(target).scheme}://{host}"
                raise FeedError(what, "write the address of the data as 'address' in feeds.toml, if it is right")
            url, query = target, {}
        raise FeedError(f"{where}: redirects more than {MOST_REDIRECTS} times", "ask the provider")


class _Line:
    """The newest connection of a session, which another thread can cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def watch(self, connected: socket.socket) -> None:
        """Remember a connection under a number of its own, which stays valid when TLS is laid over it."""
        with self._lock:
            self._forget()
            self._socket = connected.dup()
            if self.is_cut:
                self._shut_down()

    def cut(self) -> None:
        """End the connection: whoever waits for a byte of it goes on at once."""
        with self._lock:
            self.is_cut = True
            self._shut_down()

    def close(self) -> None:
        """Forget the connection."""
        with self._lock:
            self._forget()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _WatchedAdapter(HTTPAdapter):
    """An adapter whose connections are watched, also those to a proxy."""

    def __init__(self, line: _Line) -> None:
        self._pools = _watched_pools(line)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """As in the base class, with watched connections."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """As in the base class, with watched connections."""
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


class _ConnectionAttempt:
    """Name lookup and connection in a thread of their own: the system bounds neither by our time-out."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._is_given_up = False
        self._connected: socket.socket | None = None
        self._problem: BaseException | None = None

    def wait(self, limit_s: float) -> socket.socket:
        """The connection. Raises TimeoutError after `limit_s`, or what the attempt raised."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        thread.join(limit_s)
        with self._lock:
            if self._problem is not None:
                raise self._problem
            if self._connected is None:
                self._is_given_up = True
                raise TimeoutError
            return self._connected

    def _run(self) -> None:
        try:
            connected = self._connect()
        except BaseException as problem:  # handed to the waiting thread
            with self._lock:
                self._problem = problem
            return
        with self._lock:
            self._connected = connected
            if self._is_given_up:
                connected.close()


def _connect_watched(connection: HTTPConnection, connect: Callable[[], socket.socket], line: _Line) -> socket.socket:
    limit_s = connection.timeout
    if not isinstance(limit_s, int | float):
        raise TypeError(f"connection without a time-out: {limit_s}")
    try:
        connected = _ConnectionAttempt(connect).wait(limit_s)
    except TimeoutError:
        message = f"no connection to {connection.host} within {limit_s:g} s"
        raise ConnectTimeoutError(connection, message) from None
    line.watch(connected)
    return connected


def _watched_pools(line: _Line) -> dict[str, type[HTTPConnectionPool]]:
    class WatchedHTTPConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect_watched(self, super()._new_conn, line)

    class WatchedHTTPSConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect_watched(self, super()._new_conn, line)

    class WatchedHTTPPool(HTTPConnectionPool):
        ConnectionCls = WatchedHTTPConnection

    class WatchedHTTPSPool(HTTPSConnectionPool):
        ConnectionCls = WatchedHTTPSConnection

    return {"http": WatchedHTTPPool, "https": WatchedHTTPSPool}


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = _split(address)
    try:
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
