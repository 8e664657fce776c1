"""`emis outcome` and `emis compliance …`: what an alert achieved, and the cases of lines that may not have obeyed.

Belongs here: the commands. Does not: the work (workflow, storage/registries/case_record), the lines (dispatch_sheet).
"""

from typing import Annotated

import typer

from bigdata_emis.cli.commands.listed_commands import listed
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now, progress_bar
from bigdata_emis.cli.outcome.truck_command import trucks
from bigdata_emis.cli.scenario.scenario_commands import ByOption, ScenarioOption
from bigdata_emis.cli.tables import in_local_time, pair_lines

compliance_commands = typer.Typer(
    help="Cases of lines that may not have obeyed an order: list, show, move; trucks at gates.", no_args_is_help=True
)
CaseOption = Annotated[str, typer.Option("--case", help="name of the case that `emis compliance list` prints")]


@listed
def outcome(
    region: RegionOption,
    scenario: ScenarioOption,
    draft: Annotated[
        bool, typer.Option("--draft", help="judge a scenario that nobody approved; opens no case")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """What a scenario achieved so far, who did not obey, and the emission without control; opens compliance cases."""
    from bigdata_emis.cli.outcome.dispatch_sheet import outcome_lines
    from bigdata_emis.publish.scenarios.scenario_rows import resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.registry_identity import prepare_registry
    from bigdata_emis.workflow.outcome import judge_outcome

    loaded = load_region(region)
    prepare_registry()
    document = judge_outcome(loaded, resolve_scenario(loaded, scenario), known_utc=now(), with_draft=draft)
    answer(document, json_, lambda: outcome_lines(in_local_time(document, loaded.time_zone)), region=region)


@compliance_commands.command("list")
def list_(
    region: RegionOption,
    scenario: Annotated[str, typer.Option("--scenario", "-s", help="only cases of this scenario")] = "",
    status: Annotated[str, typer.Option("--status", help="only cases of this status")] = "",
    json_: JsonOption = False,
) -> None:
    """Where to go first, the largest excess first, with what was seen; apart, cases of orders no longer in force."""
    from bigdata_emis.cli.outcome.dispatch_sheet import sheet_lines
    from bigdata_emis.region import load_region
    from bigdata_emis.report.brief.case_dispatch import not_judged_words
    from bigdata_emis.workflow.case_list import list_cases, orders_not_judged

    loaded = load_region(region)
    cases, unjudged = list_cases(loaded, scenario_id=scenario, status=status), orders_not_judged(loaded)
    said = not_judged_words(loaded, unjudged) if unjudged else None
    notices = [said["zh"], said["en"]] if said else []
    document = {"region": region, "cases": cases, "not_judged": unjudged}
    answer(document, json_, lambda: [*notices, *sheet_lines(cases, loaded.time_zone)], region=region)


@compliance_commands.command()
def sheet(
    region: RegionOption,
    scenario: Annotated[str, typer.Option("--scenario", "-s", help="only cases of this scenario")] = "",
    status: Annotated[str, typer.Option("--status", help="only cases of this status; default open and checked")] = "",
    json_: JsonOption = False,
) -> None:
    """The dispatch sheet to print, as page and PDF (zh, en): where to go, what was ordered, what was seen."""
    from bigdata_emis.region import load_region
    from bigdata_emis.workflow.case_list import write_case_sheet

    document = write_case_sheet(load_region(region), known_utc=now(), scenario_id=scenario, status=status)
    answer(document, json_, lambda: pair_lines({"cases 案件": document["cases"], **document["files"]}), region=region)


@compliance_commands.command()
def show(region: RegionOption, case: CaseOption, json_: JsonOption = False) -> None:
    """A case with its evidence and every act about it."""
    from bigdata_emis.cli.outcome.dispatch_sheet import case_lines
    from bigdata_emis.region import load_region
    from bigdata_emis.workflow.case_list import show_case

    loaded = load_region(region)
    document = show_case(loaded, case)
    answer(document, json_, lambda: case_lines(document, loaded.time_zone), region=region)


@compliance_commands.command()
def move(
    region: RegionOption,
    case: CaseOption,
    to: Annotated[str, typer.Option("--to", help="checked, confirmed, equipment_fault, closed or superseded")],
    by: ByOption,
    note: Annotated[str, typer.Option("--note", help="what was seen, for the audit trail; needed")] = "",
    json_: JsonOption = False,
) -> None:
    """Move a case: open, checked, then confirmed or equipment_fault, then closed.

    A checked case of an order that is in force in none of its hours any more may become superseded; open ones become so
    when the order ends. Where EMIS_APPROVERS is set, only they may confirm, state a fault or close.
    """
    from bigdata_emis.cli.outcome.dispatch_sheet import case_lines
    from bigdata_emis.region import load_region
    from bigdata_emis.workflow.case_list import decide_case

    loaded = load_region(region)
    document = decide_case(loaded, case, to=to, actor=by, note=note, known_utc=now())

    def lines() -> list[str]:
        return [*([document["already"]] if document["already"] else []), *case_lines(document, loaded.time_zone)]

    answer(document, json_, lines, region=region)


compliance_commands.command()(trucks)


def try_alerts(first_seed: int, count: int, size: str, as_json: bool) -> None:
    """Score achieved cut and compliance on simulated alerts of several seeds, and print the scores."""
    from bigdata_emis.cli.outcome.dispatch_sheet import trial_lines
    from bigdata_emis.demo.alert_trial.outcome_trial import try_outcome

    seeds = range(first_seed, first_seed + count)
    with progress_bar() as step:
        document = try_outcome(seeds=seeds, size=size, known_utc=now(), progress=step)
    answer(document, as_json, lambda: trial_lines(document))
