"""The commands `emis list …`: the city's emergency list read, and one text of a measure explained.

Belongs here: arguments and lines. Does not: what they do (control.emergency_list).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.recorded_attempts import recorded
from bigdata_emis.cli.lists.review_commands import both_reasons, decision_cells, review_commands
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import in_local_time, pair_lines, plain_text, table_lines, untitled_lines

list_commands = typer.Typer(
    help="The city's emergency list (应急减排清单): imported, explained, reviewed.", no_args_is_help=True
)

list_commands.add_typer(review_commands, name="review")

LONGEST_QUEUE = 20

VersionOption = Annotated[
    str, typer.Option("--version", help="version of the list, or its beginning; default the newest")
]


@list_commands.command()
def parse(
    text: Annotated[str, typer.Argument(help="text of one cell, for instance 停产50%(以生产线计)")],
    context: Annotated[
        list[str] | None, typer.Option("--context", help="what is known of the plant: N=3, t0=20, process_share=0.8 …")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """The structure of a measure text: pattern, shares, and whether a person has to read it."""
    from bigdata_emis.control.emergency_list.list_documents import parse_document
    from bigdata_emis.control.emergency_list.measure_text.text_context import read_context

    document = parse_document(text, read_context(context or []))

    def lines() -> list[str]:
        shown = [
            {key: value for key, value in measure.items() if value not in ("", None, [])}
            for measure in document["measures"]
        ]
        return [line for number, measure in enumerate(shown) for line in ([""] if number else []) + pair_lines(measure)]

    answer(document, json_, lines)


@list_commands.command("import")
@recorded("emergency list import")
def import_(
    file: Annotated[Path, typer.Argument(help="workbook of the list, .xlsx")],
    region: RegionOption,
    valid_from: Annotated[str, typer.Option("--valid-from", help="first day on which the list is valid")] = "",
    valid_to: Annotated[str, typer.Option("--valid-to", help="last day on which the list is valid")] = "",
    by: Annotated[str, typer.Option("--by", help="name of the person who imports, for the audit trail")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="CSV file with one row a measure, as it was read")] = None,
    json_: JsonOption = False,
) -> None:
    """Read a workbook into the region's lists: what was skipped, and what a person has to decide."""
    from bigdata_emis.control.emergency_list.import_list import import_workbook
    from bigdata_emis.control.emergency_list.list_documents import import_document
    from bigdata_emis.control.emergency_list.list_items import as_csv
    from bigdata_emis.control.emergency_list.list_review import review_queue
    from bigdata_emis.control.emergency_list.list_versions import store_version
    from bigdata_emis.publish.scenario_decision import check_person
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.temporary_files import write_whole
    from bigdata_emis.text_file import with_remarks
    from bigdata_emis.window import parse_day

    loaded = load_region(region)
    region_id = loaded.region_id
    days = [parse_day(text) if text else None for text in (valid_from, valid_to)]
    actor = check_person(by) if by else "command"
    imported = import_workbook(file)
    if out is not None:
        text = with_remarks(as_csv(imported.items, imported.file_name), loaded.notices.values())
        write_whole(out, text.encode("utf-8"))
    version, is_new = store_version(
        region_id, imported, valid_from=days[0], valid_to=days[1], actor=actor, known_utc=now()
    )
    document = import_document(imported, review_queue(region_id, version), is_new=is_new, out=str(out or ""))
    shown = in_local_time(dict(document), loaded.time_zone)
    answer(document, json_, lambda: _import_lines(shown), region=region)


@list_commands.command()
def versions(region: RegionOption, json_: JsonOption = False) -> None:
    """The versions of the list that the region has, with their valid dates."""
    from bigdata_emis.control.emergency_list.list_versions import VERSION_ID, list_versions
    from bigdata_emis.region import load_region

    loaded = load_region(region)
    shown = ("file_name", "valid_from", "valid_to", "known_utc", "item_count", "personal_column_count")
    known = list_versions(loaded.region_id)
    rows = [{"version": row[VERSION_ID]} | {name: row[name] for name in shown} for row in known]
    document = {"region": loaded.region_id, "versions": rows}
    answer(document, json_, lambda: _version_lines(in_local_time(rows, loaded.time_zone)), region=region)


@list_commands.command()
def diff(first: str, second: str, region: RegionOption, json_: JsonOption = False) -> None:
    """What differs from one version to another: measures added, removed and changed."""
    from bigdata_emis.control.emergency_list.list_diff import diff_versions
    from bigdata_emis.region import load_region

    document = diff_versions(load_region(region).region_id, first, second)

    def lines() -> list[str]:
        shown = [
            (word, entry["enterprise_name"], entry["line"], entry["level"], entry["text"])
            for word in ("added", "removed", "changed")
            for entry in document[word]
        ]
        return untitled_lines(shown) or ["the versions are equal"]

    answer(document, json_, lines, region=region)


@list_commands.command()
@recorded("emergency list measures")
def measures(
    region: RegionOption,
    out: Annotated[Path, typer.Option("--out", help="CSV file for emis recalc --measures")],
    version: VersionOption = "",
    json_: JsonOption = False,
) -> None:
    """Write the measures of a version for `emis recalc --measures`; what matches no line is listed."""
    from bigdata_emis.control.emergency_list.list_measures import measures_of_version
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.temporary_files import write_whole
    from bigdata_emis.text_file import with_remarks

    loaded = load_region(region)
    text, document = measures_of_version(loaded.region_id, version)
    write_whole(out, with_remarks(text, loaded.notices.values()).encode("utf-8"))

    def lines() -> list[str]:
        facts = {"version": document["version"], "items": document["items"], "measures": document["measures"]}
        left = [(entry["item"], entry["text"], entry["reason"]) for entry in document["unmatched"]]
        return [*pair_lines(facts), "", f"not in the file: {len(left)} items", *_first_lines(left)]

    answer(document | {"out": str(out)}, json_, lines, region=region)


@list_commands.command()
def export(
    region: RegionOption,
    out: Annotated[Path, typer.Option("--out", help="workbook to write, .xlsx")],
    version: VersionOption = "",
    date: Annotated[
        str,
        typer.Option(
            "--date",
            "-d",
            help="published day whose inventory is beside it; default the newest on which no measures were in force",
        ),
    ] = "",
    json_: JsonOption = False,
) -> None:
    """Give a version back as a workbook of the same layout, with base and cut in kg/d of the list and the inventory."""
    from bigdata_emis.control.emergency_list.list_export import export_version
    from bigdata_emis.control.emergency_list.own_numbers.inventory_columns import read_inventory_base
    from bigdata_emis.control.results.accounting_table import check_workbook_path
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.temporary_files import write_whole
    from bigdata_emis.window import parse_day

    loaded = load_region(region)
    check_workbook_path(out, option="--out")
    base = read_inventory_base(loaded, parse_day(date) if date else None)
    content, document = export_version(loaded.region_id, version, inventory=base, notices=list(loaded.notices.values()))
    write_whole(out, content)
    answer(document | {"out": str(out)}, json_, lambda: pair_lines(document | {"out": str(out)}), region=region)


@list_commands.command()
def sheet(
    region: RegionOption,
    plant: Annotated[str, typer.Option("--plant", help="credit code or name of the plant")],
    out: Annotated[Path, typer.Option("--out", help="PDF file to write")],
    version: VersionOption = "",
    json_: JsonOption = False,
) -> None:
    """Write the one-page sheet of a plant (一厂一策) for the inspector, as PDF."""
    from bigdata_emis.control.emergency_list.plant_sheet import plant_document, render_sheet
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.temporary_files import write_whole

    document = plant_document(load_region(region), plant, printed=now(), version_id=version)
    write_whole(out, render_sheet(document))
    facts = {"plant": document["name"], "version": document["version"], "out": str(out)}
    answer(document | {"out": str(out)}, json_, lambda: pair_lines(facts), region=region)


def _version_lines(rows: list[dict[str, Any]]) -> list[str]:
    titles = [
        "version 版本",
        "file 文件",
        "valid from 起",
        "valid to 止",
        "imported 导入",
        ">items 条目",
        ">dropped columns",
    ]
    cells = [["-" if value is None else plain_text(value) for value in row.values()] for row in rows]
    return table_lines(titles, cells) if rows else ["no version of the list 无清单版本"]


def _import_lines(document: dict[str, Any]) -> list[str]:
    facts = {
        key: document[key]
        for key in ("version", "is_new", "file", "rows", "items", "accepted", "ask_person", "rejected")
    }
    facts["names and phones"] = f"{document['personal_columns_dropped']} columns dropped, not stored"
    lines = [*pair_lines(facts), *(f"  {notice}" for notice in document["notices"])]
    queue = document["queue"]
    shown = [(entry["item"], entry["text"], both_reasons(entry)) for entry in queue]
    before = [decision_cells(entry) for entry in document["decided"]]
    return [
        *lines,
        *(["", "decided by a person 已人工判定:", *_first_lines(before)] if before else []),
        *(["", "for a person 待人工判断:", *_first_lines(shown)] if queue else []),
    ]


def _first_lines(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """The first rows, and how many more there are."""
    more = [f"  … and {len(rows) - LONGEST_QUEUE} more; see --json"] if len(rows) > LONGEST_QUEUE else []
    return [*untitled_lines(rows[:LONGEST_QUEUE]), *more]
