"""Files of scenarios that were changed or lost are noticed before a decision rests on them."""

from pathlib import Path

import pytest

from bigdata_emis.errors import RefusedError
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.publish.scenarios.recorded_files import restore_stable_files, verify_draft_files
from bigdata_emis.publish.scenarios.scenario_rows import find_scenario
from bigdata_emis.region import load_region
from bigdata_emis.settings import settings
from bigdata_emis.storage.checksums import ChangedFileError
from tests.publish.scenarios.drafts import DAY, DECIDED, publish_inventory, scenario_of, write_account, write_draft

NAME = "orange-1"
TABLES = ("control_hourly", "control_ledger", "control_account")


@pytest.fixture(autouse=True)
def draft(home: Path) -> None:
    """A draft with a table that is not published, too."""
    publish_inventory()
    write_draft(NAME)
    write_account(NAME)


def file_of(table: str, tree: str) -> Path:
    (path,) = (Path(settings().lake) / tree / "nys" / table / f"day={DAY}").rglob("*.parquet")
    return path


def spoil(path: Path, how: str) -> None:
    if how == "gone":
        path.unlink()
        return
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content if how == "one byte" else b"")


def approve() -> None:
    decide_scenario(load_region("nys"), NAME, decision="approved", actor="wang", known_utc=DECIDED)


@pytest.mark.parametrize("how", ["one byte", "empty", "gone"])
@pytest.mark.parametrize("tree", ["history", "current"])
@pytest.mark.parametrize("table", TABLES)
def test_a_draft_with_a_damaged_file_is_not_approved(table: str, tree: str, how: str) -> None:
    spoil(file_of(table, tree), how)
    with pytest.raises(RefusedError, match=f"{tree}/nys/{table}.*emis recalc"):
        approve()
    assert scenario_of(NAME)["status"] == "draft"
    assert not (Path(settings().lake) / "published" / "nys" / "scenario").exists()


def test_a_draft_whose_files_are_what_was_recorded_passes() -> None:
    verify_draft_files(load_region("nys"), find_scenario(load_region("nys"), NAME))


def test_a_rejection_needs_no_file() -> None:
    spoil(file_of("control_hourly", "history"), "gone")
    decide_scenario(load_region("nys"), NAME, decision="rejected", actor="wang", known_utc=DECIDED)
    assert scenario_of(NAME)["status"] == "rejected"


@pytest.mark.parametrize("how", ["one byte", "gone"])
def test_a_stable_file_of_a_decided_scenario_is_written_again_and_said(how: str, caplog) -> None:
    approve()
    path = file_of("control_hourly", "current")
    before = path.read_bytes()
    spoil(path, how)
    restore_stable_files(load_region("nys"), find_scenario(load_region("nys"), NAME))
    assert path.read_bytes() == before
    assert f"{path} is not what was recorded; it is written again" in caplog.text
    caplog.clear()
    restore_stable_files(load_region("nys"), find_scenario(load_region("nys"), NAME))
    assert caplog.text == ""


def test_a_damaged_file_of_the_history_is_never_written_to_a_stable_path() -> None:
    approve()
    spoil(file_of("control_account", "history"), "one byte")
    with pytest.raises(ChangedFileError, match="control_account"):
        restore_stable_files(load_region("nys"), find_scenario(load_region("nys"), NAME))
