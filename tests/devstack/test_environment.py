"""The services' settings: secrets generated once and private to their owner, and nothing beyond loopback."""

import json
from pathlib import Path

import pytest

from bigdata_emis.devstack.environment import (
    ServiceFolders,
    airflow_environment,
    emis_environment,
    load_secrets,
    make_service_folders,
    write_shell_file,
)


@pytest.fixture
def folders(home: Path) -> ServiceFolders:
    return make_service_folders()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_secrets_are_generated_once_and_only_their_owner_reads_them(folders: ServiceFolders) -> None:
    first = load_secrets(folders.root)
    assert load_secrets(folders.root) == first
    assert len(set(first.values())) == len(first)
    assert len(first["jwt"]) >= 64
    assert mode(folders.root / "secrets.json") == 0o600


def test_every_service_listens_on_loopback_and_holds_the_generated_passwords(
    folders: ServiceFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__HOST", "0.0.0.0")  # noqa: S104 - what must not come through
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    keys = load_secrets(folders.root)
    emis = emis_environment(folders, "postgresql://registry", {"EMIS_FEED_TOKEN": "t"})
    variables = airflow_environment(folders, keys, metadata="postgresql://metadata", port=8081, emis=emis)
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8081/execution/"
    assert variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg2://metadata"
    assert (variables["EMIS_DATABASE"], variables["EMIS_FEED_TOKEN"]) == ("postgresql://registry", "t")
    assert variables["EMIS_HOME"] == str(folders.home)
    assert "PYTHONDONTWRITEBYTECODE" not in variables
    passwords = Path(variables["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    assert json.loads(passwords.read_text("utf-8")) == {user: keys[user] for user in ("admin", "operator")}
    assert mode(passwords) == 0o600


def test_a_shell_reads_the_same_settings(folders: ServiceFolders) -> None:
    path = write_shell_file(folders, {"EMIS_HOME": "/a b", "EMIS_FEED_TOKEN": "it's"})
    assert path.read_text("utf-8") == "export EMIS_HOME='/a b'\nexport EMIS_FEED_TOKEN='it'\"'\"'s'\n"
    assert mode(path) == 0o600
