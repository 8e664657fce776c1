"""The check of published files: is each one still what was recorded when it was published?

Belongs here: versions in the history, and what lies at the stable paths now. Does not: the checks before publishing
(gate/).
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bigdata_emis.settings import settings
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.layout import PUBLISHED, Layout

MANIFESTS = ("manifest", "scenario")
FILE_LISTS = ("files", "day_files", "region_files")
"""The first two change only with their manifest. The grid and the registry extract are shared by all days of a region:
at their stable paths lie those of the day that was published last."""
DAY_MANIFEST = re.compile(r"/day=([0-9-]+)\.json$")
SHOWN = 3
REMEDY = (
    "restore the files from a backup, or run the day again and publish it: the same rows give the same files (--json"
    " lists all)"
)


def changed_files(
    versions: Iterable[Mapping[str, Any]], *, days: Collection[str] | None = None
) -> list[dict[str, str]]:
    """Every file of these versions, and of the manifests of their regions, that is missing or not what was recorded.

    A file that several manifests record may be what any of them recorded.

    versions: rows of `emis published`. days: only the manifests of these days, and those of scenarios.
    """
    files, rows = Files(settings().lake), list(versions)
    expected: dict[str, set[str]] = {}
    for row in rows:
        if not row.get("pruned_utc"):
            expected.setdefault(row["relative_path"], set()).add(row["sha256"])
    changed: list[dict[str, str]] = []
    for region_id in sorted({row["region"] for row in rows}):
        for path in _manifests(files, region_id, days):
            entries = _entries_of_manifest(files, path)
            if entries is None:
                changed.append({"path": Layout(files.base, region_id).relative(path), "problem": "is damaged"})
            for recorded, sha256 in (entries or {}).items():
                expected.setdefault(recorded, set()).add(sha256)
    problems = ((path, _problem(files, f"{files.base}/{path}", sums)) for path, sums in sorted(expected.items()))
    return changed + [{"path": path, "problem": problem} for path, problem in problems if problem]


def refuse_changed_files(changed: list[dict[str, str]]) -> None:
    """Raise ChangedFileError, which names the first files, when there are any."""
    if changed:
        shown = ", ".join(f"{file['path']} {file['problem']}" for file in changed[:SHOWN])
        more = f" (and {len(changed) - SHOWN} more)" if len(changed) > SHOWN else ""
        raise ChangedFileError(f"lake {settings().lake}: {shown}{more}", REMEDY)


def _manifests(files: Files, region_id: str, days: Collection[str] | None) -> list[str]:
    folders = (f"{files.base}/{PUBLISHED}/{region_id}/{name}" for name in MANIFESTS)
    paths = [path for folder in folders for path in files.list_files(folder, ".json")]
    other = (
        [] if days is None else [path for path in paths if (day := DAY_MANIFEST.search(path)) and day[1] not in days]
    )
    return [path for path in paths if path not in other]


def _entries_of_manifest(files: Files, path: str) -> dict[str, str] | None:
    """Checksums by path, of the stable files and of those that never change; None when it cannot be read."""
    try:
        document = json.loads(files.read_bytes(path))
        if not isinstance(document, dict):
            return {}
        entries = [entry for name in FILE_LISTS for entry in document.get(name, [])]
        return {str(entry[key]): entry["sha256"] for entry in entries for key in ("path", "version_path")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _problem(files: Files, path: str, checksums: Collection[str]) -> str:
    """What is wrong with a file, as words; empty when it is what was recorded."""
    try:
        return "" if files.digest(path) in checksums else "is not what was recorded"
    except FileNotFoundError:
        return "is missing"
