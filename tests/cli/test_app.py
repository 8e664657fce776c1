"""The command: one line for a refusal, its exit status, and JSON that is only JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = "from bigdata_emis.cli import main; main()"


def emis(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", MAIN, *words],
        env={"EMIS_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )


REFUSED = {
    "unknown region": (["day", "--region", "atlantis", "--date", "2019-01-01"], "region 'atlantis' is unknown"),
    "what an unknown region published": (["published", "--region", "nowhere"], "region 'nowhere' is unknown"),
    "region outside the folders": (["day", "--region", "../nys", "--date", "2019-01-01"], "is not a name"),
    "unknown stage": (
        ["run", "polish", "--region", "nys", "--from", "2019-01-01", "--to", "2019-01-02"],
        "stage 'polish' is unknown",
    ),
    "window backwards": (
        ["run", "grid", "--region", "nys", "--from", "2019-01-02", "--to", "2019-01-01"],
        "before it starts",
    ),
    "no date": (["day", "--region", "nys", "--date", "today"], "'today' is not a date"),
    "unknown task": (["validate", "oracle", "--data", "."], "oracle"),
    "missing data": (["validate", "nys", "--data", "no_such_folder"], "no_such_folder"),
}


@pytest.mark.parametrize(("words", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_bad_input_is_one_line_and_exit_status_2(words: list[str], says: str, tmp_path: Path) -> None:
    done = emis(tmp_path, *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_published_is_an_empty_list(tmp_path: Path) -> None:
    done = emis(tmp_path, "published", "--json")
    assert json.loads(done.stdout) == {"versions": []}
