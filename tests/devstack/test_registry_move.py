"""The registry is moved into PostgreSQL only when there is one to move; the move itself is in tests/contracts."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from bigdata_emis.devstack.registry_move import move_registry, upgrade_registry
from bigdata_emis.errors import InputError
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected
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


def take_back_to(address: str, revision: str) -> None:
    """The registry as an older release left it."""
    with connected(write=True, migrate=True, address=address) as connection:
        config = Config(attributes={"connection": connection, "version_table": database.VERSION_TABLE})
        config.set_main_option("script_location", str(database.sql_folder() / "migrations"))
        command.downgrade(config, revision)


def test_a_registry_of_an_older_release_is_migrated_before_the_services_start(home: Path) -> None:
    address = f"sqlite:///{home / 'old.sqlite'}"
    assert upgrade_registry(address) == ""
    database.migrate(address)
    assert upgrade_registry(address) == ""
    take_back_to(address, "0013")
    with pytest.raises(InputError, match="has the schema 0013"):
        move_registry(home, address) or database.can_be_read(address)
    assert upgrade_registry(address) == f"the registry was migrated from schema 0013 to {database.newest_revision()}"
    assert database.can_be_read(address)


def test_a_registry_of_a_newer_release_is_refused(home: Path) -> None:
    address = f"sqlite:///{home / 'new.sqlite'}"
    database.migrate(address)
    with connected(write=True, address=address) as connection:
        connection.exec_driver_sql(f"UPDATE {database.VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(InputError, match="has the schema 9999, expected .*use the release that wrote it"):
        upgrade_registry(address)
