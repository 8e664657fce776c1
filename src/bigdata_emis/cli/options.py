"""What all commands share: options by one name, "now", progress on stderr, and the answer as lines or as one JSON document.

Belongs here: how commands speak. Does not: any command, or the lines of one (cli_lines).
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Annotated, Any

import typer

from bigdata_emis.cli.tables import plain

RegionOption = Annotated[str, typer.Option("--region", "-r", help="region folder, for instance nys or jjj")]
JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else on stdout")]
FromOption = Annotated[str, typer.Option("--from", help="start, local date or time")]
ToOption = Annotated[str, typer.Option("--to", help="end, exclusive")]


def now() -> datetime:
    """The time at which a command begins to know what it finds."""
    return datetime.now(UTC)


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr; it moves with (what, done, all)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def answer(document: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print the document as JSON and nothing else, or its lines."""
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, default=plain))
        return
    for line in lines():
        typer.echo(line)


class _Absent(MetaPathFinder):
    """Says of one library that it is not installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)
        return None


def without_pandas() -> None:
    """Let pyarrow do without pandas in this process: it loads it, for half a second, whenever it meets a Python list.

    For a command that ends after its work; a process that has pandas already keeps it.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _Absent())
