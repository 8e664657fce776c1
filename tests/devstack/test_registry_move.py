"""The registry is moved into PostgreSQL only when there is one to move; the move itself is in tests/contracts."""

from pathlib import Path

import pytest

from bigdata_emis.devstack.registry_move import move_registry
from bigdata_emis.storage.registries.registry_identity import prepare_registry


def test_without_a_registry_or_with_a_foreign_lake_nothing_is_moved(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = f"sqlite:///{home / 'target.sqlite'}"
    assert move_registry(home, target) == ""
    prepare_registry()
    (home / "emis.sqlite").rename(home / "away.sqlite")
    monkeypatch.setenv("EMIS_LAKE", str(home / "another lake"))
    prepare_registry()
    monkeypatch.delenv("EMIS_LAKE")
    assert move_registry(home, target) == ""
    assert not (home / "target.sqlite").exists()
