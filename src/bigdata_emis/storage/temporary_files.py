"""Names of files and folders that a process uses for a while, and the removal of those that a killed process left.

Belongs here: the tag of a process, whether that process still runs, and temporary folders. Does not: what the files
contain (lake, scenario_lake).
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import gethostname

from bigdata_emis.errors import EmisError, InputError

SUFFIX = "part"
FOLDER_PREFIX, LAKE_FOLDER_PREFIX = "emis-", ".scenario-"
NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
STORAGE_REMEDY = "check the path in EMIS_LAKE or EMIS_HOME, its permissions and the free disk space"
TMPDIR_REMEDY = "free disk space there, or set TMPDIR to a folder that has some"
ENDED = ("Z", "X")
START_FIELD = 19
"""Of /proc/PID/stat after the name of the program: ticks from the start of the machine to that of the process."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def process_tag(process_id: int | None = None) -> str:
    """Host and number of a process, by default this one; hosts that share a lake have processes of the same number."""
    return f"{gethostname()}-{process_id or os.getpid()}"


def lasting_process_tag() -> str:
    """The tag of this process with its start, so that no later process of the same number is taken for it.

    Numbers begin anew when the machine or a container starts. A system without /proc does not say when a process began.
    """
    start = _state_and_start(os.getpid())[1]
    return f"{process_tag()}@{start}" if start else process_tag()


def is_stale(tag: str) -> bool:
    """Whether a process tag belongs to a process of this host that no longer runs; other hosts cannot be asked.

    A process that has ended counts as such also while its parent has not asked for its status.
    """
    host, _, process = tag.rpartition("-")
    number, _, start = process.partition("@")
    if host != gethostname() or not number.isdecimal():
        return False
    state, own_start = _state_and_start(int(number))
    return state in ENDED or bool(start and own_start and start != own_start) or not _is_running(int(number))


def temporary_path(target: Path) -> Path:
    """The path at which this process writes a file before renaming it to `target`.

    The name begins with a dot, so that a program which reads a whole folder as one table passes over it. Files that
    killed processes left in the same folder are deleted first.
    """
    for leftover in target.parent.glob(f"*.{SUFFIX}"):
        if is_leftover(leftover):
            leftover.unlink(missing_ok=True)
    return target.with_name(f".{target.name}.{process_tag()}.{SUFFIX}")


def write_whole(target: Path, content: bytes) -> None:
    """Write a file that a person asked for, complete or not at all.

    Raises:
        InputError: its folder does not exist or cannot be written.
    """
    part = temporary_path(target)
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise InputError(f"{target}: {problem.strerror}", "give a file in a folder that can be written") from None


def is_leftover(path: Path) -> bool:
    """Whether a temporary file or folder belongs to a process of this host that no longer runs."""
    if path.name.endswith(f".{SUFFIX}"):
        tagged = path.name.removesuffix(f".{SUFFIX}")
        host = f".{gethostname()}-"
        return host in tagged and is_stale(gethostname() + "-" + tagged.rpartition(host)[2])
    for prefix in (LAKE_FOLDER_PREFIX, FOLDER_PREFIX):
        if path.name.startswith(prefix):
            return is_stale(path.name.removeprefix(prefix).rpartition("-")[0])
    return False


@contextmanager
def temporary_folder(prefix: str = FOLDER_PREFIX, *, base: str | None = None) -> Iterator[Path]:
    """A folder for the time of the block, by default in TMPDIR; folders that killed processes left there are deleted.

    Raises InputError when it cannot be created, or when the block fails because the file system is full.
    """
    root = Path(base or tempfile.gettempdir())
    remedy = STORAGE_REMEDY if base else TMPDIR_REMEDY
    clear_folders(root, prefix)
    try:
        folder = tempfile.TemporaryDirectory(prefix=f"{prefix}{process_tag()}-", dir=root)
    except OSError as problem:
        raise InputError(f"{root}: {problem.strerror or problem}", remedy) from None
    with folder as path:
        try:
            yield Path(path)
        except Exception as problem:
            if reason := _reason_of_full_disk(problem):
                raise InputError(f"{root}: {reason}", remedy) from None
            raise


def clear_folders(root: Path, prefix: str) -> int:
    """Delete the temporary folders that killed processes left; returns how many."""
    count = 0
    with suppress(OSError):
        for folder in root.glob(f"{prefix}*"):
            if folder.is_dir() and not folder.is_symlink() and is_leftover(folder):
                shutil.rmtree(folder, ignore_errors=True)
                count += 1
    return count


def clear_leftovers(lake_root: Path) -> int:
    """Delete what killed processes of this host left anywhere in a local lake and in TMPDIR; returns how many."""
    count = clear_folders(Path(tempfile.gettempdir()), FOLDER_PREFIX) + clear_folders(lake_root, LAKE_FOLDER_PREFIX)
    for leftover in lake_root.rglob(f"*.{SUFFIX}"):
        if is_leftover(leftover):
            leftover.unlink(missing_ok=True)
            count += 1
    return count


def _reason_of_full_disk(problem: Exception) -> str:
    """That the disk is full, in the words of the system; the engine says so in the text of an error of its own."""
    if isinstance(problem, EmisError):
        return ""
    if isinstance(problem, OSError):
        return os.strerror(problem.errno) if problem.errno in FULL else ""
    found = NO_SPACE.search(str(problem))
    return found.group() if found else ""


def _state_and_start(process_id: int) -> tuple[str, str]:
    """State of a process, and when it began: the start of the machine, and ticks since; both empty without /proc."""
    try:
        # The name of the program is in brackets and may contain anything.
        fields = Path(f"/proc/{process_id}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
    except OSError:
        return "", ""
    return fields[0], f"{boot[:8]}.{fields[START_FIELD]}"


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
