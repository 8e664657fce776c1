"""`emis runs`: what ran and what failed: start, duration, region, stage, window, status and error of each run.

Belongs here: the command and its lines. Does not: the rows (run/run_record.py).
"""

from datetime import datetime
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, answer
from bigdata_emis.cli.tables import table_lines

SECONDS, MINUTES = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"
TITLES = ["started", ">seconds", "region", "stage", "window", "status", "later try", "error"]


def runs(
    region: Annotated[str, typer.Option("--region", "-r", help="region; default all")] = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="only runs that failed, were refused, interrupted or abandoned")
    ] = False,
    since: Annotated[
        str, typer.Option("--since", help="only runs that began at this local date or time, or later")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="at most so many runs")] = 20,
    json_: JsonOption = False,
) -> None:
    """What ran and what failed, the newest first."""
    from bigdata_emis.region import load_region
    from bigdata_emis.run.run_record import SINCE_EVER, list_runs
    from bigdata_emis.storage import database
    from bigdata_emis.window import parse_instant

    time_zone = load_region(region).time_zone if region and since else "UTC"
    since_utc = parse_instant(since, time_zone) if since else SINCE_EVER
    is_recorded = database.can_be_read()
    rows = list_runs(region, is_failed_only=failed, since_utc=since_utc, limit=limit) if is_recorded else []
    if region and not rows:
        load_region(region)  # refuses an unknown region; one whose folder was deleted may still have runs
    answer({"runs": rows}, json_, lambda: run_lines(rows))


def run_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The runs as a table, with instants in UTC."""
    return table_lines(TITLES, [_run_row(row) for row in rows]) if rows else ["no such run"]


def _run_row(row: dict[str, Any]) -> list[str]:
    seconds = "-" if row["seconds"] is None else f"{row['seconds']:.1f}"
    window = f"{_time_text(row['from_utc'], MINUTES)} to {_time_text(row['to_utc'], MINUTES)}"
    started = _time_text(row["started_utc"], SECONDS)
    later = row["later"]
    again = f"{later['status']} {_time_text(later['started_utc'], SECONDS)}" if later else "-"
    command = f" (emis {row['command']})" if row["error"] and row["command"] else ""
    error = f"{row['error'] or ''}{command}"
    return [started, seconds, row["region"], row["stage"], window, row["status"], again, error]


def _time_text(instant: datetime | None, form: str) -> str:
    return "-" if instant is None else instant.strftime(form)
