"""`emis`, which kills itself at its n-th change of the world: a change of files, or a commit of the registry.

Run as a script. EMIS_TEST_KILL_AT is n (0: never), EMIS_TEST_KILL_WHEN is before or after that change, and
EMIS_TEST_CHANGES names a file that gets the changes of a command that ended, one a line.
"""

import atexit
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from bigdata_emis.cli.app import main

FILE_CHANGES = ("link", "symlink", "replace", "rename", "unlink", "rmdir", "mkdir", "truncate", "fsync")


class Killer:
    """Counts the changes of this process and ends it, as a power cut would, at one of them."""

    def __init__(self, at: int, when: str) -> None:
        self.at, self.when = at, when
        self.changes: list[str] = []
        self.numbers = itertools.count(1)  # two threads never get the same one
        self.process = os.getpid()

    def watched(self, name: str, change: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            if os.getpid() != self.process:
                return change(*args, **options)
            self.changes.append(name)
            due = next(self.numbers) == self.at
            if due and self.when == "before":
                os.kill(self.process, signal.SIGKILL)
            try:
                return change(*args, **options)
            finally:  # also a folder that was there already is a moment
                if due:
                    os.kill(self.process, signal.SIGKILL)

        return counted

    def tell(self, path: Path) -> None:
        path.write_text("".join(f"{change}\n" for change in self.changes), "utf-8")


def kill_at(at: int, when: str) -> Killer:
    """Watch every change of files and every commit of this process."""
    killer = Killer(at, when)
    for name in FILE_CHANGES:
        setattr(os, name, killer.watched(name, getattr(os, name)))
    DefaultDialect.do_commit = killer.watched("commit", DefaultDialect.do_commit)  # type: ignore[method-assign]
    return killer


if __name__ == "__main__":
    killer = kill_at(int(os.environ["EMIS_TEST_KILL_AT"]), os.environ["EMIS_TEST_KILL_WHEN"])
    if stated := os.environ.get("EMIS_TEST_CHANGES"):
        atexit.register(killer.tell, Path(stated))
    main()
