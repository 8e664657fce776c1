"""The `emis` command: everything that a DAG task does can be done by hand.

Belongs here: arguments and exit status. Does not: any work of its own; options, progress and printing (cli_shell), lines (cli_lines).
"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis import __version__
from bigdata_emis.cli.models import models
from bigdata_emis.cli.options import FromOption, JsonOption, RegionOption, ToOption, answer, now, progress_bar
from bigdata_emis.cli.tables import demo_lines, ledger_lines, pair_lines, published_lines, receipt_lines, score_lines
from bigdata_emis.errors import EmisError, InputError

app = typer.Typer(
    help="Near-real-time emission inventory and heavy-pollution decision support.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command; a refusal is one line on stderr and its exit status."""
    try:
        app()
    except EmisError as refusal:
        typer.echo(f"emis: {' '.join(str(refusal).split())}", err=True)
        sys.exit(refusal.exit_status)
    except KeyboardInterrupt:
        typer.echo("emis: stopped; the last complete versions are in place", err=True)
        sys.exit(1)


@app.command()
def run(
    stage: Annotated[str, typer.Argument(help="stage of the flow, see docs/generated/flow.md")],
    region: RegionOption,
    from_: FromOption,
    to: ToOption,
    json_: JsonOption = False,
) -> None:
    """Run one stage over one window (whole local days), and print its receipt."""
    from bigdata_emis import flow
    from bigdata_emis.run.stage import context_for, run_stage
    from bigdata_emis.storage import database
    from bigdata_emis.workflow.day import make_run_id

    flow.stage(stage)
    place, window, known_utc = *_place(region, from_, to), now()
    database.migrate()
    receipt = run_stage(stage, context_for(place, window, known_utc, make_run_id(region, window, known_utc)))
    answer(asdict(receipt), json_, lambda: receipt_lines([asdict(receipt)]))


@app.command()
def day(
    region: RegionOption,
    date: Annotated[str, typer.Option("--date", "-d", help="local calendar day")],
    json_: JsonOption = False,
) -> None:
    """Run the whole flow of a day, and print the receipts. Exit status 2 when a feed was down and the day is partial."""
    from bigdata_emis.region import load_region
    from bigdata_emis.window import day_window, parse_day
    from bigdata_emis.workflow.day import run_flow

    place = load_region(region)
    with progress_bar() as step:
        result = run_flow(place, day_window(parse_day(date), place.time_zone), known_utc=now(), progress=step)
    receipts = [asdict(r) for r in result.receipts]
    document = {
        "region": region,
        "date": date,
        "run": result.run_id,
        "receipts": receipts,
        "failures": [str(f) for f in result.failures],
    }
    answer(document, json_, lambda: receipt_lines(receipts))
    if result.failures:
        down = "; ".join(failure.what for failure in result.failures)
        raise InputError(f"{down} (the day is published as partial)", result.failures[0].remedy)


@app.command()
def alert(
    region: RegionOption,
    at: Annotated[str, typer.Option("--at", help="what was known at this time; default now")] = "",
    json_: JsonOption = False,
) -> None:
    """The level that the forecasts call for, and why."""
    from bigdata_emis.control.current_alert import current_alert
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_instant

    place = load_region(region)
    decision = current_alert(place, at_utc=parse_instant(at, place.time_zone) if at else now())
    answer(
        decision,
        json_,
        lambda: pair_lines({k: decision[k] for k in ("level", "rule_version", "from_utc", "to_utc", "reason")}),
    )


@app.command()
def recalc(
    region: RegionOption,
    level: Annotated[str, typer.Option(help="yellow, orange or red")],
    from_: FromOption,
    to: ToOption,
    measures: Annotated[Path | None, typer.Option(help="CSV with the city's own measures")] = None,
    name: Annotated[str | None, typer.Option(help="name of the scenario")] = None,
    json_: JsonOption = False,
) -> None:
    """What each measure of a level would cut over a window: by source and hour, and as a ledger against the targets."""
    from bigdata_emis.cli.options import without_pandas

    without_pandas()
    from bigdata_emis.control.recalculate import recalculate_region

    place, window = _place(region, from_, to)
    document = recalculate_region(
        region=place, level=level, window=window, measures_file=measures, name=name, known_utc=now()
    )
    answer(document, json_, lambda: ledger_lines(document))


@app.command()
def approve(
    region: RegionOption,
    scenario: Annotated[str, typer.Option(help="name that `emis recalc` gave")],
    by: Annotated[str, typer.Option(help="who decided")],
    reject: Annotated[bool, typer.Option("--reject", help="turn the scenario down instead")] = False,
    json_: JsonOption = False,
) -> None:
    """Publish a recalculated scenario, or turn it down; who decided is kept."""
    from bigdata_emis.publish.scenario_decision import decide_scenario
    from bigdata_emis.region import load_region

    decision = "rejected" if reject else "approved"
    document = decide_scenario(load_region(region), scenario, decision=decision, actor=by, known_utc=now())
    answer(document, json_, lambda: pair_lines(document))


@app.command()
def report(
    region: RegionOption,
    date: Annotated[
        str, typer.Option("--date", "-d", help="local calendar day; default the first of the scenario")
    ] = "",
    scenario: Annotated[str | None, typer.Option(help="scenario whose ledger is shown")] = None,
    json_: JsonOption = False,
) -> None:
    """Write the page of a published day, with the ledger of a scenario."""
    from bigdata_emis.publish.scenario_decision import first_day
    from bigdata_emis.region import load_region
    from bigdata_emis.report.day_page import write_day_page
    from bigdata_emis.window import parse_day

    if not date and scenario is None:
        raise InputError("neither --date nor --scenario is given", "give one of them")
    place = load_region(region)
    day = parse_day(date) if date else first_day(place, scenario or "")
    document = {
        "region": region,
        "date": day.isoformat(),
        "scenario": scenario,
        "report": write_day_page(place, day, scenario=scenario, known_utc=now()),
    }
    answer(document, json_, lambda: pair_lines(document))


@app.command()
def published(
    region: Annotated[str, typer.Option("--region", "-r", help="region; default all that are in the database")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="what was known at this time")] = "",
    json_: JsonOption = False,
) -> None:
    """What is published, with versions and the time from which each was known."""
    from bigdata_emis.publish.manifest import published as listing
    from bigdata_emis.region import load_region
    from bigdata_emis.storage import database
    from bigdata_emis.window import parse_instant

    database.migrate()
    document = listing(region, as_of=parse_instant(as_of, "UTC") if as_of else None)
    if region and not document["versions"]:
        load_region(region)  # refuses a region that there is not; one whose folder has gone may still have published
    answer(document, json_, lambda: published_lines(document))


app.command()(models)


@app.command()
def validate(
    task: Annotated[str, typer.Argument(help="what is judged; `emis validate list` names the tasks")],
    data: Annotated[Path, typer.Option("--data", help="folder laid out like shared/data")] = Path(),
    fit: Annotated[str, typer.Option(help="years to fit, comma separated; default the task's own")] = "",
    score: Annotated[str, typer.Option(help="years to score")] = "",
    mode: Annotated[str, typer.Option(help="frozen or walk-forward; default the task's own")] = "",
    truth_late_days: Annotated[
        int | None, typer.Option(help="walk-forward: days until the truth of an hour is known")
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", help="write a page with plots to this HTML file")] = None,
    json_: JsonOption = False,
) -> None:
    """Judge the models on data that were measured, beside the plain baselines."""
    from bigdata_emis import validate as tasks

    if task == "list":
        return answer({"tasks": tasks.task_lines()}, json_, tasks.task_lines)
    options = {
        name: value
        for name, value in (("mode", mode or None), ("truth_late_days", truth_late_days))
        if value is not None
    }
    with progress_bar() as step:
        document = tasks.validate(
            task, data, fit=_years(fit), score=_years(score), options=options, page=page, progress=step
        )
    return answer(document, json_, lambda: score_lines(document))


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="seed of the simulated feeds")] = 20151219,
    size: Annotated[str, typer.Option(help="small, city or province (tiny for a quick look)")] = "small",
    score: Annotated[bool, typer.Option("--score", help="compare with the hidden truth")] = False,
    json_: JsonOption = False,
) -> None:
    """A measured day of New York units, then the simulated alert days of Beijing-Tianjin-Hebei."""
    from bigdata_emis.demo.show import show

    with progress_bar() as step:
        document = show(seed=seed, size=size, with_score=score, known_utc=now(), progress=step)
    answer(document, json_, lambda: demo_lines(document))


@app.command()
def version() -> None:
    """The version of the code."""
    typer.echo(__version__)


def _place(region: str, from_: str, to: str) -> tuple[Any, Any]:
    from bigdata_emis.region import load_region
    from bigdata_emis.window import Window, parse_instant

    place = load_region(region)
    return place, Window(parse_instant(from_, place.time_zone), parse_instant(to, place.time_zone))


def _years(text: str) -> tuple[int, ...] | None:
    try:
        return tuple(int(year) for year in text.split(",")) if text else None
    except ValueError:
        raise InputError(f"'{text}' is not a list of years", "write 2017,2018") from None


@app.command()
def restate(
    region: RegionOption,
    month: Annotated[str, typer.Option("--month", "-m", help="local month, for instance 2015-11")],
    json_: JsonOption = False,
) -> None:
    """Anchor the days of a month to its audited totals (registry/audited_emission_monthly) and publish them as new versions."""
    from bigdata_emis.region import load_region
    from bigdata_emis.workflow.restatement import restate as make_again
    from bigdata_emis.workflow.restatement import restated_lines

    with progress_bar() as step:
        document = make_again(load_region(region), month, known_utc=now(), progress=step)
    answer(document, json_, lambda: restated_lines(document))
