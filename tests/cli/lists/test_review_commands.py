"""`emis list review` shows the queue and settles items; bad decisions are one line and change nothing."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.cli.app import main
from bigdata_emis.cli.lists.review_commands import review_commands
from tests.control.emergency_list.list_builders import DATA

ITEM = "附表1 工业企业!7:yellow:1"
DECISION = ("settle", ITEM, "--region", "nys", "--kind", "load_cut", "--by", "Wang", "--reason", "plant plan")


def call(monkeypatch: pytest.MonkeyPatch, *words: str, status: int = 0) -> None:
    monkeypatch.setattr(sys, "argv", ["emis", "list", *words])
    with pytest.raises(SystemExit, match=f"^{status}$"):
        main()


@pytest.fixture
def imported(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    call(monkeypatch, "import", str(DATA / "list_c_dirty.xlsx"), "--region", "nys")
    capsys.readouterr()


def queue(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    call(monkeypatch, "review", "--region", "nys", "--json")
    entries: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["queue"]
    return entries


def test_the_queue_is_shown_and_an_item_is_decided(
    imported: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [command.name or command.callback.__name__ for command in review_commands.registered_commands] == ["settle"]
    before = queue(monkeypatch, capsys)
    assert ITEM in {entry["item"] for entry in before}
    call(monkeypatch, "review", *DECISION, "--share", "0.2", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["applied_cut_share"], answer["decided_by"]) == ("accepted", 0.2, "Wang")
    assert (answer["reason"], answer["reason_zh"]) == ("plant plan", "plant plan")
    after = queue(monkeypatch, capsys)
    assert [entry for entry in before if entry not in after] == [e for e in before if e["item"] == ITEM]


def test_the_queue_is_printed_in_lines(
    imported: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "review", "--region", "nys")
    out = capsys.readouterr().out
    assert "28 of 45 items need a person" in out
    assert "按上级要求执行" in out
    assert "指向其他文件或条款 refers to another text" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("review", *DECISION, "--share", "30"), "expected a share between 0 and 1"),
        (("review", *DECISION[:-4], "--by", " ", "--reason", "x", "--share", "0.3"), "names nobody"),
        (("review",), "--region is missing"),
    ],
)
def test_a_bad_decision_is_one_line_and_changes_nothing(
    imported: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    message: str,
) -> None:
    call(monkeypatch, *words, status=2)
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert ITEM in {entry["item"] for entry in queue(monkeypatch, capsys)}
