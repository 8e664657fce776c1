"""`emis inventory compare`: totals and sector shares beside a published inventory.

Belongs here: arguments and lines. Does not: the comparison (report/comparison).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer
from bigdata_emis.cli.tables import format_number, table_lines

inventory_commands = typer.Typer(
    help="The published inventory as a whole: compared with inventories that others have published.",
    no_args_is_help=True,
)

T_PER_KT = 1000.0
MARKS = {
    "total": "total 总量",
    "year_share": "share 占比",
    "hours_share": "share of hours 时段占比",
    "not_estimated": "not estimated 未估算",
}
TITLES = (
    "inventory 清单",
    "pollutant",
    "sectors 源类",
    ">published kt/a 已发表",
    ">estimate kt/a 估算",
    ">of it scaled 推算部分",
    ">ratio 比值",
    ">published share 占比",
    ">of year 年",
    ">of hours 时段",
)


@inventory_commands.command()
def compare(
    region: RegionOption,
    date: Annotated[
        str, typer.Option("--date", "-d", help="local calendar day; default every published day together")
    ] = "",
    json_: JsonOption = False,
) -> None:
    """Totals and shares by sector beside a named published inventory; marks what is more than 20 % off."""
    from bigdata_emis.region import load_region
    from bigdata_emis.report.comparison.published_comparison import compare_with_published
    from bigdata_emis.window import parse_day

    document = compare_with_published(load_region(region), parse_day(date) if date else None)
    answer(document, json_, lambda: comparison_lines(document), region=region)


def comparison_lines(document: Mapping[str, Any]) -> list[str]:
    """A line for each pollutant and group of sectors, what the year is estimated from, and the sources."""
    tolerance = format(document["tolerance_share"], ".0%")
    rows = [_cells(row) for row in document["rows"]]
    return [
        *table_lines([*TITLES, f"beyond {tolerance} 超出{tolerance}"], rows),
        document["basis"]["en"],
        document["basis"]["zh"],
        *(f"{one['name']}: {one['year']}, {one['source']}" for one in document["inventories"]),
    ]


def _cells(row: Mapping[str, Any]) -> list[str]:
    estimate_t, scaled_t = row["estimate_t"], row["scaled_t"]
    return [
        row["inventory"],
        row["pollutant"],
        f"{row['title']['en']} {row['title']['zh']}",
        format_number(row["published_t"] / T_PER_KT, ",.0f"),
        format_number(None if estimate_t is None else estimate_t / T_PER_KT, ",.1f"),
        format_number(scaled_t / estimate_t if estimate_t else None, ".0%"),
        format_number(row["ratio"], ".2f"),
        format_number(row["published_share"], ".0%"),
        format_number(row["year_share"], ".0%"),
        format_number(row["hours_share"], ".0%"),
        ", ".join(MARKS[mark] for mark in row["marks"]) or "-",
    ]
