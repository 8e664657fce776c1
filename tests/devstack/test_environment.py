"""The services' settings: secrets made once and kept to their owner, and nothing beyond loopback."""

import json
import os
from pathlib import Path

import pytest

from bigdata_emis.devstack.environment import (
    airflow_environment,
    emis_environment,
    kept_secrets,
    places,
    write_shell_file,
)
from bigdata_emis.devstack.status import alone, is_running
from bigdata_emis.errors import InputError


def test_secrets_are_made_once_and_only_their_owner_reads_them(home: Path) -> None:
    root = places().root
    first = kept_secrets(root)
    assert kept_secrets(root) == first
    assert len(set(first.values())) == len(first)
    assert len(first["jwt"]) >= 64
    assert (root / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_every_service_listens_on_loopback_and_holds_the_generated_passwords(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__HOST", "0.0.0.0")  # noqa: S104 - what must not come through
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    keys = kept_secrets(places().root)
    told = emis_environment(places(), "postgresql://registry", {"EMIS_FEED_TOKEN": "t"})
    made = airflow_environment(places(), keys, metadata="postgresql://stored", port=8081, told=told)
    assert made["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert made["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8081/execution/"
    assert made["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg2://stored"
    assert (made["EMIS_DATABASE"], made["EMIS_FEED_TOKEN"], made["EMIS_HOME"]) == (
        "postgresql://registry",
        "t",
        str(home),
    )
    assert "PYTHONDONTWRITEBYTECODE" not in made
    passwords = Path(made["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    assert json.loads(passwords.read_text("utf-8")) == {user: keys[user] for user in ("admin", "operator")}
    assert passwords.stat().st_mode & 0o777 == 0o600


def test_a_shell_reads_the_same_settings(home: Path) -> None:
    path = write_shell_file(places(), {"EMIS_DATABASE": "postgresql://a b"})
    assert path.read_text("utf-8") == "export EMIS_DATABASE='postgresql://a b'\n"


def test_one_home_has_one_set_of_services(home: Path) -> None:
    place = places()
    with alone(place):
        assert is_running(place)
        with pytest.raises(InputError, match="run already"), alone(place):
            pass
    assert not is_running(place)
    assert os.path.lexists(place.root / "lock")


def test_a_lock_that_cannot_be_opened_is_told_and_not_taken_for_services_that_run(home: Path) -> None:
    place = places()
    (place.root / "lock").symlink_to(home / "nowhere" / "lock")
    with pytest.raises(InputError, match="cannot be written"):
        is_running(place)
