"""A lake belongs to one registry: the first that writes, and no other until it is moved."""

import json
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.registries.registry_identity import OWNER_FILE, owner_of_lake, prepare_registry, registry_id


def owner_file(home: Path) -> Path:
    return home / "lake" / OWNER_FILE


def test_a_new_lake_belongs_to_the_registry_that_writes_first(home: Path) -> None:
    prepare_registry()
    record = json.loads(owner_file(home).read_text("utf-8"))
    assert set(record) == {"registry_id", "created_utc"}
    assert record["registry_id"] == registry_id()
    prepare_registry()
    assert owner_of_lake(Files(settings().lake)) == registry_id()
    assert database.read("registry_identity", "").num_rows == 1


def test_another_registry_is_refused_with_both_named_and_writes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_registry()
    first = registry_id()
    monkeypatch.setenv("EMIS_DATABASE", f"sqlite:///{home / 'other.sqlite'}")
    with pytest.raises(InputError, match=r"set EMIS_DATABASE to the registry of this lake") as refusal:
        prepare_registry()
    assert f"lake {home}/lake belongs to registry {first}" in str(refusal.value)
    assert f"other.sqlite is registry {registry_id()}" in str(refusal.value)
    assert owner_of_lake(Files(settings().lake)) == first


@pytest.mark.parametrize(
    ("files", "remedy"),
    [
        ([], r"; set EMIS_DATABASE to the registry of this lake, or EMIS_LAKE to another lake$"),
        (["emis.env", "running.json"], r"; run first: \. \S+/airflow/emis\.env$"),
        (
            ["emis.env"],
            r"; start the services that hold its registry: python -m bigdata_emis\.devstack\.services --detach",
        ),
    ],
    ids=["no services", "they run", "they are stopped"],
)
def test_the_refusal_gives_the_one_command_that_leads_to_the_registry_of_the_services(
    home: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], remedy: str
) -> None:
    prepare_registry()
    monkeypatch.setenv("EMIS_DATABASE", f"sqlite:///{home / 'other.sqlite'}")
    (home / "airflow").mkdir()
    for name in files:
        (home / "airflow" / name).touch()
    with pytest.raises(InputError, match=remedy):
        prepare_registry()


def test_the_same_registry_at_another_address_is_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_registry()
    (home / "emis.sqlite").rename(home / "moved.sqlite")
    monkeypatch.setenv("EMIS_DATABASE", f"sqlite:///{home / 'moved.sqlite'}")
    prepare_registry()
    assert (home / "moved.sqlite").is_file()
    assert not (home / "emis.sqlite").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_damaged_owner_file_is_named_with_a_remedy(home: Path, content: str) -> None:
    prepare_registry()
    owner_file(home).write_text(content)
    with pytest.raises(InputError, match=rf"{OWNER_FILE} is damaged.*restore it from a backup, or delete it"):
        prepare_registry()
