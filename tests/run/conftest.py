"""Fixtures of the tests of running a stage."""

from pathlib import Path

import pytest

from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store


@pytest.fixture
def lake(home: Path) -> Store:
    """An empty lake and an empty registry."""
    database.migrate()
    return Store(str(home / "lake"), "a", "UTC")
