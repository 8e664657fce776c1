"""The command: one line for a refusal, its exit status, and JSON that is only JSON."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bigdata_emis.cli.app import app, main

Call = Callable[..., tuple[int, str, str]]
MAIN = "from bigdata_emis.cli import main; main()"


def emis(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", MAIN, *words],
        env={"EMIS_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def call(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The command in this process: its status, what it printed, and its line on stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["emis", *words])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        return status, *capsys.readouterr()

    return run


def test_every_command_says_what_it_does_in_its_first_line() -> None:
    commands = {command.callback.__name__: command.callback.__doc__ for command in app.registered_commands}
    assert set(commands) >= {"run", "day", "recalc", "approve", "report", "published", "models", "demo"}
    assert all((text or "").splitlines()[0].endswith((".", "partial.")) for text in commands.values())


def test_starting_the_command_loads_no_slow_library(tmp_path: Path) -> None:
    """Each takes from a quarter of a second to several: a recalculation takes less than one in all."""
    script = "import sys, bigdata_emis.cli.app; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    slow = {
        "pandas",
        "scipy",
        "sklearn",
        "lightgbm",
        "pyspark",
        "pyarrow",
        "sqlalchemy",
        "great_expectations",
        "airflow",
    }
    assert slow & set(loaded.stdout.split()) == set()


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
    "region of 300 letters": (["day", "--region", "x" * 300, "--date", "2019-01-01"], "expected at most 60 letters"),
    "day of another era": (["day", "--region", "nys", "--date", "9999-12-31"], "is not in the years 1970 to 2200"),
    "measures that never end": (
        [
            *[
                "recalc",
                "--region",
                "nys",
                "--level",
                "red",
                "--from",
                "2019-07-20",
                "--to",
                "2019-07-21",
                "--measures",
            ],
            "/dev/zero",
        ],
        "/dev/zero is not a file",
    ),
    "years of another era": (["validate", "nys", "--fit", "1017,2018"], "is not a list of years from 1970 to 2200"),
    "years in words": (["validate", "nys", "--score", "２０１７"], "is not a list of years"),
    "no date": (["day", "--region", "nys", "--date", "today"], "'today' is not a date"),
    "unknown task": (["validate", "oracle", "--data", "."], "oracle"),
    "missing data": (["validate", "nys", "--data", "no_such_folder"], "no_such_folder"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_bad_input_is_one_line_and_exit_status_2(words: list[str], message: str, call: Call) -> None:
    status, out, line = call(*words)
    assert status == 2
    assert message in line
    assert out == ""
    assert len(line.strip().splitlines()) == 1


def test_a_process_ends_with_the_status_and_the_line_of_its_refusal(tmp_path: Path) -> None:
    words, message = REFUSED["unknown region"]
    done = emis(tmp_path, *words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert message in done.stderr


def test_nothing_published_is_an_empty_list(call: Call) -> None:
    assert json.loads(call("published", "--json")[1]) == {"versions": []}


def test_nothing_published_is_said_in_a_line(call: Call) -> None:
    assert call("published")[1].startswith("no published version: ")


def test_an_error_nobody_foresaw_is_one_line_with_the_file_of_its_traceback(tmp_path: Path) -> None:
    script = (
        "from bigdata_emis.cli.app import app, main\n"
        "@app.command()\n"
        "def fail() -> None:\n"
        "    raise ZeroDivisionError('of nothing')\n"
        "main()"
    )
    environment = {"EMIS_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    words = [sys.executable, "-c", script, "fail"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("emis: unexpected ZeroDivisionError: of nothing - please report it with ")
    assert "Traceback" in Path(done.stderr.split()[-1]).read_text("utf-8")


def test_a_window_of_hours_is_said_to_be_widened_to_whole_days(tmp_path: Path) -> None:
    done = emis(tmp_path, *["run", "register", "--region", "nys", "--from", "2019-07-20T05", "--to", "2019-07-20T06"])
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "emis: a stage runs over whole local days: from 2019-07-20T00:00 to 2019-07-21T00:00 in Etc/GMT+5\n"
    )


def test_a_command_that_ends_does_not_look_through_its_libraries_for_garbage(tmp_path: Path) -> None:
    script = f"import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0)); {MAIN}"
    ended = subprocess.run([sys.executable, "-c", script, "--help"], capture_output=True, text=True, timeout=60)
    assert ended.stdout.splitlines()[-1] == "True"
