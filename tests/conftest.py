"""What every test may use: one engine a process, a lake of its own, and no network beyond loopback."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REAL_CONNECT = socket.socket.connect


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise RuntimeError(f"a test reached for {address}")
        REAL_CONNECT(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """The embedded engine, once a test process."""
    from bigdata_emis import engine

    yield engine.session("sail")
    engine.stop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty EMIS_HOME with its own lake and database."""
    for name in ("EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS", "EMIS_ENGINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMIS_HOME", str(tmp_path))
    return tmp_path
