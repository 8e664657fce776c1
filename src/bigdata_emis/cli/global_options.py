"""What comes before the name of a command: version, log file, verbosity; and the lines of the command in the log.

Belongs here: options of every command. Does not: the log itself (upkeep/log_file).
"""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bigdata_emis import __version__

LOG_VARIABLE = "EMIS_LOG"


def print_version(is_asked: bool) -> None:
    """Print the version and end."""
    if is_asked:
        typer.echo(f"emis {__version__}")
        raise typer.Exit


def global_options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="print the version, and end")
    ] = False,
    log: Annotated[
        str, typer.Option("--log", envvar=LOG_VARIABLE, help="append what happens to this file, without secrets")
    ] = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="say on stderr what happens")] = False,
) -> None:
    """Near-real-time emission inventory and heavy-pollution decision support."""
    if not log and not verbose:
        return
    from bigdata_emis.run.secret_text import secret_names, without_secrets
    from bigdata_emis.settings import settings
    from bigdata_emis.upkeep.log_file import COMMAND, start_logging, stop_logging
    from bigdata_emis.upkeep.region_list import list_regions

    names = secret_names(listed.region for listed in list_regions(settings()) if listed.region)
    handlers = start_logging(
        Path(log).absolute() if log else None, redact=lambda text: without_secrets(text, names), is_verbose=verbose
    )
    command = logging.getLogger(COMMAND)
    command.info("emis %s began: %s, process %d", __version__, " ".join(sys.argv[1:]), os.getpid())

    def end() -> None:
        _log_end(command, sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1])
        stop_logging(handlers)

    context.call_on_close(end)


def _log_end(command: logging.Logger, problem: BaseException | None) -> None:
    """The last line of a command; of an error that nobody foresaw with its traceback."""
    from bigdata_emis.errors import EmisError

    if problem is None:
        command.info("ended")
    elif isinstance(problem, EmisError):
        command.error("ended with status %d: %s", problem.exit_status, problem)
    elif isinstance(problem, typer.Exit | SystemExit):
        command.info("ended with status %s", getattr(problem, "exit_code", getattr(problem, "code", "")))
    elif isinstance(problem, Exception):
        command.error("ended with an error that nobody foresaw", exc_info=problem)
    else:
        command.error("stopped by a person or a signal")
