"""A command that is listed among the runs before it starts, by the process that starts it: a task of Airflow.

Belongs here: its row from the announcement to its end, whichever process dies first. Does not: starting the command
(airflow.process.emis_process), or the row that a stage writes of itself and that replaces this one (run_record).
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from bigdata_emis.codes import RunStatus
from bigdata_emis.errors import EmisError
from bigdata_emis.region import Region, load_region
from bigdata_emis.run.run_record import ERROR_LENGTH, Clock, new_row, wall_clock, write_row
from bigdata_emis.run.secret_text import secret_names, without_secrets
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.registries.run_rows import end_running, remove_running
from bigdata_emis.storage.temporary_files import lasting_process_tag
from bigdata_emis.window import Window, day_window, parse_day, parse_instant

RECORDED_BY_THEMSELVES = ("run", "day")
"""Commands whose stage and window say all about them, and which record a run of that name when they have begun."""
STATUS_OF_EXIT = {0: RunStatus.DONE, 3: RunStatus.REFUSED, 4: RunStatus.PARTIAL, 130: RunStatus.INTERRUPTED}


@dataclass(frozen=True)
class AnnouncedRun:
    """The row of a command that is about to start."""

    region_id: str
    run_id: str


def announce_command(arguments: Sequence[str], *, clock: Clock = wall_clock) -> AnnouncedRun:
    """List a command as running, in the name of this process, which waits for its end.

    Raises InputError when its region or window cannot be read, or the registry cannot be written.
    """
    started_utc, stage = clock(), name_command(arguments)
    region = load_region(option_value(arguments, "--region"))
    window = _window(arguments, region, started_utc)
    prepare_registry()
    row = new_row(stage, window, started_utc, process_tag=lasting_process_tag())
    run_id = f"{region.region_id}-{started_utc:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}/{stage}"
    write_row({**row, "run_id": run_id, "command": _command_text(arguments, region)}, region.region_id)
    return AnnouncedRun(region.region_id, run_id)


def end_command(announced: AnnouncedRun, exit_status: int, last_line: str, *, clock: Clock = wall_clock) -> None:
    """Record how an announced command ended, unless a row of its own says so.

    exit_status: as the shell knows it; negative for the signal that killed it. last_line: of its messages.
    """
    status = RunStatus.INTERRUPTED if exit_status < 0 else STATUS_OF_EXIT.get(exit_status, RunStatus.FAILED)
    error = None if status == RunStatus.DONE else last_line[:ERROR_LENGTH] or f"emis ended with status {exit_status}"
    end_running(announced.region_id, announced.run_id, status=status, error=error, ended_utc=clock())


def withdraw_command(announced: AnnouncedRun) -> None:
    """Take back the announcement of a command that did not begin."""
    remove_running(announced.region_id, announced.run_id)


def name_command(arguments: Sequence[str]) -> str:
    """The stage of `emis run STAGE`, else the words of the command before its options."""
    options = (number for number, word in enumerate(arguments) if word.startswith("-"))
    words = arguments[: next(options, len(arguments))]
    return words[1] if len(words) > 1 and words[0] == "run" else " ".join(words)


def option_value(arguments: Sequence[str], name: str) -> str:
    """The value of an option of a command; empty when it has none."""
    return arguments[arguments.index(name) + 1] if name in arguments[:-1] else ""


def _window(arguments: Sequence[str], region: Region, started_utc: datetime) -> Window:
    """The window of the arguments, of a stage in whole days; of a command without one, the hour in which it began."""
    bounds = [option_value(arguments, name) for name in ("--from", "--to")]
    if all(bounds):
        window = Window(*(parse_instant(text, region.time_zone) for text in bounds))
        return window.whole_days(region.time_zone) if arguments[0] == "run" else window
    if date := option_value(arguments, "--date"):
        return day_window(parse_day(date), region.time_zone)
    hour = started_utc.replace(minute=0, second=0, microsecond=0)
    return Window(hour, hour + timedelta(hours=1))


def _command_text(arguments: Sequence[str], region: Region) -> str | None:
    if arguments[0] in RECORDED_BY_THEMSELVES:
        return None
    text = shlex.join(word for word in arguments if word != "--json")
    return without_secrets(text, secret_names([region]))[:ERROR_LENGTH]


def announce_if_possible(arguments: Sequence[str]) -> tuple[AnnouncedRun | None, str]:
    """The announcement; else None and why there is none: the command itself will say what is wrong with it."""
    try:
        return announce_command(arguments), ""
    except EmisError as problem:
        return None, problem.what
