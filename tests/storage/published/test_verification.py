"""Whether published files are what was recorded is seen by reading them, and said with their names."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.cli.app import main
from bigdata_emis.context import Context
from bigdata_emis.publish.manifest import published
from bigdata_emis.settings import settings
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.published.verification import changed_files, refuse_changed_files
from tests.publish.test_day_quality import DAY, context, manifest_of, write_inventory

__all__ = ["context"]


@pytest.fixture
def listed(context: Context) -> list[dict[str, Any]]:
    """A published day of one table."""
    write_inventory(context, 24, has_power=True)
    manifest_of(context)
    return published("a")["versions"]


def overwrite(path: Path) -> None:
    path.chmod(0o640)
    path.write_bytes(path.read_bytes() + b" ")


def test_untouched_files_are_what_was_recorded(listed: list[dict[str, Any]]) -> None:
    assert changed_files(listed) == []
    refuse_changed_files([])


def test_a_path_can_be_opened_wherever_the_lake_lies(
    listed: list[dict[str, Any]], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Path(listed[0]["path"]) == home / "lake" / listed[0]["relative_path"]
    (home / "lake").rename(home / "mounted elsewhere")
    monkeypatch.setenv("EMIS_LAKE", str(home / "mounted elsewhere"))
    (moved,) = published("a")["versions"]
    assert moved["relative_path"] == listed[0]["relative_path"]
    assert Path(moved["path"]).is_file()
    assert changed_files([moved]) == []


@pytest.mark.parametrize("where", ["history", "published"])
def test_a_version_and_its_published_copy_are_each_seen_to_change(listed: list[dict[str, Any]], where: str) -> None:
    stable = f"published/a/emission_hourly/day={DAY}/emission_hourly.parquet"
    changed = listed[0]["relative_path"] if where == "history" else stable
    overwrite(Path(settings().lake, changed))
    found = changed_files(listed)
    assert found == [{"path": changed, "problem": "is not what was recorded"}]
    with pytest.raises(ChangedFileError, match=f"{changed} is not what was recorded; restore") as refusal:
        refuse_changed_files(found)
    assert refusal.value.exit_status == 3


@pytest.mark.parametrize("name", ["grid/grid.json", "grid/grid.parquet", "registry/enterprise.parquet"])
def test_the_grid_and_the_registry_for_readers_are_checked_too(listed: list[dict[str, Any]], name: str) -> None:
    overwrite(Path(settings().lake, f"published/a/{name}"))
    assert changed_files(listed) == [{"path": f"published/a/{name}", "problem": "is not what was recorded"}]


def test_a_grid_that_a_later_day_has_replaced_is_what_was_recorded(
    listed: list[dict[str, Any]], context: Context
) -> None:
    earlier = context.store.read_document(f"manifest/day={DAY}.json", tree="published") or b""
    manifest_of(replace(context, region=replace(context.region, name_en="renamed")))
    context.store.write_document("manifest/day=2015-01-01.json", earlier, tree="published")
    assert changed_files(listed) == []


def test_a_missing_file_and_a_damaged_manifest_are_named(listed: list[dict[str, Any]]) -> None:
    Path(settings().lake, listed[0]["relative_path"]).unlink()
    overwrite(manifest := Path(settings().lake, f"published/a/manifest/day={DAY}.json"))
    manifest.write_text("{")
    assert changed_files(listed) == [
        {"path": f"published/a/manifest/day={DAY}.json", "problem": "is damaged"},
        {"path": listed[0]["relative_path"], "problem": "is missing"},
    ]


def test_the_command_lists_and_then_refuses(
    listed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for change, status in ((lambda: None, 0), (lambda: overwrite(Path(listed[0]["path"])), 3)):
        change()
        monkeypatch.setattr(sys, "argv", ["emis", "published", "--verify", "--json"])
        with pytest.raises(SystemExit, match=f"^{status}$"):
            main()
        printed = capsys.readouterr()
        assert len(json.loads(printed.out)["changed_files"]) == bool(status)
        assert printed.err.count("\n") == bool(status)
