"""The `emis` command: everything that a DAG task does can be done by hand.

Belongs here: arguments and exit status. Does not: any work of its own; options, progress and printing (options.py), or
lines (tables.py).
"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis import __version__
from bigdata_emis.cli.alert.alert_commands import alert_commands
from bigdata_emis.cli.commands.backfill_command import backfill
from bigdata_emis.cli.commands.day_command import day
from bigdata_emis.cli.commands.export_command import export
from bigdata_emis.cli.commands.fault_trial_command import try_cleaning
from bigdata_emis.cli.commands.feed_command import feed_commands
from bigdata_emis.cli.commands.gateway_command import gateway
from bigdata_emis.cli.commands.listed_commands import listed
from bigdata_emis.cli.commands.optimise_command import optimise
from bigdata_emis.cli.commands.quality_command import quality
from bigdata_emis.cli.commands.quarantine_command import quarantine_commands
from bigdata_emis.cli.commands.recorded_attempts import recorded
from bigdata_emis.cli.commands.validate_command import validate
from bigdata_emis.cli.demo_lines import demo_lines
from bigdata_emis.cli.global_options import global_options
from bigdata_emis.cli.help_text import CommandGroup
from bigdata_emis.cli.inventory.compare_command import inventory_commands
from bigdata_emis.cli.inventory.day_trial_command import try_whole_days
from bigdata_emis.cli.inventory.drivers_command import drivers
from bigdata_emis.cli.inventory.factor_trial_command import try_class_factors
from bigdata_emis.cli.lists.list_commands import list_commands
from bigdata_emis.cli.models import models
from bigdata_emis.cli.options import (
    FromOption,
    JsonOption,
    RegionOption,
    ToOption,
    answer,
    named_region,
    now,
    parse_region_and_window,
    progress_bar,
    time_zone_of,
)
from bigdata_emis.cli.outcome.brief_command import brief
from bigdata_emis.cli.outcome.outcome_commands import compliance_commands, outcome, try_alerts
from bigdata_emis.cli.outcome.review_command import review
from bigdata_emis.cli.registry_command import registry_commands
from bigdata_emis.cli.runs import runs
from bigdata_emis.cli.scenario.approval_question import ask_about_uncovered_hours
from bigdata_emis.cli.scenario.recalc_command import recalc
from bigdata_emis.cli.scenario.scenario_commands import ScenarioOption, scenario_commands
from bigdata_emis.cli.scenario.scenario_lines import decision_lines
from bigdata_emis.cli.tables import PAGE_STATUS, in_local_time, pair_lines, published_lines, receipt_lines
from bigdata_emis.cli.unexpected_errors import describe_place, describe_unexpected, one_printable_line
from bigdata_emis.cli.upkeep_commands import doctor, prune, regions
from bigdata_emis.codes import Authentication
from bigdata_emis.errors import EmisError, FeedError, InputError

app = typer.Typer(
    help="Near-real-time emission inventory and heavy-pollution decision support.",
    no_args_is_help=True,
    cls=CommandGroup,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.callback()(global_options)


def main() -> None:
    """Run the command; a refusal is one line on stderr and its exit status, and so is an error nobody foresaw."""
    try:
        app()
    except EmisError as refusal:
        line = in_local_time(one_printable_line(str(refusal)), time_zone_of(named_region(sys.argv)))
        typer.echo(f"emis: {line}", err=True)
        sys.exit(refusal.exit_status)
    except Exception as problem:
        if full := describe_place(problem):
            typer.echo(f"emis: {full}", err=True)
            sys.exit(InputError.exit_status)
        typer.echo(f"emis: {describe_unexpected(problem, now=now())}", err=True)
        sys.exit(1)


@app.command()
def run(
    stage: Annotated[str, typer.Argument(help="stage of the flow, see docs/generated/flow.md")],
    region: RegionOption,
    from_: FromOption,
    to: ToOption,
    empty_if_down: Annotated[
        bool,
        typer.Option(
            "--empty-if-down",
            help="of a feed that is down, write an empty version of each day of which it never brought anything",
        ),
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Run one stage over one window (whole local days), and print its receipt."""
    from bigdata_emis import flow
    from bigdata_emis.run.engine_check import require_engine
    from bigdata_emis.run.stage import context_for, run_stage
    from bigdata_emis.storage.registries.registry_identity import prepare_registry
    from bigdata_emis.workflow.day import make_run_id, write_missing_days

    chosen = flow.stage(stage)
    loaded, window, known_utc = *parse_region_and_window(region, from_, to), now()
    require_engine([chosen])
    prepare_registry()
    context = context_for(loaded, window, known_utc, make_run_id(region, window, known_utc))
    if widened := _widened_window(loaded, window):
        typer.echo(f"emis: {widened}", err=True)
    try:
        receipt = run_stage(stage, context)
    except FeedError:
        if chosen.feed and empty_if_down:
            write_missing_days(chosen, context)
        raise
    answer(asdict(receipt), json_, lambda: receipt_lines([asdict(receipt)]), region=region)


app.command()(day)
app.add_typer(alert_commands, name="alert")
app.command()(recalc)


@app.command()
@recorded("approval")
def approve(
    region: RegionOption,
    scenario: ScenarioOption,
    by: Annotated[str, typer.Option(help="name of the person who decides")],
    reject: Annotated[bool, typer.Option("--reject", help="reject the scenario instead")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask when hours are left without an order")] = False,
    authenticated: Annotated[
        Authentication, typer.Option("--authenticated", hidden=True, help="how the person was authenticated")
    ] = Authentication.COMMAND,
    json_: JsonOption = False,
) -> None:
    """Publish a recalculated scenario, or reject it; the audit trail records who decided."""
    from bigdata_emis.publish.scenario_decision import APPROVED, REJECTED, decide_scenario
    from bigdata_emis.publish.scenarios.scenario_rows import resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.registry_identity import prepare_registry

    loaded = load_region(region)
    prepare_registry()
    scenario = resolve_scenario(loaded, scenario)
    ask_about_uncovered_hours(loaded, scenario, is_answered=yes or reject or json_)
    document = decide_scenario(
        loaded,
        scenario,
        decision=REJECTED if reject else APPROVED,
        actor=by,
        known_utc=now(),
        authentication=authenticated,
    )
    answer(document, json_, lambda: decision_lines(in_local_time(document, loaded.time_zone)), region=region)


app.command()(optimise)
app.add_typer(scenario_commands, name="scenario")
app.add_typer(list_commands, name="list")
app.command()(outcome)
app.add_typer(compliance_commands, name="compliance")
app.command()(brief)
app.command()(review)


@app.command()
@listed
def report(
    region: RegionOption,
    date: Annotated[
        str, typer.Option("--date", "-d", help="local calendar day; default the first of the scenario")
    ] = "",
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="scenario whose ledger is shown; default the one in force")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="write the page to this file instead; the lake may be read-only")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Write the page of a day, with the ledger of a scenario; an unpublished day or a draft has a marked page apart."""
    from bigdata_emis.publish.scenarios.scenario_rows import first_day, resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.report.day_page import write_day_page
    from bigdata_emis.window import parse_day

    if not date and scenario is None:
        raise InputError("neither --date nor --scenario is given", "give one of them")
    loaded = load_region(region)
    scenario = scenario and resolve_scenario(loaded, scenario)
    day = parse_day(date) if date else first_day(loaded, scenario or "")
    page = write_day_page(loaded, day, scenario=scenario, known_utc=now(), out=out)
    document = {
        "region": region,
        "date": day.isoformat(),
        "scenario": page.scenario_id,
        "scenario_status": page.scenario_status,
        "status": page.status,
        "report": page.path,
    }
    answer(document, json_, lambda: pair_lines({**document, "status": PAGE_STATUS[page.status]}), region=region)


@app.command()
def published(
    region: Annotated[str, typer.Option("--region", "-r", help="region; default all that are in the database")] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="what was known then, local date or time; without --region UTC")
    ] = "",
    verify: Annotated[
        bool, typer.Option("--verify", help="read every file and compare its SHA-256; exit status 3 when one differs")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """The published tables with their versions and the time at which each version was known."""
    from bigdata_emis.publish.manifest import published as listing
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.published.verification import changed_files, refuse_changed_files
    from bigdata_emis.window import parse_instant

    document = listing(region, as_of=parse_instant(as_of, time_zone_of(region)) if as_of else None)
    if region and not document["versions"]:
        load_region(region)  # refuses an unknown region; one whose folder is gone may still have published
    if verify:
        document["changed_files"] = changed_files(document["versions"])
    zones = {name: time_zone_of(name) for name in {one["region"] for one in document["versions"]}}
    answer(document, json_, lambda: published_lines(document, zones), region=region)
    if verify:
        refuse_changed_files(document["changed_files"])


app.command()(export)
app.command()(models)
app.command()(runs)
app.command()(regions)
app.command()(prune)
app.command()(doctor)
app.add_typer(inventory_commands, name="inventory")
inventory_commands.command()(drivers)
app.add_typer(registry_commands, name="registry")
app.add_typer(feed_commands, name="feed")
app.add_typer(quarantine_commands, name="quarantine")
app.command()(gateway)
app.command()(validate)
app.command()(backfill)
app.command()(quality)


@app.command()
def demo(
    seed: Annotated[int, typer.Option(min=0, max=2**62, help="seed of the simulated feeds")] = 20151219,
    size: Annotated[str, typer.Option(help="small, city or province (tiny for a quick look)")] = "small",
    score: Annotated[bool, typer.Option("--score", help="compare with the hidden truth")] = False,
    alert_trials: Annotated[
        int, typer.Option(min=0, max=100, help="only so many simulated alerts, scored: achieved cut and compliance")
    ] = 0,
    fault_trials: Annotated[
        int, typer.Option(min=0, max=100, help="only so many simulated regions with faults, scored: cleaning by kind")
    ] = 0,
    factor_trials: Annotated[
        int, typer.Option(min=0, max=100, help="only so many simulated registers, scored: factors of classes")
    ] = 0,
    day_trials: Annotated[
        int,
        typer.Option(min=0, max=100, help="only so many simulated days, scored: intervals and bias by sector, tier"),
    ] = 0,
    json_: JsonOption = False,
) -> None:
    """Run a measured day of New York units, then the simulated alert days of Beijing-Tianjin-Hebei."""
    if alert_trials:
        return try_alerts(seed, alert_trials, size, json_)
    if fault_trials:
        return try_cleaning(seed, fault_trials, size, json_)
    if factor_trials:
        return try_class_factors(seed, factor_trials, size, json_)
    if day_trials:
        return try_whole_days(seed, day_trials, size, json_)
    from bigdata_emis.demo.show import show

    with progress_bar() as step:
        document = show(seed=seed, size=size, with_score=score, known_utc=now(), progress=step)
    answer(document, json_, lambda: demo_lines(in_local_time(document, time_zone_of(document["recalc"]["region"]))))


@app.command()
def version() -> None:
    """Print the version of the code."""
    typer.echo(__version__)


@app.command()
@listed
def restate(
    region: RegionOption,
    month: Annotated[str, typer.Option("--month", "-m", help="local month, for instance 2015-11")],
    json_: JsonOption = False,
) -> None:
    """Benchmark the days of a month to its audited totals (registry/audited_emission_monthly); publish new versions."""
    from bigdata_emis.region import load_region
    from bigdata_emis.workflow.restatement import restate as restate_month
    from bigdata_emis.workflow.restatement import restated_lines

    with progress_bar() as step:
        document = restate_month(load_region(region), month, known_utc=now(), progress=step)
    answer(document, json_, lambda: restated_lines(document), region=region)


def _widened_window(region: Any, window: Any) -> str:
    """What a stage runs over instead of a window that is not of whole local days; empty for one that is."""
    from zoneinfo import ZoneInfo

    whole, zone = window.whole_days(region.time_zone), ZoneInfo(region.time_zone)
    if whole == window:
        return ""
    start, end = (instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for instant in (whole.from_utc, whole.to_utc))
    return f"a stage runs over whole local days: from {start} to {end} in {region.time_zone}"
