"""The command `emis recalc`: the cut of the measures of a level over a window, as a scenario that can be approved.

Belongs here: arguments. Does not: the computation (control.recalculate), the lines (scenario_lines).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bigdata_emis.cli.commands.recorded_attempts import check_act, recorded
from bigdata_emis.cli.options import (
    FromOption,
    JsonOption,
    RegionOption,
    ToOption,
    answer,
    now,
    parse_region_and_window,
)
from bigdata_emis.cli.scenario.scenario_lines import ledger_lines
from bigdata_emis.cli.tables import in_local_time

if TYPE_CHECKING:
    from bigdata_emis.control.recalculate import ChooseVersions
    from bigdata_emis.region import Region
    from bigdata_emis.window import Window

LevelOption = Annotated[str, typer.Option(help="yellow, orange or red")]
MeasuresOption = Annotated[Path | None, typer.Option(help="CSV with the city's own measures")]
ListOption = Annotated[
    str, typer.Option("--list", help="version of the emergency list, or newest, instead of or with --measures")
]
ChangeOption = Annotated[
    list[str] | None, typer.Option("--change", help="hour=level[,CSV]: another level or list from then on")
]
ReboundOption = Annotated[
    str, typer.Option("--rebound", help="share=…,hours=…: production made up after the lift; empty: none")
]
DetourOption = Annotated[
    str,
    typer.Option("--detour", help="share=…,classes=…,to=outside|neighbours[,links=CSV]: banned traffic that drives on"),
]
NameOption = Annotated[str | None, typer.Option(help="name of the scenario")]
ByOption = Annotated[str, typer.Option("--by", help="name of the person who asks, for the audit trail")]
NoteOption = Annotated[str, typer.Option("--note", help="why, for the audit trail")]
DraftInventoryOption = Annotated[
    bool, typer.Option("--draft-inventory", help="use the newest inventory, published or not; cannot be approved")
]
AccountingOption = Annotated[
    Path | None, typer.Option(help="also write the accounting table of all levels (减排比例核算表), .xlsx")
]


@recorded("recalculation")
def recalc(
    region: RegionOption,
    level: LevelOption,
    from_: FromOption,
    to: ToOption,
    measures: MeasuresOption = None,
    list_: ListOption = "",
    change: ChangeOption = None,
    rebound: ReboundOption = "",
    detour: DetourOption = "",
    name: NameOption = None,
    by: ByOption = "",
    note: NoteOption = "",
    draft_inventory: DraftInventoryOption = False,
    accounting: AccountingOption = None,
    json_: JsonOption = False,
) -> None:
    """The cut of each measure of a level over a window: by source and hour, and as a ledger against the targets.

    It rests on published inventories. Days after the last published one are projected from recent published days.
    """
    from bigdata_emis.control.moved.moved_options import load_moved_options
    from bigdata_emis.control.recalculate import recalculate_region
    from bigdata_emis.control.results.accounting_table import check_workbook_path, write_accounting
    from bigdata_emis.control.scenario.level_orders import parse_changes

    loaded, window = parse_region_and_window(region, from_, to)
    actor = check_act(by, note)
    if accounting is not None:
        check_workbook_path(accounting)
    measures, used = _add_list(loaded, window, list_, measures)
    recalculated = recalculate_region(
        region=loaded,
        level=level,
        window=window,
        measures_file=measures,
        name=name,
        known_utc=now(),
        actor=actor,
        note="; ".join(part for part in (f"list {used['version']}" if used else "", note.strip()) if part),
        choose_versions=_version_choice(draft_inventory),
        with_accounting=accounting is not None,
        changes=parse_changes(change or [], window, loaded.time_zone),
        options=load_moved_options(loaded, rebound, detour),
    )
    if accounting is not None:
        write_accounting(accounting, recalculated, time_zone=loaded.time_zone)
        recalculated["files"].append(str(accounting))
    document = {**recalculated, "list": used, "supersedes": _supersessions(loaded, recalculated["scenario"])}
    answer(document, json_, lambda: ledger_lines(in_local_time(document, loaded.time_zone)), region=region)


def _add_list(
    region: "Region", window: "Window", version: str, measures: Path | None
) -> tuple[Path | None, dict[str, Any] | None]:
    """The measures of a version of the emergency list with those of the file, and the version used; the file alone."""
    if not version:
        return measures, None
    from bigdata_emis.control.emergency_list.list_measures import measures_for_window

    return measures_for_window(region, version, window, others=measures)


def _version_choice(draft_inventory: bool) -> "ChooseVersions":
    from bigdata_emis.control.inventory_versions import newest_versions
    from bigdata_emis.control.projection.recent_versions import published_or_projected_versions

    return newest_versions if draft_inventory else published_or_projected_versions


def _supersessions(region: "Region", scenario_id: str) -> list[dict[str, Any]]:
    # Imported late: the database libraries load while the cuts are computed.
    from bigdata_emis.publish.scenarios.scenario_rows import plan_supersessions

    return plan_supersessions(region, scenario_id)
