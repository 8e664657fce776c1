"""A region with one feed, whose provider accepts connections and says nothing, so that its collection lasts."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.flow.faulty_provider import FEEDS_TOML, REGION_TOML

COLLECT = ["run", "collect_power", "--region", "town", "--from", "2015-12-02", "--to", "2015-12-03"]
LONGEST_S = 120


@contextmanager
def silent_provider(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket of the provider; a connection that it accepts is that of a stage that has begun."""
    folder = home / "regions" / "town"
    folder.mkdir(parents=True)
    (folder / "region.toml").write_text(REGION_TOML, "utf-8")
    (folder / "feeds.toml").write_text(FEEDS_TOML.replace("timeout_s = 0.5", "timeout_s = 100"), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LONGEST_S)
        monkeypatch.setenv("EMIS_FEEDS_ADDRESS", f"http://127.0.0.1:{listener.getsockname()[1]}")
        yield listener
