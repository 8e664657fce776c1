"""An approval killed at any change it makes and given again leaves what one approval leaves."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.storage import database
from tests.publish.scenarios.drafts import hours as hours_of_day
from tests.publish.scenarios.drafts import open_case, publish_inventory, write_draft

KILLS = int(os.environ.get("EMIS_TEST_KILLS", "3"))
COMMAND = Path(__file__).with_name("killed_command.py")
LONGEST_S = 240
APPROVAL = ["approve", "--region", "nys", "--scenario", "newer", "--by", "wang"]
TIMES = {"decided_utc", "known_utc"}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def run(home: Path, *words: str, kill_at: int = 0, when: str = "before", changes: Path | None = None) -> int:
    """The exit status of a command in a home; negative where it was killed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EMIS_")}
    own = {"EMIS_HOME": str(home), "EMIS_TEST_KILL_AT": str(kill_at), "EMIS_TEST_KILL_WHEN": when}
    asked = {"EMIS_TEST_CHANGES": str(changes)} if changes else {}
    done = subprocess.run(
        [sys.executable, str(COMMAND), *words],
        env={**inherited, **own, **asked},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


def state(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the registry and the published files say, without times, and without an act that says "again"."""
    monkeypatch.setenv("EMIS_HOME", str(home))
    tables = {
        name: [{key: value for key, value in row.items() if key not in TIMES} for row in rows]
        for name in ("scenario", "published_version", "compliance_case", "audit")
        for rows in [database.read(name, "nys").to_pylist()]
    }
    acts = [(act["actor"], act["event"], act["note"]) for act in tables.pop("audit") if "again" not in act["event"]]
    root = home / "lake" / "published" / "nys"
    paths = [Path(folder) / name for folder, _, names in os.walk(root, followlinks=True) for name in names]
    stable = [path for path in paths if ".sets" not in path.relative_to(root).parts]
    files = {str(path.relative_to(root)): describe(path) for path in stable}
    return {**tables, "acts": acts, "files": files}


def describe(path: Path) -> Any:
    """The checksum of a table; a document without the time of the approval."""
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"), object_pairs_hook=without_time)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def without_time(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if name != "approved_utc"}


@pytest.fixture
def base(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an order in force that has a case, and a draft that takes over at noon."""
    publish_inventory()
    write_draft("older")
    write_draft("newer", window=hours_of_day(12, 24))
    assert run(home, "approve", "--region", "nys", "--scenario", "older", "--by", "wang") == 0
    open_case("older", hours_of_day(13, 15))
    return Path(shutil.copytree(home, tmp_path_factory.mktemp("decision") / "base", symlinks=True))


def test_an_approval_killed_at_any_change_and_given_again_leaves_what_one_leaves(base, monkeypatch):
    folder = base.parent
    changes, once = folder / "changes.txt", Path(shutil.copytree(base, folder / "once", symlinks=True))
    assert run(once, *APPROVAL, changes=changes) == 0
    expected = state(once, monkeypatch)
    assert [row["case_status_code"] for row in expected["compliance_case"]] == ["superseded"]
    count = len(changes.read_text("utf-8").splitlines())
    for at in random.Random(KILLS).sample(range(1, count + 1), min(KILLS, count)):
        killed = Path(shutil.copytree(base, folder / f"killed-{at}", symlinks=True))
        when = "after" if at % 2 else "before"
        assert run(killed, *APPROVAL, kill_at=at, when=when) == -signal.SIGKILL
        assert run(killed, *APPROVAL) == 0
        assert state(killed, monkeypatch) == expected, f"killed {when} change {at} of {count}"
        shutil.rmtree(killed)
