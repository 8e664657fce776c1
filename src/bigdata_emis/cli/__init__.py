"""The command `emis`: every command, its options, and how its answer is printed."""

from bigdata_emis.cli.app import main

__all__ = ["main"]
