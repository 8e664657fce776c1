"""An error nobody foresaw: one printable line, and its traceback in a file that only its owner reads."""

import errno
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.cli.unexpected_errors import describe_place, describe_unexpected, one_printable_line

NOW = datetime(2015, 12, 20, 8, tzinfo=UTC)


def raised(problem: BaseException) -> BaseException:
    try:
        raise problem
    except type(problem) as caught:
        return caught


def log_of(line: str) -> Path:
    found = re.search(r"please report it with (\S+)$", line)
    assert found, line
    return Path(found[1])


def test_the_traceback_lies_in_the_home_for_its_owner_only(home: Path) -> None:
    line = describe_unexpected(raised(ZeroDivisionError("division by zero\nof a share")), now=NOW)
    log = log_of(line)
    assert line.startswith("unexpected ZeroDivisionError: division by zero - please report it with ")
    assert (log.parent, log.name[:21]) == (home / "log", "emis-20151220T080000-")
    assert (log.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "ZeroDivisionError: division by zero" in log.read_text("utf-8")


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/lake/x"), "/lake/x: No space left on device; free disk"),
        (OSError(errno.ENOSPC, "No space left on device"), "a file or the output of the command: No space left on"),
        (OSError(errno.EFBIG, "File too large", "/lake/x"), "/lake/x: File too large; free disk space"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 900), f"{'x' * 400}… (901 characters) File name too"),
        (OSError(errno.EROFS, "Read-only file system", "/lake/x"), "/lake/x: Read-only file system; give another path"),
        (UnicodeEncodeError("utf-8", "a\udced", 1, 2, "surrogates not allowed"), "'a\\udced' holds bytes that are not"),
        (UnicodeEncodeError("ascii", "\u00e9", 0, 1, "ordinal not in range(128)"), ""),
        (OSError(errno.EACCES, "Permission denied", "/lake/x"), ""),
        (ValueError("no space"), ""),
    ],
)
def test_a_place_that_cannot_be_used_is_no_error_to_report(home: Path, problem: BaseException, line: str) -> None:
    assert describe_place(problem).startswith(line)
    assert bool(describe_place(problem)) == bool(line)


def test_a_secret_does_not_reach_the_traceback(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_FEED_TOKEN", "hush-hush-1234")
    problem = raised(ValueError("http://user:pass-word@host/feed?q=hush-hush-1234"))
    text = log_of(describe_unexpected(problem, now=NOW)).read_text("utf-8")
    assert "ValueError" in text
    assert "hush-hush-1234" not in text
    assert "pass-word" not in text


def test_a_secret_is_not_printed_whole_or_cut(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_FEED_TOKEN", "hush-hush-1234")
    padding = "x" * 290
    for problem in (
        ValueError("http://user:pass-word@host/feed?q=hush-hush-1234"),
        ValueError(f"{padding} hush-hush-1234"),
        OSError(2, "No such file or directory", "/feeds/hush-hush-1234.csv"),
    ):
        line = describe_unexpected(raised(problem), now=NOW)
        assert "hush" not in line
        assert "pass-word" not in line


def test_without_a_writable_home_the_traceback_lies_among_temporary_files(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "log").write_text("a file where the folder should be")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    assert log_of(describe_unexpected(raised(ValueError("x")), now=NOW)).parent == elsewhere


def test_without_any_writable_folder_the_line_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "log").write_text("a file where the folder should be")
    monkeypatch.setattr("tempfile.tempdir", str(home / "log"))
    line = describe_unexpected(raised(ValueError("x")), now=NOW)
    assert line.endswith("please report it (its traceback could not be written to a file)")


def test_a_link_at_the_place_of_the_log_is_not_followed(home: Path) -> None:
    first = log_of(describe_unexpected(raised(ValueError("x")), now=NOW))
    victim = home / "victim"
    victim.write_text("")
    first.unlink()
    first.symlink_to(victim)
    describe_unexpected(raised(ValueError("x")), now=NOW)
    assert victim.read_text() == ""


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (MemoryError(), "out of memory: use a smaller window or region"),
        (RecursionError("maximum depth"), "a value is nested too deeply to be read"),
        (OSError(28, "No space left on device", "/lake/a.parquet"), "/lake/a.parquet: No space left on device"),
        (OSError(18, "Invalid cross-device link", "/a", None, "/b"), "/a and /b: Invalid cross-device link"),
        (
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
            "unexpected UnicodeDecodeError: 'utf-8' codec",
        ),
        (KeyError("\x1b[31m" + "x" * 9000), "unexpected KeyError: '"),
    ],
    ids=["memory", "depth", "disk", "link", "encoding", "long and coloured"],
)
def test_the_cause_is_in_words_short_and_printable(home: Path, problem: BaseException, words: str) -> None:
    line = describe_unexpected(raised(problem), now=NOW)
    assert line.startswith(words)
    assert line.isprintable()
    assert len(line) < 700


def test_an_error_of_the_engine_is_named_as_such(home: Path) -> None:
    from pyspark.errors import PySparkException

    line = describe_unexpected(raised(PySparkException("Overflow\nat line 3")), now=NOW)
    assert line.startswith("the engine stopped with PySparkException: Overflow - please report it with ")


def test_a_line_is_shortened_and_its_control_characters_are_escaped() -> None:
    assert one_printable_line("a\n b\x07") == "a b\\x07"
    assert len(one_printable_line("xy " * 70_000)) == 3001
    assert one_printable_line(f"level {'x' * 70_000} is unknown").endswith("x… (70,000 characters) is unknown")
