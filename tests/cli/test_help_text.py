"""Help is whole: no sentence is cut, and each example is a command that is understood."""

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from bigdata_emis.cli.app import app, main
from bigdata_emis.cli.help_text import EXAMPLES
from bigdata_emis.demo.show import COMPARED_DAY, DEMO_DAY, FIRST_DAY, FORECAST_LAST_DAY
from bigdata_emis.settings import PACKAGE

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


PUBLISHED_OPTIONS = re.compile(r"(?:--date|--from|-d) (\d{4}-\d\d-\d\d)")
SELECTED_DAY = re.compile(r"day ?= ?'?(\d{4}-\d\d-\d\d)")
OF_DEMO = [line for line in LINES if "jjj" in line]
DOCS = [PACKAGE.parents[1] / name for name in ("README.md", "docs/reading.md")]


def test_an_example_of_the_demonstration_names_days_that_it_has() -> None:
    """A command about the inventory begins on a published day; an alert is about days of the forecast."""
    published = {str(COMPARED_DAY), str(DEMO_DAY)}
    of_inventory = [line for line in OF_DEMO if not line.startswith("emis alert")]
    named = {line: set(PUBLISHED_OPTIONS.findall(line)) for line in of_inventory}
    assert {line: days for line, days in named.items() if days - published} == {}
    assert any(named.values())
    days = {day for line in OF_DEMO for day in re.findall(r"2015-\d\d-\d\d", line)}
    assert {day for day in days if not str(FIRST_DAY) <= day <= str(FORECAST_LAST_DAY)} == set()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_an_example_of_the_docs_reads_a_day_that_the_demonstration_publishes(path: Path) -> None:
    text = path.read_text("utf-8")
    commands = [line for line in re.findall(r"`emis [^`]+`", text) if "jjj" in line]
    days = {day for line in commands for day in PUBLISHED_OPTIONS.findall(line)} | set(SELECTED_DAY.findall(text))
    assert days <= {str(COMPARED_DAY), str(DEMO_DAY)}


def test_completion_can_be_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--install-completion" in printed(monkeypatch, capsys, "--help")


BEFORE = r"(?:`|\b(?:run|see|use|by|with|of|than|through|请查|请运行) )"
NAMED = re.compile(BEFORE + r"emis ((?:--?[a-z-]+|[a-z]+)(?: (?:--?[a-z-]+|[a-z]+))*)")
"""A command that a text names, as far as it is spelled out."""
PROSE = {"as", "own"}
"""Words after the name of the program where a sentence goes on: run emis as that user."""


def texts_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def misspelled(words: list[str]) -> str:
    """The first word that is no command, or option of the command before it; an empty text where there is none."""
    command: Any = COMMAND
    for word in words:
        options = {name for parameter in command.params for name in parameter.opts}
        if word.startswith("-"):
            if word not in options:
                return word
        elif word in getattr(command, "commands", {}):
            command = command.commands[word]
        elif command is COMMAND or (getattr(command, "commands", {}) and not command.invoke_without_command):
            return word
        else:
            return ""
    return ""


def test_every_command_that_a_text_names_exists_with_its_options() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}: emis {words}": wrong
        for path in PACKAGE.rglob("*.py")
        for text in texts_of(path)
        for words in NAMED.findall(text)
        if (wrong := misspelled(words.split())) not in {"", *PROSE}
    }
    assert found == {}


@pytest.mark.parametrize(
    ("words", "wrong"), [("outcom --scenario", "outcom"), ("scenario lst", "lst"), ("day --dat", "--dat")]
)
def test_a_command_that_does_not_exist_is_seen(words: str, wrong: str) -> None:
    assert misspelled(words.split()) == wrong


def test_an_option_has_the_same_short_name_in_every_command() -> None:
    shorts: dict[str, set[tuple[str, ...]]] = {}
    waiting: list[Any] = [COMMAND]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        for parameter in command.params:
            long = [name for name in parameter.opts if name.startswith("--")]
            short = tuple(name for name in parameter.opts if not name.startswith("--"))
            for name in long:
                shorts.setdefault(name, set()).add(short)
    assert {name: found for name, found in shorts.items() if len(found) > 1} == {}
