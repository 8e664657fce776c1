"""`emis registry` says what was copied or migrated, and refuses in one line."""

import json
import sys
from pathlib import Path

import pytest

from bigdata_emis.cli.app import main
from bigdata_emis.cli.registry_command import registry_commands
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_identity import prepare_registry, registry_id
from tests.devstack.test_registry_move import take_back_to


def call(monkeypatch: pytest.MonkeyPatch, *words: str, status: int = 0) -> None:
    monkeypatch.setattr(sys, "argv", ["emis", "registry", *words])
    with pytest.raises(SystemExit, match=f"^{status}$"):
        main()


def test_a_copy_is_described(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(registry_commands.registered_commands) == len(("copy", "migrate"))
    prepare_registry()
    target = f"sqlite:///{home / 'copy.sqlite'}"
    call(monkeypatch, "copy", "--to", target, "--json")
    assert json.loads(capsys.readouterr().out) == {"to": target, "is_moved": False, "rows": {"registry_identity": 1}}
    assert registry_id(target) == registry_id()
    call(monkeypatch, "copy", "--to", f"sqlite:///{home / 'moved.sqlite'}", "--move")
    assert "belongs to the copy; set EMIS_DATABASE to it" in capsys.readouterr().out


def test_an_address_that_is_none_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_registry()
    call(monkeypatch, "copy", "--to", "nonsense", status=2)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_registry_of_an_earlier_release_is_migrated(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "migrate", status=2)
    assert "there is no registry yet" in capsys.readouterr().err
    assert not (home / "emis.sqlite").exists()
    prepare_registry()
    take_back_to(settings().database, "0013")
    call(monkeypatch, "migrate", "--json")
    newest = database.newest_revision()
    document = {"registry": f"sqlite:///{home / 'emis.sqlite'}", "schema": newest, "schema_before": "0013"}
    assert json.loads(capsys.readouterr().out) == document
    call(monkeypatch, "migrate")
    assert f"{newest}, as it was" in capsys.readouterr().out
