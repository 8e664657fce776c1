"""The private PostgreSQL server: data survive a restart, it requires its password, and it ends when it is stopped."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bigdata_emis.devstack.postgres import PostgresServer, start_postgres


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user of the server can enter, too: pytest's own is closed to other users."""
    path = Path(tempfile.mkdtemp(prefix="emis-postgres-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def start(folder: Path) -> PostgresServer:
    return start_postgres(folder, password="first", is_durable=False)


def test_a_server_keeps_its_databases_from_one_start_to_the_next(folder: Path) -> None:
    server = start(folder)
    address = server.ensure_database("registry")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 7 AS seven")
    server.stop()
    assert server.process.poll() is not None
    assert server.watchdog.poll() is not None
    restarted = start(folder)
    try:
        with psycopg.connect(restarted.ensure_database("registry")) as connection:
            assert connection.execute("SELECT seven FROM numbers").fetchone() == (7,)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(restarted.address.replace("first", "second") + "/registry")
    finally:
        restarted.stop()
    assert not list(folder.glob("password*"))
