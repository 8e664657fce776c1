"""Long commands that are listed among the runs from their start to their end, so that it shows when one is killed.

Belongs here: the mark of such a command. Does not: the row (run.announced_run), or stages and days, which list
themselves.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from bigdata_emis.errors import EmisError, InputError

INTERRUPTED = 130
Command = TypeVar("Command", bound=Callable[..., Any])


def listed(command: Command) -> Command:
    """Mark a command that works for long: while it runs it is among the runs as running, afterwards as it ended.

    A task of Airflow lists its command itself. Bad input is not listed: nothing has run.
    """

    @wraps(command)
    def marked(*args: Any, **options: Any) -> Any:
        with _listed_run(words_of(command.__name__, options)):
            return command(*args, **options)

    return marked  # type: ignore[return-value]


def words_of(name: str, options: Mapping[str, Any]) -> list[str]:
    """The words of a command with the options that have a value, by the names of its parameters."""
    words = [name]
    for parameter, value in options.items():
        if value is None or value is False or value == "":
            continue
        option = "--" + parameter.rstrip("_").replace("_", "-")
        words += [option] if value is True else [option, str(value)]
    return words


@contextmanager
def _listed_run(words: list[str]) -> Iterator[None]:
    from bigdata_emis.run.announced_run import announce_command, end_command, withdraw_command
    from bigdata_emis.run.run_record import ANNOUNCED, one_line
    from bigdata_emis.storage import database

    try:
        announced = announce_command(words) if ANNOUNCED not in os.environ and database.can_be_read() else None
    except EmisError:
        announced = None  # the command itself will say what is wrong
    try:
        yield
    except BaseException as problem:
        if announced and isinstance(problem, InputError):
            withdraw_command(announced)
        elif announced:
            end_command(announced, _exit_status(problem), one_line(problem))
        raise
    if announced:
        end_command(announced, 0, "")


def _exit_status(problem: BaseException) -> int:
    """The exit status that follows from an error, or from Ctrl-C."""
    if isinstance(problem, EmisError):
        return problem.exit_status
    return 1 if isinstance(problem, Exception) else INTERRUPTED
