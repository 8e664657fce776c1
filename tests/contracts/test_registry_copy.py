"""A registry is copied whole into an empty database, from either kind to either kind."""

import secrets
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.devstack.registry_move import move_registry
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.schema.sql import metadata
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.registries.registry_copy import copy_registry, is_empty
from bigdata_emis.storage.registries.registry_identity import owner_of_lake, prepare_registry, registry_id

NOON = datetime(2015, 12, 20, 12, 0, 0, 1, tzinfo=UTC)
TARGETS = [pytest.param("sqlite", id="to sqlite"), pytest.param("postgresql", id="to postgresql")]


def rows(table_name: str, *given: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(given), arrow_schema(schema.table(table_name)))


@pytest.fixture
def source(home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A registry of two regions with texts, numbers, days, instants, booleans and a reference."""
    monkeypatch.setenv("EMIS_DATABASE", database_url)
    prepare_registry()
    for region_id, name in (("a", '首钢 "一", 厂'), ("b", "")):
        works = {"enterprise_id": "w", "industry_code": "cement", "longitude_deg": 0.1, "latitude_deg": -0.3}
        line = {"production_line_id": "l", "enterprise_id": "w", "sector_code": "industrial_process"}
        line |= {"industry_code": "cement", "activity_unit_code": "t"}
        frames = {
            "enterprise": rows("enterprise", works | {"name_zh": name}),
            "production_line": rows("production_line", line),
        }
        database.replace(frames, region_id)
        version = {"table_name": "emission_hourly", "day": date(2015, 12, 20), "version": "v", "known_utc": NOON}
        database.append("published_version", region_id, rows("published_version", version | {"row_count": 3}))
    return database_url


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'copy' / 'emis.sqlite'}"
    return str(request.getfixturevalue("postgres").ensure_database(f"emis_{secrets.token_hex(4)}"))


def content() -> dict[tuple[str, str], list[dict[str, object]]]:
    return {(n, r): database.read(n, r).to_pylist() for n in metadata().tables for r in ("", "a", "b")}


@pytest.mark.parametrize("target", TARGETS, indirect=True)
def test_a_copy_has_every_row_and_is_the_same_registry(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_empty(target)
    counts = copy_registry(target)
    before = content()
    monkeypatch.setenv("EMIS_DATABASE", target)
    assert content() == before
    assert {name: count for name, count in counts.items() if count} == {
        "enterprise": 2,
        "production_line": 2,
        "published_version": 2,
        "registry_identity": 1,
    }
    prepare_registry()
    assert not is_empty(target)


@pytest.mark.parametrize("target", TARGETS, indirect=True)
def test_a_moved_registry_owns_the_lake_and_the_old_one_is_refused(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_registry(target, moves_lake=True)
    assert owner_of_lake(Files(settings().lake)) == registry_id(target) != registry_id(source)
    with pytest.raises(InputError, match="belongs to registry"):
        prepare_registry()
    monkeypatch.setenv("EMIS_DATABASE", target)
    prepare_registry()
    assert database.read("enterprise", "a")["name_zh"].to_pylist() == ['首钢 "一", 厂']


@pytest.mark.parametrize("target", TARGETS, indirect=True)
def test_a_database_with_rows_is_not_overwritten(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_registry(target)
    with pytest.raises(InputError, match="is not empty: table .* has rows; name an empty database"):
        copy_registry(target)
    with pytest.raises(InputError, match="is the registry itself"):
        copy_registry(source)


def test_what_is_no_registry_is_not_copied(home: Path) -> None:
    with pytest.raises(InputError, match="holds no registry; set EMIS_DATABASE"):
        copy_registry(f"sqlite:///{home / 'copy.sqlite'}")
    assert not (home / "copy.sqlite").exists()


def test_a_lake_of_another_registry_is_not_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_registry()
    monkeypatch.setenv("EMIS_DATABASE", f"sqlite:///{home / 'other.sqlite'}")
    database.migrate()
    with pytest.raises(InputError, match="does not belong to .*other.sqlite, so it cannot be moved"):
        copy_registry(f"sqlite:///{home / 'copy.sqlite'}", moves_lake=True)


@pytest.mark.parametrize("target", TARGETS, indirect=True)
def test_the_services_move_the_registry_of_a_home_once(home: Path, target: str) -> None:
    assert move_registry(home, target) == ""
    prepare_registry()
    database.append("feed_cursor", "a", rows("feed_cursor", {"feed_id": "power", "cursor": "1", "received_utc": NOON}))
    assert "emis.sqlite to PostgreSQL (2 rows); the lake belongs to PostgreSQL now" in move_registry(home, target)
    assert move_registry(home, target) == ""
    assert owner_of_lake(Files(settings().lake)) == registry_id(target)
