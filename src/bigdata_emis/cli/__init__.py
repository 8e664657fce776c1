"""The command `emis`: every command, its options, and how its answer is printed."""

import atexit
import gc
import os
import sys

from bigdata_emis.cli.interrupts import end_on_interrupt

__all__ = ["main"]

YOUNG_OBJECTS = 20_000
"""New objects after which Python looks for cycles of garbage."""


def main() -> None:
    """Run the command; Ctrl-C ends it with one line, also while its libraries are still loading."""
    open_closed_streams()
    collect_garbage_seldom()
    with end_on_interrupt("emis: stopped; the last complete versions are in place"):
        from bigdata_emis.engine.late_pandas import import_pandas_late

        import_pandas_late()
        from bigdata_emis.cli.app import main as run_command

        run_command()


def collect_garbage_seldom() -> None:
    """Look less often for garbage while libraries load, and not at all when the process ends.

    What a library defines stays; to look through it again and again takes half a second of a command.
    """
    gc.set_threshold(YOUNG_OBJECTS)
    atexit.register(gc.freeze)


def open_closed_streams() -> None:
    """Give what the caller has closed (`emis … >&-`) a stream to nowhere.

    Otherwise the next file that is opened, for instance the registry, would get its number, and what is printed.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
