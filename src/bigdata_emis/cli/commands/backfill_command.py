"""`emis backfill`: past days computed again, and what that changed.

Belongs here: the command and its lines. Does not: which days and how (workflow/backfill).
"""

from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.listed_commands import listed
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now, progress_bar
from bigdata_emis.errors import PartialError


@listed
def backfill(
    region: RegionOption,
    from_: Annotated[str, typer.Option("--from", help="first local day")],
    to: Annotated[str, typer.Option("--to", help="last local day, inclusive")],
    late: Annotated[
        bool,
        typer.Option(
            "--late/--no-late",
            help="only published days of which readings were received since, or that looked back on a day restated"
            " since; nothing is asked again",
        ),
    ] = False,
    at_most: Annotated[
        int, typer.Option(min=1, max=3660, help="compute so many days: late ones first, the oldest before")
    ] = 3660,
    json_: JsonOption = False,
) -> None:
    """Compute past days again and publish new versions; prints what changed by how much. A killed one goes on."""
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.backfill import backfill as backfill_days

    loaded, first, last = load_region(region), parse_day(from_), parse_day(to)
    with progress_bar() as step:
        document = backfill_days(
            loaded, first, last, known_utc=now(), is_late_only=late, at_most=at_most, progress=step
        )
    answer(document, json_, lambda: backfill_lines(document), region=region)
    check_failed(document, "run the same command again")


def check_failed(document: dict[str, Any], remedy: str) -> None:
    """Refuse to end well where a day failed. Raises PartialError with the reason of each."""
    if document["failed"]:
        listed = "; ".join(f"{day}: {problem}" for day, problem in document["failed"].items())
        raise PartialError(f"{len(document['failed'])} days failed: {listed}", remedy)


def backfill_lines(document: dict[str, Any]) -> list[str]:
    """A line a day, and below it what changed in each sector."""
    lines = [f"{document['region']} {document['from']} – {document['to']}: {len(document['days'])} days 重算天数"]
    if document["skipped"]:
        lines.append(f"{document['skipped']} days were done before 已完成")
    for day in document["days"]:
        lines.append(_day_line(day))
        lines += [_total_line(total) for total in day["totals"]]
        lines += [f"    {reason}" for reason in day["partial_reasons"]]
    if waiting := document["waiting"]:
        lines.append(
            f"{len(waiting)} more days wait 待补算: {', '.join(waiting)} — {next_command(document['region'], waiting)}"
        )
    return lines


def next_command(region_id: str, days: list[str]) -> str:
    """The command that computes late days again."""
    return f"emis backfill --region {region_id} --from {days[0]} --to {days[-1]} --late"


def _day_line(day: dict[str, Any]) -> str:
    looked_back = f"; looked back on {_span(day['restated_days'])} 回看重算日" if day.get("restated_days") else ""
    if not day["is_changed"]:
        return f"{day['day']}: unchanged 无变化{looked_back}"
    inputs = ", ".join(name for name in day["inputs"] if name.endswith(("_reading", "_forecast"))) or "no new readings"
    return (
        f"{day['day']}: {day['changed_rows']} rows in {day['changed_hours']} hours changed 变化 "
        f"({day['old_version']} → {day['new_version']}; {inputs}{looked_back})"
    )


def _span(days: list[str]) -> str:
    """One day, or the first and the last of several."""
    return days[0] if len(days) == 1 else f"{days[0]} … {days[-1]} ({len(days)} days)"


def _total_line(total: dict[str, Any]) -> str:
    share = "new 新增" if total["changed_share"] is None else f"{total['changed_share']:+.2%}"
    return (
        f"    {total['sector_code']} {total['pollutant_code']}: "
        f"{total['old_kg']:.1f} → {total['new_kg']:.1f} kg ({share})"
    )
