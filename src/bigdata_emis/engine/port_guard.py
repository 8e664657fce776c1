"""Who may use the embedded engine's port: this process alone, by a packet filter on the listening socket.

Belongs here: the filter, and letting the connections of this process pass. Does not: starting the engine
(spark_session), or a system without such filters (shared_host). Why: docs/decisions/0009-engine-access.md.
"""

import contextlib
import ctypes
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bigdata_emis.errors import EngineError

DESCRIPTORS, CONNECTIONS = Path("/proc/self/fd"), Path("/proc/self/net/tcp")
LISTENING = "0A"
SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27  # asm-generic/socket.h; the module socket does not name them
POLL_S = 0.0005
# A classic BPF program over a TCP segment: it accepts one without content and drops any other. Handshakes pass, data do
# not. Every connection that the socket accepts inherits it.
WITHOUT_CONTENT = (
    (0x30, 0, 0, 12),  # A = byte 12, whose upper half is the length of the TCP header in words
    (0x74, 0, 0, 4),  # A = A >> 4
    (0x64, 0, 0, 2),  # A = A << 2, the length in bytes
    (0x07, 0, 0, 0),  # X = A
    (0x80, 0, 0, 0),  # A = length of the segment
    (0x1D, 0, 1, 0),  # A = X: next line, else the one after it
    (0x06, 0, 0, 0xFFFFFFFF),  # accept
    (0x06, 0, 0, 0),  # drop
)

Address = tuple[str, int]


class UnguardedError(Exception):
    """This system has no packet filters for sockets, or does not show the sockets of a process."""


@dataclass
class PortGuard:
    """A listening port whose connections are mute until this process lets them pass."""

    port: int
    admitted: set[Address] = field(default_factory=set)

    def admitting(self) -> contextlib.AbstractContextManager[None]:
        """Within this context, let new connections of this process pass; those of any other process stay mute."""
        return _repeating(self.admit_own)

    def hanging_up(self) -> contextlib.AbstractContextManager[None]:
        """Within this context, end the connections of other processes: a server that stops would wait for them."""
        return _repeating(self.hang_up)

    def admit_own(self) -> None:
        """Take the filter off each accepted connection whose other end is a socket of this process."""
        with _connections_of_this_process() as ends:
            for (name, peer), accepted in ends.items():
                if name[1] == self.port and peer not in self.admitted and (peer, name) in ends:
                    with contextlib.suppress(FileNotFoundError):  # it has no filter any more
                        accepted.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
                    self.admitted.add(peer)

    def hang_up(self) -> None:
        """End each accepted connection that was not admitted."""
        with _connections_of_this_process() as ends:
            for (name, peer), accepted in ends.items():
                if name[1] == self.port and peer not in self.admitted:
                    with contextlib.suppress(OSError):  # it has ended by itself
                        accepted.shutdown(socket.SHUT_RDWR)


def guard_port(port: int) -> PortGuard:
    """Close a port on which this process has just begun to listen to every other process.

    Raises:
        UnguardedError: this system cannot do it.
        EngineError: somebody connected before the port was closed.
    """
    try:
        _close(port)
        strangers = connections_of(port)
    except OSError as problem:
        raise UnguardedError(str(problem)) from problem
    if strangers:
        raise EngineError(
            f"another process connected to port {port} of the engine while it started: {', '.join(strangers)}",
            "find out which program scans ports here, then run the command again",
        )
    return PortGuard(port)


def connections_of(port: int) -> list[str]:
    """The remote ends of all connections to a port of this machine, also of those that have just ended."""
    rows = [line.split() for line in CONNECTIONS.read_text("ascii").splitlines()[1:]]
    return [_readable(remote) for _, local, remote, state, *_ in rows if _number(local) == port and state != LISTENING]


def _close(port: int) -> None:
    program = b"".join(struct.pack("HBBI", *line) for line in WITHOUT_CONTENT)
    buffer = ctypes.create_string_buffer(program)
    option = struct.pack("HL", len(WITHOUT_CONTENT), ctypes.addressof(buffer))
    closed = 0
    for own in _own_sockets():
        with own:
            if _name(own)[1] == port and own.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                own.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, option)
                closed += 1
    if not closed:
        raise UnguardedError(f"no socket of this process listens on port {port}")


@contextlib.contextmanager
def _repeating(action: Callable[[], None]) -> Iterator[None]:
    """Repeat an action in a thread until the context is over."""
    is_over = threading.Event()

    def repeat() -> None:
        while not is_over.wait(POLL_S):
            action()

    repeater = threading.Thread(target=repeat, name="engine port guard", daemon=True)
    repeater.start()
    try:
        yield
    finally:
        is_over.set()
        repeater.join()


@contextlib.contextmanager
def _connections_of_this_process() -> Iterator[dict[tuple[Address, Address], socket.socket]]:
    """The connected sockets of this process by their own and their other end."""
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(found) for found in _own_sockets()]
        yield {(_name(own), peer): own for own in sockets if (peer := _peer(own)) is not None}


def _own_sockets() -> Iterator[socket.socket]:
    """A duplicate of each IP socket of this process; whoever takes it closes it."""
    for entry in DESCRIPTORS.iterdir():
        with contextlib.suppress(OSError):
            found = socket.socket(fileno=_duplicate_of_socket(entry))
            if found.family in (socket.AF_INET, socket.AF_INET6):
                yield found
            else:
                found.close()


def _duplicate_of_socket(entry: Path) -> int:
    """A duplicate of a descriptor. Raises OSError when it is closed by now, or not a socket."""
    if not str(entry.readlink()).startswith("socket:"):
        raise OSError(f"{entry} is not a socket")
    return os.dup(int(entry.name))


def _name(own: socket.socket) -> Address:
    return _plain(own.getsockname())


def _peer(own: socket.socket) -> Address | None:
    try:
        return _plain(own.getpeername())
    except OSError:
        return None


def _plain(address: tuple[object, ...]) -> Address:
    """Host and port; the client library uses IPv6 sockets also for IPv4."""
    return str(address[0]).removeprefix("::ffff:"), int(str(address[1]))


def _number(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _readable(address: str) -> str:
    host, _, _ = address.partition(":")
    return f"{socket.inet_ntoa(struct.pack('=I', int(host, 16)))}:{_number(address)}"
