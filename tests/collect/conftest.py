"""A provider on loopback, whose address and token are in the environment."""

from collections.abc import Iterator

import pytest

from tests.collect.feed_builders import Provider, serve


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with serve() as running:
        monkeypatch.setenv("EMIS_FEEDS_ADDRESS", running.address)
        monkeypatch.setenv("A_TOKEN", "secret")
        yield running
