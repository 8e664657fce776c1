"""`emis day`: the whole flow of a local day, and the days before it that late rows have changed.

Belongs here: the command, its document and its exit status. Does not: the flow (workflow/day), or which days are late
(workflow/backfill).
"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.backfill_command import backfill_lines, check_failed, next_command
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now, progress_bar
from bigdata_emis.cli.tables import receipt_lines
from bigdata_emis.cli.unexpected_errors import one_printable_line
from bigdata_emis.errors import AnalysisError, FeedError, PartialError

LATE_DAYS = 3


def day(
    region: RegionOption,
    date: Annotated[str, typer.Option("--date", "-d", help="local calendar day")],
    late_days: Annotated[
        int,
        typer.Option(
            min=0,
            max=31,
            help="compute so many days before it again that late rows have changed, or that look back on such; 0: none",
        ),
    ] = LATE_DAYS,
    json_: JsonOption = False,
) -> None:
    """Run the whole flow of a day and print its receipts; exit status 4 when the day is published as partial.

    Published days of the week before it that late rows have changed, or that looked back on a day restated since, are
    computed again first, and what that changed is printed; more than --late-days of them wait for the next run.
    """
    from bigdata_emis.region import load_region
    from bigdata_emis.window import day_window, parse_day
    from bigdata_emis.workflow.day import run_flow
    from bigdata_emis.workflow.page_of_day import add_page

    loaded, known_utc, late = load_region(region), now(), dict[str, Any]()
    window = day_window(parse_day(date), loaded.time_zone)
    with progress_bar() as step:

        def renew_days_before() -> None:
            late.update(_renew_late_days(loaded, date, known_utc=known_utc, late_days=late_days, step=step))

        result = run_flow(loaded, window, known_utc=known_utc, progress=step, after_collecting=renew_days_before)
    page = add_page(result, loaded, parse_day(date), known_utc=known_utc)
    receipts = [asdict(r) for r in result.receipts]
    document = {
        "region": region,
        "date": date,
        "run": result.run_id,
        "receipts": receipts,
        "failures": [str(f) for f in result.failures],
        "is_partial": bool(result.partial_reasons),
        "partial_reasons": result.partial_reasons,
        "report": page,
        "late_days": late,
    }
    answer(
        document,
        json_,
        lambda: [*_late_lines(late), *receipt_lines(receipts), *([f"page: {page}"] if page else [])],
        region=region,
    )
    _end(result, date, late)


def _renew_late_days(loaded: Any, date: str, *, known_utc: datetime, late_days: int, step: Any) -> dict[str, Any]:
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.backfill import renew_late_days

    return renew_late_days(loaded, parse_day(date), known_utc=known_utc, at_most=late_days, progress=step)


def _late_lines(late: dict[str, Any]) -> list[str]:
    """What late rows changed; nothing where none came."""
    is_any = late and (late["days"] or late["waiting"] or late["failed"])
    return ["late rows 迟到数据:", *backfill_lines(late)] if is_any else []


def _end(result: Any, date: str, late: dict[str, Any]) -> None:
    """Print what failed without stopping the day, and end with status 4 where something is partial."""
    for failure in result.failures:
        if isinstance(failure, AnalysisError) or not result.partial_reasons:
            typer.echo(f"emis: {one_printable_line(str(failure))}", err=True)
    if result.partial_reasons:
        down = [failure for failure in result.failures if isinstance(failure, FeedError)]
        causes = [failure.what for failure in down]
        remedy = down[0].remedy if down else "run the day again when the readings have arrived"
        raise PartialError(f"{date} is published as partial: {'; '.join([*result.partial_reasons, *causes])}", remedy)
    if late and late["failed"]:
        check_failed(late, f"the day itself is done; {next_command(late['region'], sorted(late['failed']))}")
