"""Log files that a retention policy allows to delete, and what killed processes left behind.

Belongs here: finding them below EMIS_HOME, in the lake and in TMPDIR. Does not: deleting them (prune).
"""

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bigdata_emis.storage.temporary_files import FOLDER_PREFIX, LAKE_FOLDER_PREFIX, SUFFIX, is_leftover
from bigdata_emis.upkeep.pruning.removal import Removal, RemovalKind

LOG_FOLDER = "log"
TASK_LOGS = Path("airflow", "logs", "tasks")


def removable_logs(home: Path, *, limit_utc: datetime) -> Iterator[Removal]:
    """Files of EMIS_HOME/log without a line since the limit; they belong to all regions."""
    for path in sorted((home / LOG_FOLDER).glob("emis*.log*")):
        if path.is_file() and not path.is_symlink() and _changed_utc(path) <= limit_utc:
            yield _removal_of([path], RemovalKind.LOG, LOG_FOLDER, path.name, ())


def removable_task_logs(home: Path, region_id: str, *, limit_utc: datetime) -> Iterator[Removal]:
    """The logs of the runs of a region's DAGs under `make airflow`, of which no file changed since the limit."""
    is_of_region = re.compile(rf"dag_id=[a-z]+_{re.escape(region_id)}")
    for dag in sorted((home / TASK_LOGS).glob("dag_id=*")):
        if is_of_region.fullmatch(dag.name) and not dag.is_symlink():
            for run in sorted(folder for folder in dag.iterdir() if folder.is_dir() and not folder.is_symlink()):
                files = [path for path in run.rglob("*") if path.is_file() or path.is_symlink()]
                if files and all(_changed_utc(path) <= limit_utc for path in files):
                    folders = sorted((path for path in run.rglob("*") if path.is_dir()), reverse=True)
                    yield _removal_of(files, RemovalKind.LOG, dag.name, run.name, (*map(str, folders), str(run)))


def leftovers(lake_root: Path | None) -> Iterator[Removal]:
    """Temporary files and folders, in the lake and in TMPDIR, of processes of this host that no longer run."""
    folders = [(Path(tempfile.gettempdir()), f"{FOLDER_PREFIX}*")]
    folders += [(lake_root, f"{LAKE_FOLDER_PREFIX}*")] if lake_root else []
    found = [path for root, pattern in folders for path in sorted(root.glob(pattern)) if path.is_dir()]
    found += sorted(lake_root.rglob(f"*.{SUFFIX}")) if lake_root else []
    for path in found:
        if is_leftover(path) and not path.is_symlink() and path.lstat().st_uid == os.geteuid():
            files = [inner for inner in path.rglob("*") if not inner.is_dir()] if path.is_dir() else [path]
            inside = sorted((inner for inner in path.rglob("*") if inner.is_dir()), reverse=True)
            own = (*map(str, inside), str(path)) if path.is_dir() else ()
            yield _removal_of(files, RemovalKind.LEFTOVER, str(path.parent), path.name, own)


def _removal_of(files: list[Path], kind: RemovalKind, name: str, detail: str, folders: tuple[str, ...]) -> Removal:
    size = sum(path.lstat().st_size for path in files if path.exists())
    day = max((_changed_utc(path) for path in files if path.exists()), default=datetime.now(UTC))
    return Removal(kind, name, day.date().isoformat(), detail, size, tuple(map(str, files)), folders)


def _changed_utc(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
