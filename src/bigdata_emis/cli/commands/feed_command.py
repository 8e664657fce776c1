"""`emis feed …`: an answer explained (check), positions counted (count), stored passes listed and excluded.

Belongs here: the commands and their lines. Does not: the document (collect/feed_check), counting (collect/positions),
passes (workflow.archive.pass_desk).
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import in_local_time, pair_lines, plain_text, table_lines
from bigdata_emis.errors import FeedError, InputError

feed_commands = typer.Typer(help="Feeds as feeds.toml declares them.", no_args_is_help=True)
FeedOption = Annotated[str, typer.Option("--feed", "-f", help="feed of feeds.toml, for instance power")]
DayOption = Annotated[str, typer.Option("--date", "-d", help="local day")]
TITLES = ["column", "our field", "unit", ">values", ">unreadable", ">missing", ">out of bounds", "sent", "became"]


@feed_commands.callback()
def group() -> None:
    """Feeds as feeds.toml declares them."""


@feed_commands.command()
def check(
    region: RegionOption,
    feed: FeedOption,
    date: Annotated[str, typer.Option("--date", "-d", help="local day; default the last one that is there")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="check this file instead, as one of the feed")] = None,
    json_: JsonOption = False,
) -> None:
    """Fetch one answer of a feed and show what each column became; nothing is stored. Exit status 2 when refused."""
    from bigdata_emis import flow
    from bigdata_emis.collect.feed_check import check_feed, newest_dropped_day
    from bigdata_emis.collect.feed_config import read_feed
    from bigdata_emis.region import load_region
    from bigdata_emis.upkeep.health.feed_health import last_complete_day
    from bigdata_emis.window import parse_day

    loaded = load_region(region)
    tables = {stage.feed: stage.writes[0] for stage in flow.STAGES if stage.feed}
    if feed not in tables:
        raise InputError(f"--feed {feed} is no feed", f"use one of {', '.join(sorted(tables))}")
    declared, day = read_feed(loaded, feed, tables[feed]), last_complete_day(loaded, now())
    if date:
        day = parse_day(date)
    elif file is None and not declared.comes_by_http(day):
        day = newest_dropped_day(declared, day) or day
    document = check_feed(loaded, feed, tables[feed], day=day, file=file)
    answer(document, json_, lambda: check_lines(_with_local_span(document, loaded.time_zone)), region=region)
    if document["refused"]:
        what, _, remedy = document["refused"].partition("; ")
        raise FeedError(what, remedy)


@feed_commands.command()
def count(
    region: RegionOption,
    unit: Annotated[str, typer.Option("--unit", help="fire, or berth_h for ships")],
    positions: Annotated[
        list[Path], typer.Option("--positions", help="CSV of fires (FIRMS) or ships; may be repeated")
    ],
    date: Annotated[str, typer.Option("--date", "-d", help="local day that is counted")],
    out: Annotated[Path, typer.Option("--out", help="CSV of the feed area_activity; counts of other areas in it stay")],
    json_: JsonOption = False,
) -> None:
    """Count fires, or hours of ships at berth, in the areas of counted_area; an area without any has 0."""
    from bigdata_emis.collect.positions.area_counts import count_day, write_counts
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day

    loaded, day = load_region(region), parse_day(date)
    counts = count_day(loaded, unit, positions, day=day)
    document = {
        "date": day.isoformat(),
        "unit": unit,
        "areas": len({row[0] for row in counts.rows}),
        "counted_activity": sum(row[2] for row in counts.rows),
        "outside": counts.outside,
        "other_days": counts.other_days,
        "repeated": counts.repeated,
        "out": str(out),
        "rows_in_file": write_counts(out, counts),
    }
    answer(document, json_, lambda: pair_lines({k: str(v) for k, v in document.items()}), region=region)


@feed_commands.command()
def passes(region: RegionOption, feed: FeedOption, date: DayOption, json_: JsonOption = False) -> None:
    """List what was received from a feed for a day: read, excluded by whom, or unreadable and why."""
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.archive.pass_desk import list_passes

    document = list_passes(load_region(region), feed, parse_day(date))
    answer(document, json_, lambda: _pass_lines(document), region=region)


@feed_commands.command("exclude")
def exclude(
    region: RegionOption,
    feed: FeedOption,
    date: DayOption,
    number: Annotated[int, typer.Option("--pass", min=1, help="number that `emis feed passes` prints")],
    by: Annotated[str, typer.Option("--by", help="name of the person who decides")],
    role: Annotated[str, typer.Option("--role", help="the role in which, for instance data officer")],
    note: Annotated[str, typer.Option("--note", help="why, for the audit trail")],
    undo: Annotated[bool, typer.Option("--undo", help="take the pass back")] = False,
    json_: JsonOption = False,
) -> None:
    """Exclude a stored pass that cannot be read, with audit; its raw files stay. Twice is as once."""
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.archive.pass_desk import exclude_pass
    from bigdata_emis.workflow.quarantine_desk import Release

    document = exclude_pass(
        load_region(region), feed, parse_day(date), number, release=Release(by, role, note), known_utc=now(), undo=undo
    )
    answer(document, json_, lambda: [*_pass_lines(document), f"next: {document['next']}"], region=region)


def _pass_lines(document: dict[str, Any]) -> list[str]:
    if not document["passes"]:
        return [f"nothing was received for {document['day']}"]
    rows = []
    for one in document["passes"]:
        excluded = one["excluded"]
        state = f"excluded by {excluded['actor']}, {excluded['role']}: {excluded['reason']}" if excluded else "read"
        count = "" if one["rows"] is None else f"{one['rows']:,}"
        state = state if excluded or not one["problem"] else f"unreadable: {one['problem']}"
        rows.append([str(one["pass"]), one["received_utc"], count, plain_text(state)])
    return table_lines([">pass", "received (UTC)", ">rows", "state"], rows)


def _with_local_span(document: dict[str, Any], time_zone: str) -> dict[str, Any]:
    """The document with its first and last instant in local time; the rows stay as they were received."""
    span = {key: document[key] for key in ("first_utc", "last_utc") if key in document}
    return {**document, **in_local_time(span, time_zone)}


def check_lines(document: dict[str, Any]) -> list[str]:
    """What an answer became, or the keys that would read it."""
    if document["refused"]:
        return suggestion_lines(document)
    times = "; ".join(f"{name}: {text}" for name, text in document["times"].items())
    facts = {
        "answer": document["answer"] + (f" ({document['written_as']})" if document["written_as"] else ""),
        "rows": str(document["rows"]),
        "times": times or "none",
        "from, to": f"{document['first_utc']} … {document['last_utc']}",
        "constants": ", ".join(f"{name} = {value}" for name, value in document["constants"].items()) or "none",
        "not used": ", ".join(document["unused_columns"]) or "none",
    }
    return [
        *table_lines(TITLES, [_column_row(column) for column in document["columns"]]),
        *pair_lines(facts),
        *(_unknown_line(name, found) for name, found in document["unknown"].items()),
        *_reduced_line(document),
        *_first_rows(document["first_rows"]),
        "nothing was stored",
    ]


def suggestion_lines(document: dict[str, Any]) -> list[str]:
    """The keys of feeds.toml that would read a refused answer, as one writes them."""
    suggested = document["suggested"]
    if not suggested:
        return []
    plain = {key: value for key, value in suggested.items() if not isinstance(value, dict)}
    remaining = document.get("remaining", "")
    what = "this brings it further" if remaining else "this reads it"
    lines = [f"{what}, in feeds.toml below [{document['feed']}]:"]
    lines += [f"  {key} = {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()]
    for key, table in suggested.items():
        if isinstance(table, dict):
            lines.append(f"  [{document['feed']}.{key}]")
            lines += [
                f"  {json.dumps(n, ensure_ascii=False)} = {json.dumps(v, ensure_ascii=False)}" for n, v in table.items()
            ]
    return [*lines, f"then: {remaining}"] if remaining else lines


def _column_row(column: dict[str, Any]) -> list[str]:
    counts = [str(column[name] or "") for name in ("unreadable", "missing", "out_of_bounds")]
    name = "(not sent)" if column["column"] is None else column["column"] or '""'
    return [name, column["field"], column["unit"], str(column["values"]), *counts, column["sent"], column["became"]]


def _unknown_line(name: str, found: dict[str, Any]) -> str:
    listed = ", ".join(found["first"]) + (" …" if found["count"] > len(found["first"]) else "")
    return f"unknown {name}: {found['count']} in {found['rows']} rows, which will be quarantined: {listed}"


def _reduced_line(document: dict[str, Any]) -> list[str]:
    """What would be stored of rows of which only counts are."""
    if "reduced_rows" not in document:
        return []
    stored = f"only counts are stored, here {document['reduced_rows']} rows, without vehicles and positions"
    return [*_uncounted_line(document), f"{stored}; the first:" if document["first_rows"] else stored]


def _uncounted_line(document: dict[str, Any]) -> list[str]:
    """How many of the positions sent are not counted, and why."""
    from bigdata_emis.schema import codes

    uncounted, rows = document["uncounted"], document["rows"]
    if not uncounted:
        return []
    by_count = sorted(uncounted.items(), key=lambda one: -one[1])
    reasons = ((codes()["edge_fault"][code], count) for code, count in by_count)
    listed = ", ".join(f"{code.title_en} {code.title_zh} {count}" for code, count in reasons)
    total = sum(uncounted.values())
    return [f"not counted: {total} of {rows} rows ({total / rows:.1%}), which will be quarantined: {listed}"]


def _first_rows(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    return table_lines(
        list(rows[0]), [["" if value is None else plain_text(value) for value in row.values()] for row in rows]
    )
