"""The log file: UTC, one line an event, the run, no secrets, for its owner only, rotated when it is large."""

import errno
import io
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.run.run_record import CURRENT_RUN
from bigdata_emis.upkeep import log_file
from bigdata_emis.upkeep.log_file import rotate, start_logging, stop_logging

log = logging.getLogger("bigdata_emis.somewhere")

Start = Callable[..., None]


@pytest.fixture
def start() -> Iterator[Start]:
    """Begin to log, until the test ends."""
    begun: list[logging.Handler] = []

    def begin(path: Path | None, *, is_verbose: bool = False) -> None:
        begun.extend(start_logging(path, redact=lambda text: text.replace("hush", "…"), is_verbose=is_verbose))

    yield begin
    stop_logging(begun)
    logging.getLogger("bigdata_emis").setLevel(logging.NOTSET)


def test_a_line_has_instant_level_run_and_message_without_secrets(tmp_path: Path, start: Start) -> None:
    start(tmp_path / "deep" / "emis.log")
    token = CURRENT_RUN.set("run-1/combine")
    log.info("asked with %s\nand\x1b[31m more", "hush")
    CURRENT_RUN.reset(token)
    log.info("after it")
    lines = (tmp_path / "deep" / "emis.log").read_text("utf-8").splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO bigdata_emis\.somewhere"
        r" \[run-1/combine\] asked with … and\\x1b\[31m more",
        lines[0],
    )
    assert lines[1].endswith("[-] after it")


def test_a_traceback_is_indented_and_has_no_secrets(tmp_path: Path, start: Start) -> None:
    start(tmp_path / "emis.log")
    try:
        raise ValueError("hush")
    except ValueError:
        log.exception("it broke")
    lines = (tmp_path / "emis.log").read_text("utf-8").splitlines()
    assert len(lines) > 2
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[-1] == "    ValueError: …"


def test_only_the_owner_can_read_it_whatever_the_mode_was(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "emis.log"
    path.write_text("before\n", "utf-8")
    path.chmod(0o644)
    start(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text("utf-8") == "before\n"


def test_a_link_is_not_followed(tmp_path: Path, start: Start) -> None:
    (tmp_path / "precious").write_text("x", "utf-8")
    (tmp_path / "emis.log").symlink_to(tmp_path / "precious")
    with pytest.raises(InputError, match=r"emis\.log cannot be written"):
        start(tmp_path / "emis.log")
    assert (tmp_path / "precious").read_text("utf-8") == "x"


def test_a_folder_or_a_file_as_its_folder_is_refused_in_one_line(tmp_path: Path, start: Start) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    for path in (tmp_path, tmp_path / "file" / "emis.log"):
        with pytest.raises(InputError, match="cannot be written"):
            start(path)


def test_a_device_is_refused_and_keeps_its_mode(start: Start) -> None:
    before = Path("/dev/null").stat().st_mode
    with pytest.raises(InputError, match="it is no file"):
        start(Path("/dev/null"))
    assert Path("/dev/null").stat().st_mode == before


class FullDisk(io.StringIO):
    """A file on a disk without space."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_any_more_is_said_once(
    tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    start(tmp_path / "emis.log")
    handler = next(h for h in logging.getLogger().handlers if isinstance(h, log_file.LogFileHandler))
    handler.setStream(FullDisk())
    log.info("one")
    log.info("two")
    assert capsys.readouterr().err.count("cannot be written: No space left on device; the work goes on") == 1


def test_a_large_log_is_rotated_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST_BYTES", 3)
    monkeypatch.setattr(log_file, "ROTATED_FILES", 2)
    path = tmp_path / "emis.log"
    for content in ("one", "two", "three"):
        path.write_text(content, "utf-8")
        rotate(path)
    names = {p.name: p.read_text("utf-8") for p in tmp_path.iterdir()}
    assert names == {"emis.log.1": "three", "emis.log.2": "two"}
    path.write_text("4", "utf-8")
    rotate(path)
    assert path.read_text("utf-8") == "4", "a small log stays"


def test_stderr_has_warnings_and_when_verbose_what_happens(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    start(None)
    log.info("began")
    log.warning("waiting")
    assert capsys.readouterr().err == "waiting\n"
    start(None, is_verbose=True)
    log.info("began")
    logging.getLogger(log_file.COMMAND).info("emis day")
    assert capsys.readouterr().err == "began\n"
