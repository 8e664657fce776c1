"""An error that no part of the code foresaw: one line for the person, and its traceback in a log file.

Belongs here: the words of that line, and the log file. Does not: errors that say what to do, which main prints.
"""

import errno
import os
import tempfile
import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bigdata_emis.errors import EmisError, escape_unprintable, shorten
from bigdata_emis.settings import settings

LONGEST_LINE = 3000
LONGEST_CAUSE = 300
LONGEST_WORD = 400
"""A longer run of characters without a blank is no name of anything, and would hide what to do."""
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_PLACE = (errno.ENAMETOOLONG, errno.EROFS, errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
FOLDER = "log"
OWNER_ONLY_FILE, OWNER_ONLY_FOLDER = 0o600, 0o700
ENGINE_LIBRARIES = ("pyspark", "grpc", "pysail")


def one_printable_line(text: str) -> str:
    """The text as one line that a terminal shows as it is, without secrets."""
    line = escape_unprintable(" ".join(map(_short_word, _without_secrets(text).split())))
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _short_word(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}… ({len(word):,} characters)"


def describe_place(problem: BaseException) -> str:
    """That a file has no space, or a name or path leads nowhere, in one line; empty for another problem."""
    if isinstance(problem, UnicodeEncodeError) and problem.reason == "surrogates not allowed":
        return one_printable_line(f"'{shorten(problem.object)}' holds bytes that are not UTF-8; correct the name")
    if not isinstance(problem, OSError) or problem.errno not in (*NO_SPACE, *NO_PLACE):
        return ""
    where = problem.filename or "a file or the output of the command"
    remedy = "free disk space there, then run the command again" if problem.errno in NO_SPACE else "give another path"
    return one_printable_line(f"{where}: {problem.strerror}; {remedy}")


def describe_unexpected(problem: BaseException, *, now: datetime) -> str:
    """What happened, and where its traceback lies, in one line; writes the traceback."""
    return one_printable_line(f"{_cause(problem)} - {_request(_write_traceback(problem, now))}")


def _cause(problem: BaseException) -> str:
    # Secrets are removed before the line is cut: half a token is still a secret.
    kind, text = type(problem).__name__, _without_secrets(str(problem))
    first_line = (text.strip().splitlines() or [""])[0][:LONGEST_CAUSE]
    if isinstance(problem, MemoryError):
        return "out of memory: use a smaller window or region, or a machine with more memory"
    if isinstance(problem, RecursionError):
        return "a value is nested too deeply to be read (RecursionError)"
    if type(problem).__module__.partition(".")[0] in ENGINE_LIBRARIES:
        return f"the engine stopped with {kind}: {first_line}"
    if isinstance(problem, OSError) and problem.strerror:
        files = " and ".join(str(name) for name in (problem.filename, problem.filename2) if name)
        return _without_secrets(f"{files or kind}: {problem.strerror}")
    return f"unexpected {kind}: {first_line}"


def _request(log: Path | None) -> str:
    return f"please report it with {log}" if log else "please report it (its traceback could not be written to a file)"


def _write_traceback(problem: BaseException, now: datetime) -> Path | None:
    """The file with the traceback, for its owner only: in EMIS_HOME/log, else in the folder for temporary files."""
    text = _without_secrets("".join(traceback.format_exception(problem)))
    name = f"emis-{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    # A home that cannot be written: the next folder is tried, and the printed line names the file.
    with suppress(OSError, EmisError):
        folder = settings().home / FOLDER
        folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        return _write_for_owner(folder / name, text)
    try:
        return _write_for_owner(Path(tempfile.gettempdir()) / name, text)
    except OSError:
        return None


def _without_secrets(text: str) -> str:
    """The text without passwords, tokens, and variables that a feed names or whose names say that they are secret."""
    from bigdata_emis.run.secret_text import secret_names, without_secrets
    from bigdata_emis.upkeep.region_list import list_regions

    try:
        regions = [listed.region for listed in list_regions(settings()) if listed.region]
    except (OSError, EmisError):
        regions = []  # the folders cannot be listed: what the environment says is secret is removed all the same
    return without_secrets(text, secret_names(regions))


def _write_for_owner(path: Path, text: str) -> Path:
    """Write a new file; an existing one, or a link at its place, is never followed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(text)
    return path
