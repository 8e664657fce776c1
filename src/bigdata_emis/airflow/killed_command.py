"""The record of a command that was killed, also when that happened before it could record its own run.

Belongs here: what `emis runs` lists of such a command. Does not: running it (dag_tasks).
"""

import signal
from collections.abc import Sequence
from datetime import datetime, timedelta

from bigdata_emis.errors import EmisError
from bigdata_emis.region import Region, load_region
from bigdata_emis.run.run_record import record_interrupted
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.window import Window, parse_instant


def describe_kill(status: int) -> str:
    """What ended a process with a negative status, and what often is the cause."""
    number = -status
    name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
    hint = "; the machine may be out of memory" if number == signal.SIGKILL else ""
    return f"killed by signal {number} ({name}){hint}"


def record_killed_command(arguments: Sequence[str], process_id: int, *, started_utc: datetime, status: int) -> str:
    """List the killed command among the runs, unless it had recorded a run itself; returns a line about it.

    That it could not be recorded, because the registry cannot be written, is said in the line.
    """
    stage = arguments[1] if arguments[0] == "run" else arguments[0]
    line = f"emis {' '.join(dict.fromkeys((arguments[0], stage)))} was {describe_kill(status)}"
    try:
        region = load_region(_value(arguments, "--region"))
        window = _window(arguments, region, started_utc)
        prepare_registry()
        record_interrupted(stage, region.region_id, window, process_id=process_id, started_utc=started_utc, error=line)
    except EmisError as problem:
        return f"{line}; it is not among the runs: {problem}"
    return line


def _window(arguments: Sequence[str], region: Region, started_utc: datetime) -> Window:
    """The window of the arguments; of a command without one, the hour in which it began."""
    bounds = [_value(arguments, name) for name in ("--from", "--to")]
    if all(bounds):
        return Window(*(parse_instant(text, region.time_zone) for text in bounds))
    hour = started_utc.replace(minute=0, second=0, microsecond=0)
    return Window(hour, hour + timedelta(hours=1))


def _value(arguments: Sequence[str], name: str) -> str:
    return arguments[arguments.index(name) + 1] if name in arguments[:-1] else ""
