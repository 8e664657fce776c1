"""`emis regions`, `emis prune` and `emis doctor` as a person and as a program see them."""

import json
import sys
from pathlib import Path

import pytest

from bigdata_emis.cli.app import main
from bigdata_emis.cli.upkeep_commands import describe_finding, finding_lines, prune_lines, shown_bytes
from bigdata_emis.upkeep.health.health_finding import HealthFinding, HealthLevel
from tests.upkeep.conftest import REGION


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["emis", *words])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def folder(home: Path) -> Path:
    folder = home / "regions" / "village"
    folder.mkdir(parents=True)
    (folder / "region.toml").write_text(REGION, "utf-8")
    return folder


def test_regions_are_listed(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "regions") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["region", "nys", "village"]
    assert call(monkeypatch, "regions", "--json") == 0
    assert json.loads(capsys.readouterr().out)["regions"][1]["folder"] == str(folder)


def test_pruning_without_a_policy_says_that_nothing_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "prune", "--region", "village") == 0
    out = capsys.readouterr().out
    assert "region village has no [retention] in its region.toml" in out
    assert out.endswith("freed\n")


def test_a_dry_run_of_nothing_creates_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "prune", "--region", "village", "--dry-run") == 2
    assert "there is no registry yet" in capsys.readouterr().err
    assert not (folder.parents[1] / "emis.sqlite").exists()


def test_a_failure_that_doctor_finds_is_exit_status_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMIS_ENGINE", "nothing")
    assert call(monkeypatch, "doctor", "--json") == 1
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert (document["level"], printed.err) == ("fail", "")
    (engine,) = [f for f in document["findings"] if f["check"] == "engine"]
    assert (engine["level"], engine["title_zh"]) == ("fail", "计算引擎")


def test_a_finding_has_its_remedy_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "hushhush")
    finding = HealthFinding("feed", HealthLevel.FAIL, "asked with hushhush", "set it", "power", "nys")
    (_, line) = finding_lines({"findings": [describe_finding(finding)]})
    assert line.split() == ["FAIL", "nys", "feed", "数据源", "power:", "asked", "with", "{A_TOKEN};", "set", "it"]


def test_what_is_pruned_is_a_table_with_its_sum() -> None:
    days = {"first_day": "2026-01-01", "last_day": "2026-01-09"}
    document = {
        "region": "nys",
        "is_dry_run": True,
        "policy": {"raw_days": 30, "log_days": None},
        "bytes": 2_500_000,
        "removed": [{"kind": "raw answers", "name": "power", "count": 1200, "bytes": 2_500_000, **days}],
        "kept_feeds": ["traffic"],
    }
    lines = prune_lines(document)
    assert lines[0] == "region nys: raw_days 30"
    assert lines[2].split() == ["raw", "answers", "power", "1,200", "2026-01-01", "2026-01-09", "2.5", "MB"]
    assert lines[3:] == [
        "kept: answers of traffic, which feeds.toml does not declare",
        "2.5 MB would be freed (dry run)",
    ]


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2e12, "2.0 TB")])
def test_bytes_have_a_unit(count: float, text: str) -> None:
    assert shown_bytes(count) == text
