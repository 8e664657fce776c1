"""The raw files of a feed and day: named bytes in one folder, over those of a lake below it.

Belongs here: reading and writing of raw files by name. Does not: what they contain and how they are named
(collect/raw_archive).
"""

import re

from bigdata_emis.errors import InputError
from bigdata_emis.storage.files import FILE_MODE, Files

UNSAFE = r"[^A-Za-z0-9_.-]"


class RawFiles:
    """The raw files of one feed and day.

    folders: where they lie. Files are written to the first; the others are read only.
    """

    def __init__(self, files: Files, *folders: str) -> None:
        self._files = files
        self._folders = folders

    def names(self) -> list[str]:
        """The names of all files, sorted; unfinished ones of a process that writes are left out."""
        paths = (path for folder in self._folders for path in self._files.list_files(folder))
        return sorted({path.rsplit("/", 1)[1] for path in paths if not path.endswith(".part")})

    def address(self, name: str) -> str:
        """Where a file lies, as a message names it."""
        return self._files.address(self._path(name))

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises InputError when it cannot be read."""
        try:
            return self._files.read_bytes(self._path(name))
        except OSError as problem:
            what = f"{self.address(name)} cannot be read: {problem.strerror or problem}"
            raise InputError(what, "check its permissions, or restore it from a backup") from None

    def write(self, name: str, content: bytes, *, mode: int = FILE_MODE) -> None:
        """Write a file whole."""
        self._files.write(f"{self._folders[0]}/{name}", content, mode=mode)

    def delete(self, name: str) -> None:
        """Delete a file, if it exists."""
        self._files.delete(f"{self._folders[0]}/{name}")

    def _path(self, name: str) -> str:
        paths = [f"{folder}/{name}" for folder in self._folders]
        return next((path for path in paths if self._files.exists(path)), paths[0])


def safe_name(text: str) -> str:
    """The text with every character replaced that does not belong into the name of a file."""
    return re.sub(UNSAFE, "_", text)
