"""`emis registry copy` says what was copied, and refuses in one line."""

import json
import sys
from pathlib import Path

import pytest

from bigdata_emis.cli.app import main
from bigdata_emis.cli.registry_command import registry_commands
from bigdata_emis.storage.registries.registry_identity import prepare_registry, registry_id


def call(monkeypatch: pytest.MonkeyPatch, *words: str, status: int = 0) -> None:
    monkeypatch.setattr(sys, "argv", ["emis", "registry", "copy", *words])
    with pytest.raises(SystemExit, match=f"^{status}$"):
        main()


def test_a_copy_is_described(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert [command.name or "copy" for command in registry_commands.registered_commands] == ["copy"]
    prepare_registry()
    target = f"sqlite:///{home / 'copy.sqlite'}"
    call(monkeypatch, "--to", target, "--json")
    assert json.loads(capsys.readouterr().out) == {"to": target, "is_moved": False, "rows": {"registry_identity": 1}}
    assert registry_id(target) == registry_id()
    call(monkeypatch, "--to", f"sqlite:///{home / 'moved.sqlite'}", "--move")
    assert "belongs to the copy; set EMIS_DATABASE to it" in capsys.readouterr().out


def test_an_address_that_is_none_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_registry()
    call(monkeypatch, "--to", "nonsense", status=2)
    assert capsys.readouterr().err.count("\n") == 1
