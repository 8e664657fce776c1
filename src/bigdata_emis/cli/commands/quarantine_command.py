"""The commands `emis quarantine …`: readings that cleaning has put aside, listed, explained and released.

Belongs here: arguments and lines. Does not: what they do (workflow.quarantine_desk).
"""

from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import pair_lines, plain_text, table_lines
from bigdata_emis.errors import InputError

quarantine_commands = typer.Typer(
    help="Quarantined readings 隔离数据: list, explain, release with audit.", no_args_is_help=True
)

FeedOption = Annotated[str, typer.Option("--feed", "-f", help="feed of feeds.toml, for instance power")]
DateOption = Annotated[str, typer.Option("--date", "-d", help="local calendar day")]
ReadingOption = Annotated[str, typer.Option("--reading", help="name that `emis quarantine list --rows` prints")]


@quarantine_commands.command("list")
def list_(
    region: RegionOption,
    date: DateOption,
    to: Annotated[str, typer.Option("--to", help="last local day; default the same")] = "",
    feed: FeedOption = "",
    reason: Annotated[str, typer.Option("--reason", help="only this reason, for instance outlier")] = "",
    rows: Annotated[int, typer.Option("--rows", min=0, max=10000, help="show so many readings with their names")] = 0,
    json_: JsonOption = False,
) -> None:
    """Count quarantined readings by feed, day and reason, and show some of them."""
    from datetime import timedelta

    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.quarantine_desk import list_quarantine

    first, last = parse_day(date), parse_day(to or date)
    if last < first:
        raise InputError(f"--to {to} is before --date {date}", "give the last day of the range")
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    document = list_quarantine(load_region(region), days, feed=feed, reason=reason, row_limit=rows)
    answer(document, json_, lambda: _list_lines(document), region=region)


@quarantine_commands.command()
def explain(
    region: RegionOption, feed: FeedOption, date: DateOption, reading: ReadingOption, json_: JsonOption = False
) -> None:
    """Show a reading with each of its reasons in words, its neighbours, and whether it may be released."""
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.quarantine_desk import explain_reading

    document = explain_reading(load_region(region), feed, parse_day(date), reading)
    answer(document, json_, lambda: _explain_lines(document), region=region)


@quarantine_commands.command()
def release(
    region: RegionOption,
    feed: FeedOption,
    date: DateOption,
    reading: ReadingOption,
    by: Annotated[str, typer.Option("--by", help="name of the person who decides")],
    role: Annotated[str, typer.Option("--role", help="the role in which, for instance data officer")],
    note: Annotated[
        str, typer.Option("--note", "--reason", help="why it is right, for the audit trail; once named --reason")
    ],
    json_: JsonOption = False,
) -> None:
    """Release a reading that a rule doubts: it passes cleaning again with a flag. Twice is as once."""
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.quarantine_desk import Release, release_reading

    document = release_reading(
        load_region(region), feed, parse_day(date), reading, release=Release(by, role, note), known_utc=now()
    )
    answer(document, json_, lambda: pair_lines(document), region=region)


def _list_lines(document: dict[str, Any]) -> list[str]:
    if not document["counts"]:
        return ["no quarantined reading"]
    titles = ["feed", "day", "reason", ">rows"]
    counts = [[row["feed"], row["day"], row["reason"], f"{row['rows']:,}"] for row in document["counts"]]
    return [*table_lines(titles, counts), *_row_lines(document["readings"])]


def _explain_lines(document: dict[str, Any]) -> list[str]:
    facts = {"may be released": "yes" if document["may_be_released"] else "no"}
    if document["released"]:
        facts["released by"] = f"{document['released']['actor']}, {document['released']['role']}"
    reasons = [f"{found['code']}: {found['en']} {found['zh']}" for found in document["reasons"]]
    return [
        *_row_lines([document["reading"]]),
        *reasons,
        *pair_lines(facts),
        "neighbours in time:",
        *_row_lines(document["neighbours"]),
    ]


def _row_lines(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as one table, or one for each feed, whose columns differ."""
    lines = []
    for feed in dict.fromkeys(row.get("feed", "") for row in rows):
        of_feed = [row for row in rows if row.get("feed", "") == feed]
        cells = [[_cell(value) for value in row.values()] for row in of_feed]
        lines += table_lines(list(of_feed[0]), cells)
    return lines


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else plain_text(value)
