"""SHA-256 of files: computed when a version is written, and compared whenever one is read.

Belongs here: digests, the memory of those that this process has computed, and the error for a file that differs. Does
not: where the recorded checksum comes from (lake, published_set).
"""

import hashlib
from pathlib import Path

import pyarrow.fs as pafs

from bigdata_emis.errors import RefusedError

PIECE_BYTES = 1 << 20
VERSION_LENGTH = 16
"""Digits of a checksum that name a version, and an answer in the raw archive."""

_FileState = tuple[str, int, int, int]
_DIGESTS: dict[_FileState, str] = {}
"""Digests by path, size, time of change and inode: a file that nobody touched is read once in a process."""


class ChangedFileError(RefusedError):
    """A file of the lake is missing, or is not what was recorded when it was written."""


OUTCOME_TABLES = ("counterfactual_hourly", "compliance_hourly", "excess_hourly", "achieved_cut")
SCENARIO_TABLES = (
    "control_hourly",
    "control_ledger",
    "control_measure",
    "control_account",
    "control_cut",
    "control_order",
    "control_moved",
    "control_moved_hourly",
)
"""Tables that `emis outcome` writes, and those that a recalculation writes; all others belong to a day."""


def sha256_digest(content: bytes | Path) -> str:
    """SHA-256 of bytes, or of a file without reading it whole into memory, in hexadecimal."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digest(system: pafs.FileSystem, path: str) -> str:
    """SHA-256 of a file, computed once in a process for as long as size, time of change and inode stay the same."""
    state = _file_state(system, path)
    if state not in _DIGESTS:
        _DIGESTS[state] = sha256_digest(Path(path)) if _is_local(system) else _digest_stream(system, path)
    return _DIGESTS[state]


def note_digest(system: pafs.FileSystem, path: str, checksum: str) -> None:
    """Remember the digest of a file that this process has just written, so that it is not read again."""
    _DIGESTS[_file_state(system, path)] = checksum


def changed_file(shown: str, remedy: str) -> ChangedFileError:
    """The error for a file that is not what was recorded."""
    return ChangedFileError(f"{shown} is not what was recorded: its SHA-256 differs", remedy)


def remedy_of(table_name: str) -> str:
    """What a person does about a version that was changed or is gone, with the command that writes its table."""
    return f"restore the file from a backup, or {written_by(table_name)}: the same rows give the same file"


def written_by(table_name: str) -> str:
    """How the files of a table are written again."""
    if table_name in OUTCOME_TABLES:
        return "judge its scenario again with `emis outcome`"
    if table_name in SCENARIO_TABLES:
        return "recalculate its scenario with `emis recalc`"
    return "run its day again with `emis day`"


def missing_file(shown: str, remedy: str) -> ChangedFileError:
    """The error for a file that was recorded and is gone."""
    return ChangedFileError(f"{shown} was recorded, but there is no such file", remedy)


def damaged_record(shown: str) -> ChangedFileError:
    """The error for a damaged record of a version of a scenario; shown: its path, which names the table."""
    return ChangedFileError(f"{shown} is damaged", remedy_of(shown.split("/day=")[0].rsplit("/", 1)[1]))


def _file_state(system: pafs.FileSystem, path: str) -> _FileState:
    if _is_local(system):
        found = Path(path).stat()
        return path, found.st_size, found.st_mtime_ns, found.st_ino
    info = system.get_file_info(path)
    if info.type != pafs.FileType.File:
        raise FileNotFoundError(path)
    return path, info.size, info.mtime_ns or 0, 0


def _digest_stream(system: pafs.FileSystem, path: str) -> str:
    digest = hashlib.sha256()
    with system.open_input_stream(path, compression=None) as stream:
        while piece := stream.read(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _is_local(system: pafs.FileSystem) -> bool:
    return isinstance(system, pafs.LocalFileSystem)
