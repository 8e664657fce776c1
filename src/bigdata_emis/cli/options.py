"""What all commands share: options and what they name, "now", progress on stderr, and the answer.

Belongs here: how commands speak. Does not: any command, or the lines of one (tables.py).
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bigdata_emis.cli.tables import plain_text

if TYPE_CHECKING:
    from bigdata_emis.region import Region
    from bigdata_emis.window import Window

REGION_NAMES = ("--region", "-r")
RegionOption = Annotated[str, typer.Option(*REGION_NAMES, help="region folder, for instance nys or jjj")]
JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else on stdout")]
FromOption = Annotated[str, typer.Option("--from", help="start, local date or time")]
ToOption = Annotated[str, typer.Option("--to", help="end, exclusive")]


def now() -> datetime:
    """The time that counts as now for the whole command."""
    return datetime.now(UTC)


def parse_region_and_window(region: str, from_: str, to: str) -> "tuple[Region, Window]":
    """The region and the window that --region, --from and --to name.

    Raises InputError when the region is unknown, a time is none, or the window has no hours.
    """
    from bigdata_emis.errors import InputError
    from bigdata_emis.region import load_region
    from bigdata_emis.window import Window, local_stamp, parse_instant

    loaded = load_region(region)
    from_utc, to_utc = (parse_instant(text, loaded.time_zone) for text in (from_, to))
    if from_utc >= to_utc:
        start, end = (local_stamp(instant, loaded.time_zone) for instant in (from_utc, to_utc))
        empty = f"the window is empty: it begins and ends at {start}"
        what = empty if from_utc == to_utc else f"the window ends ({end}) before it starts ({start})"
        raise InputError(what, "give a --to after --from; the hour of --to is not included")
    return loaded, Window(from_utc, to_utc)


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, where that is a terminal; call the result with (description, done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def answer(document: Any, as_json: bool, lines: Callable[[], list[str]], *, region: str = "") -> None:
    """Print the document as JSON and nothing else, or its lines; of a region, first whether its data are simulated."""
    loaded = _find_region(region)
    if as_json:
        marked = {**document, "simulated": loaded.is_simulated} if loaded else document
        typer.echo(json.dumps(marked, ensure_ascii=False, default=plain_text))
        return
    notices = list(loaded.notices.values()) if loaded else []
    for line in [*notices, *(line for line in lines() if line not in notices)]:
        typer.echo(line)


def named_region(words: Sequence[str]) -> str:
    """The region that the words of a command name with -r or --region; an empty text where they name none."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in REGION_NAMES:
            return following
        if word.startswith("--region="):
            return word.partition("=")[2]
    return ""


def time_zone_of(region_id: str) -> str:
    """The time zone in which people read times of a region; UTC where its folder is gone, or none was named."""
    loaded = _find_region(region_id)
    return loaded.time_zone if loaded else "UTC"


def _find_region(region_id: str) -> "Region | None":
    """The region; None where none was named, or its folder is gone and only its rows are left."""
    from bigdata_emis.errors import InputError
    from bigdata_emis.region import load_region

    try:
        return load_region(region_id) if region_id else None
    except InputError:
        return None
