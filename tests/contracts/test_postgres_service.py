"""The server from the wheel keeps its data, wants its password, and ends when it is told to."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bigdata_emis.devstack.postgres import Server, start


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user of the server may enter, too: pytest's own may not be entered by others."""
    made = Path(tempfile.mkdtemp(prefix="emis-postgres-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def begun(folder: Path) -> Server:
    return start(folder, password="first", is_durable=False)


def test_a_server_keeps_its_databases_from_one_start_to_the_next(folder: Path) -> None:
    server = begun(folder)
    address = server.make_database("registry")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    server.stop()
    assert server.process.poll() is not None
    again = begun(folder)
    try:
        with psycopg.connect(again.make_database("registry")) as connection:
            assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(again.address.replace("first", "second") + "/registry")
    finally:
        again.stop()
    assert not list(folder.glob("password*"))
