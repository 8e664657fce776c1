"""The commands `emis list …`: the city's emergency list read, and one text of a measure explained.

Belongs here: arguments and lines. Does not: what they do (control.emergency_list).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer
from bigdata_emis.cli.tables import pair_lines, untitled_lines

list_commands = typer.Typer(
    help="The city's emergency list (应急减排清单): imported, explained, reviewed.", no_args_is_help=True
)

LONGEST_QUEUE = 20


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
def import_(
    file: Annotated[Path, typer.Argument(help="workbook of the list, .xlsx")],
    region: RegionOption,
    out: Annotated[Path | None, typer.Option("--out", help="CSV file with one row a measure, as it was read")] = None,
    json_: JsonOption = False,
) -> None:
    """Read a workbook: one row a measure, what was skipped, and what a person has to decide."""
    from bigdata_emis.control.emergency_list.import_list import import_workbook
    from bigdata_emis.control.emergency_list.list_documents import import_document
    from bigdata_emis.control.emergency_list.list_items import as_csv
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.temporary_files import write_whole

    region_id = load_region(region).region_id
    imported = import_workbook(file)
    if out is not None:
        write_whole(out, as_csv(imported.items, imported.file_name).encode("utf-8"))
    document = import_document(region_id, imported, out=str(out or ""))
    answer(document, json_, lambda: _import_lines(dict(document)))


def _import_lines(document: dict[str, Any]) -> list[str]:
    facts = {key: document[key] for key in ("file", "rows", "items", "accepted", "ask_person", "rejected")}
    facts["names and phones"] = f"{document['personal_columns_dropped']} columns dropped, not stored"
    lines = [*pair_lines(facts), *(f"  {notice}" for notice in document["notices"])]
    queue = document["queue"]
    shown = [(entry["item"], entry["text"], entry["reason"]) for entry in queue[:LONGEST_QUEUE]]
    more = [f"  … and {len(queue) - LONGEST_QUEUE} more"] if len(queue) > LONGEST_QUEUE else []
    return [*lines, "", "for a person:", *untitled_lines(shown), *more] if queue else lines
