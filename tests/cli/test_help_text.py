"""Help is whole: no sentence is cut, and each example is a command that is understood."""

import shlex
import sys

import pytest
import typer.main

from bigdata_emis.cli.app import app, main
from bigdata_emis.cli.help_text import EXAMPLES

COMMAND = typer.main.get_command(app)
LINES = [line for lines in EXAMPLES.values() for line in lines]


def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["emis", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    return capsys.readouterr().out


def test_no_line_of_the_help_is_cut(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(monkeypatch, capsys, "--help")
    assert "…" not in text
    assert "..." not in text.partition("Options:")[2]
    assert "exit status 4" in text


def test_every_command_has_an_example() -> None:
    assert set(COMMAND.commands) == set(EXAMPLES)  # type: ignore[attr-defined]


def test_examples_are_below_the_help(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "  Examples:\n    emis prune --region nys --dry-run\n" in printed(monkeypatch, capsys, "prune", "--help")


@pytest.mark.parametrize("line", LINES)
def test_an_example_is_understood(line: str) -> None:
    """Its options are read, and nothing is run."""
    command, words = COMMAND, shlex.split(line)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    with command.make_context("emis", words) as context:
        assert context.command is command


def test_completion_can_be_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--install-completion" in printed(monkeypatch, capsys, "--help")
