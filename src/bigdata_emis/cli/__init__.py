"""The command `emis`: every command, its options, and how its answer is printed."""

from bigdata_emis.cli.interrupts import end_on_interrupt

__all__ = ["main"]


def main() -> None:
    """Run the command; Ctrl-C ends it with one line, also while its libraries are still loading."""
    with end_on_interrupt("emis: stopped; the last complete versions are in place"):
        from bigdata_emis.cli.app import main as run_command

        run_command()
