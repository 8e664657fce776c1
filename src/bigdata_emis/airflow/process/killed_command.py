"""What `emis runs` says of a command that was killed.

Belongs here: the words about a signal, and the rows that the command left open. Does not: running it (emis_process), or
the row in which it was announced (run.announced_run).
"""

import signal
from collections.abc import Sequence
from datetime import datetime

from bigdata_emis.errors import EmisError
from bigdata_emis.region import load_region
from bigdata_emis.run.announced_run import name_command, option_value
from bigdata_emis.run.run_record import end_own_rows
from bigdata_emis.storage.registries.registry_identity import prepare_registry


def describe_kill(status: int) -> str:
    """What ended a process with a negative status, and what often is the cause."""
    number = -status
    name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
    hint = "; the machine may be out of memory" if number == signal.SIGKILL else ""
    return f"killed by signal {number} ({name}){hint}"


def record_killed_command(
    arguments: Sequence[str], process_id: int, *, started_utc: datetime, status: int, cause: str = ""
) -> str:
    """Record among the runs that the command was killed, in the rows that it left open; returns a line about it.

    cause: what is known beside the signal. That it could not be recorded, because the registry cannot be written, is
    said in the line.
    """
    words = dict.fromkeys((arguments[0], *name_command(arguments).split()))
    line = f"emis {' '.join(words)} was {describe_kill(status)}"
    if cause:
        line = f"emis {' '.join(words)} was ended: {cause}"
    try:
        region = load_region(option_value(arguments, "--region"))
        prepare_registry()
        end_own_rows(region.region_id, process_id, started_utc=started_utc, error=line)
    except EmisError as problem:
        return f"{line}; it is not among the runs: {problem}"
    return line
