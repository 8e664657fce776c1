"""Both databases for the contract tests: a SQLite file, and a PostgreSQL on loopback, started once per session."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigdata_emis.devstack.postgres import PostgresServer, start_postgres

KINDS = [pytest.param("sqlite", id="sqlite"), pytest.param("postgresql", id="postgresql")]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test session; its process and its folder are removed with the session."""
    folder = Path(tempfile.mkdtemp(prefix="emis-postgres-"))
    folder.chmod(0o755)
    server = None
    try:
        server = start_postgres(folder, password=secrets.token_hex(16), is_durable=False)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database of either kind, set as EMIS_DATABASE."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'registry' / 'emis.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").ensure_database(f"emis_{secrets.token_hex(4)}")
    monkeypatch.setenv("EMIS_DATABASE", url)
    return url
