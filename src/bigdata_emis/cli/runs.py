"""`emis runs`: what ran and what failed: start, duration, region, stage, window, status and error of each run.

Belongs here: the command and its lines. Does not: the rows (run/run_record.py).
"""

from datetime import datetime
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, answer, time_zone_of
from bigdata_emis.cli.tables import table_lines
from bigdata_emis.window import local_stamp

TITLES = ["started", ">seconds", "region", "stage", "window", "status", "later try", "error"]


def runs(
    region: Annotated[str, typer.Option("--region", "-r", help="region; default all")] = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="only runs that failed, were refused, interrupted or abandoned")
    ] = False,
    since: Annotated[
        str,
        typer.Option("--since", help="only runs that began then or later, local date or time; without --region UTC"),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="at most so many runs")] = 20,
    json_: JsonOption = False,
) -> None:
    """What ran and what failed, the newest first."""
    from bigdata_emis.region import load_region
    from bigdata_emis.run.run_record import SINCE_EVER, list_runs
    from bigdata_emis.storage import database
    from bigdata_emis.window import parse_instant

    since_utc = parse_instant(since, time_zone_of(region)) if since else SINCE_EVER
    is_recorded = database.can_be_read()
    rows = list_runs(region, is_failed_only=failed, since_utc=since_utc, limit=limit) if is_recorded else []
    if region and not rows:
        load_region(region)  # refuses an unknown region; one whose folder was deleted may still have runs
    answer({"runs": rows}, json_, lambda: run_lines(rows), region=region)


def run_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The runs as a table, each with the times of its region."""
    zones = {region: time_zone_of(region) for region in {row["region"] for row in rows}}
    return table_lines(TITLES, [_run_row(row, zones[row["region"]]) for row in rows]) if rows else ["no such run"]


def _run_row(row: dict[str, Any], time_zone: str) -> list[str]:
    seconds = "-" if row["seconds"] is None else f"{row['seconds']:.1f}"
    window = f"{_time_text(row['from_utc'], time_zone)} to {_time_text(row['to_utc'], time_zone)}"
    started = _time_text(row["started_utc"], time_zone)
    later = row["later"]
    again = f"{later['status']} {_time_text(later['started_utc'], time_zone)}" if later else "-"
    command = f" (emis {row['command']})" if row["error"] and row["command"] else ""
    error = f"{row['error'] or ''}{command}"
    return [started, seconds, row["region"], row["stage"], window, row["status"], again, error]


def _time_text(instant: datetime | None, time_zone: str) -> str:
    return "-" if instant is None else local_stamp(instant, time_zone)
