"""Connections are one transaction each, and their errors are one line with a remedy and without a password."""

import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from bigdata_emis.errors import InputError
from bigdata_emis.storage.database_connection import connected, is_there


def create_table() -> None:
    with connected(write=True) as connection:
        connection.execute(sa.text("create table t (x integer primary key)"))


def insert(*numbers: int) -> None:
    with connected(write=True) as connection:
        for number in numbers:
            connection.execute(sa.text("insert into t values (:x)"), {"x": number})


def rows() -> list[int]:
    with connected() as connection:
        return list(connection.execute(sa.text("select x from t order by x")).scalars())


def test_a_transaction_is_committed_at_the_end_of_its_block_and_the_file_is_created(home: Path) -> None:
    create_table()
    insert(1, 2)
    assert rows() == [1, 2]
    assert (home / "emis.sqlite").is_file()


@pytest.mark.parametrize("name", ["50%20", "what?", "a#b", "it's", "家 2", "100%"])
def test_the_registry_lies_in_its_home_whatever_that_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("EMIS_DATABASE", raising=False)
    monkeypatch.setenv("EMIS_HOME", str(tmp_path / name))
    create_table()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "emis.sqlite").is_file()
    assert rows() == []


def test_a_transaction_that_fails_is_rolled_back_whole(home: Path) -> None:
    create_table()
    with pytest.raises(InputError, match="UNIQUE constraint failed.*the row exists already"):
        insert(1, 1)
    assert rows() == []


def test_a_missing_table_names_the_way_to_create_it(home: Path) -> None:
    (home / "emis.sqlite").touch()
    with pytest.raises(InputError, match=r"no such table: t; run an emis command of the flow"):
        rows()


def test_reading_creates_no_database(home: Path) -> None:
    with pytest.raises(InputError, match=r"emis\.sqlite: there is no registry yet"):
        rows()
    assert not is_there()
    assert not list(home.iterdir())


def test_the_file_of_a_database_is_for_owner_and_group_also_one_of_an_earlier_release(home: Path) -> None:
    before = os.umask(0)
    try:
        create_table()
        assert stat.S_IMODE((home / "emis.sqlite").stat().st_mode) == 0o640
        (home / "emis.sqlite").chmod(0o644)
        insert(1)
    finally:
        os.umask(before)
    assert stat.S_IMODE((home / "emis.sqlite").stat().st_mode) == 0o640


def test_a_folder_that_cannot_be_written_is_read_without_a_trace(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The permissions of files do not hold for the superuser, so the system is asked in the place of the disk."""
    create_table()
    insert(1)
    before = sorted(path.name for path in home.iterdir())
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert rows() == [1]
    assert sorted(path.name for path in home.iterdir()) == before


def test_what_another_process_has_just_written_is_read_where_nothing_can_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_table()
    with connected(write=True) as writer:
        writer.execute(sa.text("insert into t values (1)"))
        writer.commit()
        monkeypatch.setattr(os, "access", lambda *_: False)
        assert rows() == [1]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense", "EMIS_DATABASE is not an address of a database; give sqlite:///PATH or"),
        ("mysql://localhost/x", "EMIS_DATABASE is not an address of a database"),
        ("sqlite://", "EMIS_DATABASE names no file; give sqlite:///PATH"),
        ("sqlite:///:memory:", "EMIS_DATABASE names no file"),
        (
            "postgresql://emis:secret@127.0.0.1:1/emis",
            r"database postgresql://emis:\*\*\*@127.0.0.1:1/emis: connection",
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(
    address: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMIS_DATABASE", address)
    with pytest.raises(InputError, match=message) as refusal:
        rows()
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_database_is_to_be_restored(home: Path) -> None:
    (home / "emis.sqlite").write_text("a page that somebody saved here")
    with pytest.raises(InputError, match="file is not a database; restore the registry from a backup"):
        create_table()


def fill_two_pages() -> None:
    """SQLite answers a limit of pages as it answers a full disk."""
    with connected(write=True) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 2")
        connection.exec_driver_sql("create table u (x text)")
        connection.exec_driver_sql("insert into u values (zeroblob(100000))")


def test_a_full_disk_is_called_by_its_name(home: Path) -> None:
    create_table()
    with pytest.raises(InputError, match="disk is full; free disk space"):
        fill_two_pages()


def test_nothing_of_a_password_with_signs_of_an_address_is_shown(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("EMIS_DATABASE", "postgresql://emis:se/cr@et@127.0.0.1:1/x")
    with pytest.raises(
        InputError, match=r"two @ before its host; write @ and / of a password as %40 and %2F"
    ) as refusal:
        is_there()
    assert not any(part in str(refusal.value) for part in ("se/cr", "et@"))
