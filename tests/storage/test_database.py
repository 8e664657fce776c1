"""What the registry database refuses, and what is derived from the declarations; both databases: tests/contracts."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from bigdata_emis import schema
from bigdata_emis.errors import InputError, SchemaError
from bigdata_emis.schema.sql import metadata, references, sql_table
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "not an address of a database"),
        ("mysql://localhost/x", "not an address of a database"),
        ("sqlite://", "names no file"),
        ("postgresql://emis:secret@127.0.0.1:1/emis", "connection failed"),
    ],
)
def test_a_bad_address_is_refused_in_one_line_without_its_password(
    address: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMIS_DATABASE", address)
    with pytest.raises(InputError, match=says) as refused:
        database.migrate()
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.sqlite").write_text("a text that is long enough not to be taken for an empty database" * 20)
    monkeypatch.setenv("EMIS_DATABASE", f"sqlite:///{tmp_path / 'x.sqlite'}")
    with pytest.raises(InputError, match="not a database"):
        database.read("enterprise", "a")


def test_a_database_without_tables_says_how_to_create_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_DATABASE", f"sqlite:///{tmp_path / 'x.sqlite'}")
    with pytest.raises(InputError, match="there is no registry yet; run an emis command of the flow"):
        database.read("enterprise", "a")
    assert not (tmp_path / "x.sqlite").exists()
    (tmp_path / "x.sqlite").touch()
    with pytest.raises(InputError, match="creates the tables"):
        database.read("enterprise", "a")


def test_whether_a_registry_can_be_read_is_seen_without_creating_or_migrating_it(home: Path) -> None:
    assert not database.can_be_read()
    assert not (home / "emis.sqlite").exists()
    database.migrate()
    assert database.can_be_read()


@pytest.mark.parametrize(("revision", "remedy"), [("0001", "run emis registry migrate"), ("9999", "use the")])
def test_a_registry_of_another_release_is_refused_by_who_only_reads(home: Path, revision: str, remedy: str) -> None:
    database.migrate()
    with connected(write=True) as connection:
        connection.execute(sa.text(f"update {database.VERSION_TABLE} set version_num = '{revision}'"))
    with pytest.raises(
        InputError, match=rf"has the schema {revision}, expected {database.newest_revision()}; {remedy}"
    ):
        database.can_be_read()


def test_a_lake_table_is_not_in_the_database() -> None:
    with pytest.raises(SchemaError, match="not a table of the registry"):
        sql_table("emission_hourly")


def test_an_unknown_query_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="published_as_of"):
        database.query("no_such_query")


def test_every_registry_table_has_the_region_as_first_key() -> None:
    assert {next(iter(table.primary_key)).name for table in metadata().tables.values()} == {"region_id"}


def test_an_id_refers_to_the_table_that_it_names() -> None:
    assert references(schema.table("meter")) == {"production_line_id": "production_line"}


def test_a_weight_may_name_the_cell_outside_the_grid() -> None:
    assert references(schema.table("grid_weight")) == {}


def test_the_newest_migration_is_the_one_with_the_highest_number() -> None:
    config = Config()
    config.set_main_option("script_location", str(database.sql_folder() / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == database.newest_revision()
