"""The state of the machine: engine, disk, permissions, leftovers and errors that nobody foresaw.

Belongs here: what does not depend on any region. Does not: registry and lake (storage_health).
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bigdata_emis.engine import spark_session
from bigdata_emis.settings import REGISTRY_FILE, Settings
from bigdata_emis.storage.files import Files
from bigdata_emis.upkeep.health.health_finding import HealthFinding, HealthLevel
from bigdata_emis.upkeep.pruning.removable_logs import LOG_FOLDER, leftovers

WARN_FREE_SHARE, FAIL_FREE_SHARE = 0.10, 0.01
GROUP_AND_OTHERS, OTHERS = 0o077, 0o007
SECRET_FILES = ("secrets.json", "passwords.json", "emis.env", "services.log")
RECENT = timedelta(days=1)


def check_engine(where: Settings) -> Iterator[HealthFinding]:
    """Whether the engine starts and answers. Raises EngineError when it does not."""
    name = where.engine.partition("/;")[0]  # its parameters may hold a token
    answer = spark_session.session().sql("SELECT 41 + 1 AS answer").toArrow()["answer"].to_pylist()
    is_right = answer == [42]
    level = HealthLevel.OK if is_right else HealthLevel.FAIL
    yield HealthFinding("engine", level, f"{name} answers" if is_right else f"{name} says that 41 + 1 is {answer}")


def check_disk(where: Settings) -> Iterator[HealthFinding]:
    """Free space and free file numbers of every disk that is written: EMIS_HOME, a local lake, and TMPDIR."""
    folders = [where.home, *_local_lake(where), Path(tempfile.gettempdir())]
    seen: set[int] = set()
    for folder in filter(Path.exists, folders):
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _describe_disk(folder)


def _describe_disk(folder: Path) -> HealthFinding:
    usage, inodes = shutil.disk_usage(folder), os.statvfs(folder)
    shares = [usage.free / usage.total, inodes.f_favail / inodes.f_files if inodes.f_files else 1.0]
    what = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.1f} GB free, {shares[1]:.0%} of the file numbers"
    remedy = "" if min(shares) >= WARN_FREE_SHARE else "free space; `emis prune` deletes what [retention] allows"
    return HealthFinding("disk", _level_of_share(min(shares)), what, remedy, subject=str(folder))


def _level_of_share(free_share: float) -> HealthLevel:
    if free_share < FAIL_FREE_SHARE:
        return HealthLevel.FAIL
    return HealthLevel.WARN if free_share < WARN_FREE_SHARE else HealthLevel.OK


def check_permissions(where: Settings) -> Iterator[HealthFinding]:
    """Whether EMIS_HOME can be written, secrets are private, data are hidden from others, and all has one owner."""
    found = [*_unwritable(where.home), *_open_secrets(where.home), *_open_data(where), *_foreign_files(where)]
    yield from found
    if not found:
        yield HealthFinding(
            "permissions", HealthLevel.OK, "private, and writable by this user", subject=str(where.home)
        )


def _unwritable(home: Path) -> Iterator[HealthFinding]:
    if not os.access(home, os.W_OK | os.X_OK):
        remedy = "let the user of emis own EMIS_HOME"
        yield HealthFinding("permissions", HealthLevel.FAIL, "this user cannot write it", remedy, subject=str(home))


def _open_secrets(home: Path) -> Iterator[HealthFinding]:
    for path in (home / "airflow" / name for name in SECRET_FILES):
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & GROUP_AND_OTHERS:
            remedy = f"chmod 600 {path}, and change what is in it"
            what = "holds secrets, and others than its owner can read it"
            yield HealthFinding("permissions", HealthLevel.FAIL, what, remedy, subject=str(path))


def _open_data(where: Settings) -> Iterator[HealthFinding]:
    for path in (*_local_lake(where), where.home / REGISTRY_FILE, where.home / LOG_FOLDER):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & OTHERS:
            what = "every user of this machine can read it"
            yield HealthFinding("permissions", HealthLevel.WARN, what, f"chmod o-rwx {path}", subject=str(path))


def _foreign_files(where: Settings) -> Iterator[HealthFinding]:
    """Entries near the top of EMIS_HOME and the lake that another user owns, as after one command run as root."""
    if where.home.exists():
        owner = where.home.stat().st_uid
        entries = [entry for root in (where.home, *_local_lake(where)) if root.is_dir() for entry in root.iterdir()]
        foreign = sorted({str(entry) for entry in entries if entry.lstat().st_uid != owner})
        if foreign:
            what = f"{len(foreign)} entries belong to another user than EMIS_HOME, for instance {foreign[0]}"
            remedy = "chown them to the user of emis, and run emis as that user only"
            yield HealthFinding("permissions", HealthLevel.WARN, what, remedy, subject=str(where.home))


def check_leftovers(where: Settings) -> Iterator[HealthFinding]:
    """Temporary files of processes that were killed."""
    found = list(leftovers(next(iter(_local_lake(where)), None)))
    if not found:
        yield HealthFinding("leftovers", HealthLevel.OK, "none")
        return
    size = sum(removal.byte_count for removal in found)
    yield HealthFinding("leftovers", HealthLevel.WARN, f"{len(found)}, {size / 1e6:.1f} MB", "run `emis prune`")


def check_errors(where: Settings, now_utc: datetime) -> Iterator[HealthFinding]:
    """Tracebacks that were written to EMIS_HOME/log during the last day."""
    files = [path for path in (where.home / LOG_FOLDER).glob("emis-*.log") if path.is_file()]
    recent = [p for p in files if datetime.fromtimestamp(p.stat().st_mtime, UTC) > now_utc - RECENT]
    if not recent:
        yield HealthFinding("errors", HealthLevel.OK, "none within a day")
        return
    newest = max(recent, key=lambda path: path.stat().st_mtime)
    what = f"{len(recent)} within a day, the last one in {newest}"
    yield HealthFinding("errors", HealthLevel.WARN, what, "report it with this file")


def _local_lake(where: Settings) -> list[Path]:
    """The root of the lake, when it is on a disk and was begun."""
    files = Files(where.lake)
    return [Path(files.base)] if files.is_local and Path(files.base).is_dir() else []
