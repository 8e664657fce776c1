"""Files that a process writes beside the place where they will lie, and what killed processes of this host left of theirs.

Belongs here: their names, and whose process still runs. Does not: what is written (store, scenario_store).
"""

import os
from pathlib import Path
from socket import gethostname

PART = "part"


def owner() -> str:
    """This process, as the names of its files tell it: another host that shares the lake has processes of the same numbers."""
    return f"{gethostname()}-{os.getpid()}"


def is_left(of: str) -> bool:
    """Whether a name that `owner` gave is that of a process of this host which no longer runs."""
    host, _, number = of.rpartition("-")
    return host == gethostname() and number.isdecimal() and not _is_running(int(number))


def part_of(target: Path) -> Path:
    """Where this process writes what will become the target; what it, or a killed process, left of the same target is cleared first."""
    for left in target.parent.glob(f"{_plain(target.name)}.*.{PART}"):
        of = left.name.removeprefix(f"{target.name}.").removesuffix(f".{PART}")
        if of == owner() or is_left(of):
            left.unlink(missing_ok=True)
    return target.with_name(f"{target.name}.{owner()}.{PART}")


def _plain(name: str) -> str:
    """The name as a pattern that only it fits."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
