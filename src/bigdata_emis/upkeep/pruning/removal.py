"""Something that a retention policy allows to delete, and its deletion.

Belongs here: what all kinds have in common. Does not: which things these are (removable_*).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bigdata_emis.storage.files import Files


class RemovalKind(StrEnum):
    """What is deleted."""

    RAW = "raw answers"
    VERSION = "versions never published"
    PUBLISHED_VERSION = "published versions"
    LOG = "logs"
    RUN = "records of runs"
    LEFTOVER = "leftovers of killed processes"


@dataclass(frozen=True)
class Removal:
    """One thing to delete, for instance a version.

    name: the table or feed that it belongs to. detail: which one it is there. paths: its files, in the order in which
    they are deleted, so that what a killed process leaves is found again. folders: what is then empty. scenario_id: of
    a version of a scenario.
    """

    kind: RemovalKind
    name: str
    day: str
    detail: str
    byte_count: int
    paths: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    scenario_id: str = ""


def folder_names(files: Files, folder: str) -> list[str]:
    """The names of the folders in a folder, sorted; files by hand, such as a README, are passed over."""
    names = sorted(files.list_names(folder))
    infos = files.system.get_file_info([f"{folder}/{name}" for name in names])
    return [name for name, info in zip(names, infos, strict=True) if not info.is_file]


def file_sizes(files: Files, paths: Iterable[str]) -> int:
    """The bytes of files together; one that is gone has none."""
    return sum(info.size or 0 for info in files.system.get_file_info(list(paths)))


def delete_files(files: Files, removal: Removal) -> None:
    """Delete the files of a removal, then its folders. What is gone already is no error."""
    for path in removal.paths:
        if files.is_local:
            Path(path).unlink(missing_ok=True)
        else:
            files.delete(path)
    for folder in removal.folders:
        if files.is_local and Path(folder).is_dir() and not any(Path(folder).iterdir()):
            Path(folder).rmdir()
