"""`emis quality`: the data quality report of a day.

Belongs here: arguments and lines. Does not: the work (workflow/quality_report).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.listed_commands import listed
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import format_number, pair_lines, table_lines


@listed
def quality(
    region: RegionOption,
    date: Annotated[str, typer.Option("--date", "-d", help="local calendar day")],
    json_: JsonOption = False,
) -> None:
    """The data quality of a day (数据质量日报): completeness, faults, instruments to visit; page and PDF (zh, en)."""
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.quality_report import write_quality

    document = write_quality(load_region(region), parse_day(date), known_utc=now())
    answer(document, json_, lambda: quality_lines(document), region=region)


def quality_lines(document: Mapping[str, Any]) -> list[str]:
    """A line a feed, a line an instrument to visit, and the files."""
    feeds = [
        [one["feed"], format_number(one["complete_share"], ".1%"), _counts(one["quarantined"]), _counts(one["marks"])]
        for one in document["feeds"]
    ]
    visits = [
        [visit["feed"], visit["source"], str(visit["lost_hours"]), _counts(visit["reasons"])]
        for visit in document["visits"]
    ]
    return [
        *table_lines(["feed 数据源", ">complete 完整率", "quarantined 隔离", "marks 标记"], feeds),
        *(table_lines(["visit 核查", "instrument 测点", ">lost h 异常小时", "reasons 原因"], visits) if visits else []),
        *pair_lines(document["files"]),
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {code}" for code, count in counts.items()) or "-"
