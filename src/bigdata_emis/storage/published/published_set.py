"""A published set: the tables and the manifest of a day, or of a scenario, which become visible in one step.

Belongs here: where the files of a set lie, and the switch. Does not: what is published (publish/). See
docs/decisions/0008-published-set.md.

    .sets/<set>/<digest>/<path>     the files of a set, each at its path below the published folder of the region
    .sets/<set>/current             a link to the digest of the set that is published now
    <path>                          a link to .sets/<set>/current/<path>, the stable path of readers
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bigdata_emis.errors import InputError
from bigdata_emis.storage.checksums import VERSION_LENGTH, changed_file, sha256_digest
from bigdata_emis.storage.files import READ_ONLY_MODE, Files
from bigdata_emis.storage.layout import PUBLISHED, Layout

CURRENT_LINK = "current"
CHANGED_COPY = "publish the day again, or approve the scenario again"


@dataclass(frozen=True)
class SetFile:
    """One file of a set: its stable path, its checksum, and the file or the bytes of which it is a copy."""

    path: str
    sha256: str
    source: str = ""
    content: bytes = b""


def publish_set(files: Files, layout: Layout, name: str, contents: Sequence[SetFile]) -> None:
    """Make the files of a set visible at their stable paths in one step; the set that they replace stays on disk.

    An object store has no links: there the files are put one after another, in the given order.
    Raises InputError when a stable path leads out of the published folder, ChangedFileError when a copy differs.
    """
    if not files.is_local:
        for file in contents:
            _place(files, file, file.path)
        return
    region_folder = f"{layout.root}/{PUBLISHED}/{layout.region_id}"
    paths = {file.path: os.path.relpath(file.path, region_folder) for file in contents}
    for path in paths:
        _require_real_folder(region_folder, path)
    digest = sha256_digest("".join(f"{paths[file.path]} {file.sha256}\n" for file in contents).encode())
    folder, chosen = layout.set_folder(name), digest[:VERSION_LENGTH]
    for file in contents:
        _place(files, file, f"{folder}/{chosen}/{paths[file.path]}")
    replaced = _published_digest(folder)
    files.switch_link(f"{folder}/{CURRENT_LINK}", chosen)
    for path, inside in paths.items():
        files.switch_link(path, os.path.relpath(f"{folder}/{CURRENT_LINK}/{inside}", Path(path).parent))
    if replaced != chosen:
        _delete_older_sets(files, folder, {CURRENT_LINK, chosen, replaced})


def _place(files: Files, file: SetFile, target: str) -> None:
    """Write one file of a set, unless it is there; what was copied is compared with its checksum."""
    if files.is_local and files.exists(target) and files.digest(target) == file.sha256:
        return
    if file.source:
        files.copy(file.source, target, mode=READ_ONLY_MODE)
    else:
        files.write(target, file.content, mode=READ_ONLY_MODE)
    if files.is_local and files.digest(target) != file.sha256:
        raise changed_file(target, CHANGED_COPY)


def _published_digest(folder: str) -> str:
    """The digest of the set that is published now; empty when there is none."""
    link = Path(folder) / CURRENT_LINK
    return str(link.readlink()) if link.is_symlink() else ""


def _require_real_folder(region_folder: str, path: str) -> None:
    """Refuse a stable path below a folder that is a link: a relative link inside it would lead nowhere."""
    parent = Path(path).parent
    expected = Path(region_folder).resolve() / parent.relative_to(region_folder)
    if parent.resolve() != expected:
        raise InputError(
            f"{parent} leads to {parent.resolve()}: expected a folder of its own",
            "move the folder back to its place; what may be elsewhere is the whole lake, or the whole folder published",
        )


def _delete_older_sets(files: Files, folder: str, kept: set[str]) -> None:
    """Delete sets that were replaced before the last one, and what a killed process began."""
    for name in files.list_names(folder):
        if name not in kept:
            files.delete_folder(f"{folder}/{name}")
