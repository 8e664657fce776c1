"""The commands `emis scenario …`: scenarios listed, shown, explained, lifted, retired, and published again.

Belongs here: arguments. Does not: what they do (publish.scenarios.scenario_changes, control.results), the decision
(app).
"""

from typing import TYPE_CHECKING, Annotated

import typer

from bigdata_emis.cli.commands.recorded_attempts import recorded
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now, progress_bar
from bigdata_emis.cli.outcome.cut_lines import gap_lines, waterfall_lines
from bigdata_emis.cli.scenario.scenario_lines import scenario_lines
from bigdata_emis.cli.tables import in_local_time, pair_lines, untitled_lines

if TYPE_CHECKING:
    from bigdata_emis.control.results.scenario_replay import ScenarioReplay
    from bigdata_emis.report.sheet.report_sheet import Words

scenario_commands = typer.Typer(
    help="Scenarios after their recalculation: list, show, waterfall, gap, lift, retire, publish again.",
    no_args_is_help=True,
)

SCENARIO_HELP = "name that `emis recalc` printed, or the one given to it where a single scenario has it"
ScenarioOption = Annotated[str, typer.Option("--scenario", "-s", help=SCENARIO_HELP)]
ByOption = Annotated[str, typer.Option("--by", help="name of the person who decides")]
NoteOption = Annotated[
    str, typer.Option("--note", "--reason", help="why, for the audit trail; --reason is the name of earlier versions")
]


@scenario_commands.command("list")
def list_(
    region: RegionOption,
    status: Annotated[str, typer.Option(help="only scenarios of this status")] = "",
    json_: JsonOption = False,
) -> None:
    """The scenarios of a region, with the hours in which each is in force."""
    from bigdata_emis.publish.scenarios.scenario_changes import list_scenarios
    from bigdata_emis.region import load_region

    loaded = load_region(region)
    scenarios = list_scenarios(loaded, status=status)
    shown = in_local_time(scenarios, loaded.time_zone)
    answer({"region": region, "scenarios": scenarios}, json_, lambda: scenario_lines(shown), region=region)


@scenario_commands.command()
def show(region: RegionOption, scenario: ScenarioOption, json_: JsonOption = False) -> None:
    """A scenario with every act about it in the audit trail."""
    from bigdata_emis.publish.scenarios.scenario_changes import show_scenario
    from bigdata_emis.publish.scenarios.scenario_rows import resolve_scenario
    from bigdata_emis.region import load_region

    loaded = load_region(region)
    document = show_scenario(loaded, resolve_scenario(loaded, scenario))

    def lines() -> list[str]:
        local = in_local_time(document, loaded.time_zone)
        acts = [(act["known_utc"], act["actor"], act["authentication"] or "-", act["note"]) for act in local["acts"]]
        facts = {
            key: value for key, value in local.items() if key not in ("acts", "parameters", "alerts", "is_in_force")
        }
        return [*pair_lines(facts), *untitled_lines(acts)]

    answer(document, json_, lines, region=region)


@scenario_commands.command()
def waterfall(
    region: RegionOption,
    scenario: ScenarioOption,
    pollutant: Annotated[str, typer.Option("--pollutant", "-p", help="default all of which something is cut")] = "",
    order: Annotated[str, typer.Option("--order", help="list (by measure_id), or cut: the largest first")] = "list",
    json_: JsonOption = False,
) -> None:
    """What each measure of a scenario adds to the cut when it is applied after those before it."""
    from bigdata_emis.control.results.waterfall import waterfall_document

    replay = _replay(region, scenario)
    with progress_bar() as step:
        document = waterfall_document(replay, pollutant=pollutant, order=order, progress=step)
    local = in_local_time(document, replay.event.region.time_zone)
    answer(document, json_, lambda: waterfall_lines(local, _names(replay)), region=region)


@scenario_commands.command()
def gap(
    region: RegionOption,
    scenario: ScenarioOption,
    pollutant: Annotated[str, typer.Option("--pollutant", "-p", help="pollutant whose target is asked")],
    target: Annotated[float | None, typer.Option("--target", help="share; default that of the level in force")] = None,
    json_: JsonOption = False,
) -> None:
    """Which plants would close the gap between the cut of a scenario and a target, the largest possible cut first."""
    from bigdata_emis.control.results.gap_ranking import gap_document
    from bigdata_emis.report.names.county_names import county_names
    from bigdata_emis.report.names.source_names import source_names

    replay = _replay(region, scenario)
    document = gap_document(replay, pollutant=pollutant, target_share=target)
    local = in_local_time(document, replay.event.region.time_zone)
    named = replay.event.region
    answer(document, json_, lambda: gap_lines(local, source_names(named), county_names(named)), region=region)


def _names(replay: "ScenarioReplay") -> "dict[str, Words]":
    """The names of the measures of a scenario, and of the steps of what they move."""
    from bigdata_emis.control.results.waterfall import MOVED_STEPS
    from bigdata_emis.report.names.measure_names import measure_names
    from bigdata_emis.report.names.source_names import source_names
    from bigdata_emis.report.sheet.report_sheet import code_words

    names = measure_names(map(vars, replay.event.cuts.measures), source_names(replay.event.region))
    return names | {step: code_words("moved_kind", kind) for kind, step in MOVED_STEPS.items()}


def _replay(region: str, scenario: str) -> "ScenarioReplay":
    from bigdata_emis.control.results.scenario_replay import open_replay
    from bigdata_emis.publish.scenarios.scenario_rows import find_scenario, resolve_scenario, scenario_parameters
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.lake import open_lake

    loaded = load_region(region)
    row = find_scenario(loaded, resolve_scenario(loaded, scenario))
    return open_replay(loaded, row, scenario_parameters(row), open_lake(loaded))


@scenario_commands.command()
@recorded("scenario lift")
def lift(
    region: RegionOption,
    scenario: ScenarioOption,
    by: ByOption,
    at: Annotated[str, typer.Option("--at", help="local date or time, a whole hour; default the next one")] = "",
    note: NoteOption = "",
    json_: JsonOption = False,
) -> None:
    """End a scenario that is in force, from a time on."""
    from bigdata_emis.publish.scenarios.scenario_changes import lift_scenario
    from bigdata_emis.publish.scenarios.scenario_rows import resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.registry_identity import prepare_registry
    from bigdata_emis.window import parse_instant

    loaded = load_region(region)
    at_utc = parse_instant(at, loaded.time_zone) if at else None
    prepare_registry()
    named = resolve_scenario(loaded, scenario)
    document = lift_scenario(loaded, named, at_utc=at_utc, actor=by, known_utc=now(), reason=note)
    answer(document, json_, lambda: pair_lines(in_local_time(document, loaded.time_zone)), region=region)


@scenario_commands.command()
@recorded("scenario retirement")
def retire(
    region: RegionOption, scenario: ScenarioOption, by: ByOption, note: NoteOption = "", json_: JsonOption = False
) -> None:
    """Withdraw a scenario: it is in force in no hour; its files stay, marked as retired."""
    from bigdata_emis.publish.scenarios.scenario_changes import retire_scenario
    from bigdata_emis.publish.scenarios.scenario_rows import resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.registry_identity import prepare_registry

    loaded = load_region(region)
    prepare_registry()
    named = resolve_scenario(loaded, scenario)
    document = retire_scenario(loaded, named, actor=by, known_utc=now(), reason=note)
    answer(document, json_, lambda: pair_lines(in_local_time(document, loaded.time_zone)), region=region)


@scenario_commands.command()
@recorded("scenario publication")
def publish(region: RegionOption, scenario: ScenarioOption, json_: JsonOption = False) -> None:
    """Publish the files of an approved scenario again; refused when nobody approved it."""
    from bigdata_emis.publish.scenarios.scenario_changes import publish_approved
    from bigdata_emis.publish.scenarios.scenario_rows import resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.registry_identity import prepare_registry

    loaded = load_region(region)
    prepare_registry()
    document = publish_approved(loaded, resolve_scenario(loaded, scenario))
    answer(document, json_, lambda: pair_lines(in_local_time(document, loaded.time_zone)), region=region)
