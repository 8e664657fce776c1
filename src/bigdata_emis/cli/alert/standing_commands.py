"""The commands `emis alert issue|prompt|change|lift|list`: what people decide about alerts, signed and recorded.

Belongs here: arguments. Does not: what the acts do (publish.alerts).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.recorded_attempts import recorded
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now, parse_region_and_window
from bigdata_emis.cli.tables import in_local_time, pair_lines, table_lines
from bigdata_emis.codes import AlertEvent, AlertLevel, Authentication
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.window import Window

AlertOption = Annotated[str, typer.Option("--alert", "-a", help="name that `emis alert list` prints")]
WHOLE_REGION = "all"
"""What is printed for the cities of an alert that names none."""
ByOption = Annotated[str, typer.Option("--by", help="name of the person who decides")]
NoteOption = Annotated[str, typer.Option("--note", help="why, for the record")]
StartOption = Annotated[str, typer.Option("--from", help="start, local date or time")]
EndOption = Annotated[str, typer.Option("--to", help="planned end, exclusive")]
CitiesOption = Annotated[str, typer.Option("--cities", help="cities, separated by commas; default the whole region")]
LevelOption = Annotated[str, typer.Option("--level", help="yellow, orange or red; blue in old versions")]


@recorded("alert issue")
def issue(
    region: RegionOption,
    by: ByOption = "",
    level: LevelOption = AlertLevel.NONE.value,
    from_: StartOption = "",
    to: EndOption = "",
    cities: CitiesOption = "",
    temporary: Annotated[
        bool, typer.Option("--temporary", help="temporary control below the lowest level, which has no level")
    ] = False,
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="take level, hours and signer from this approved scenario")
    ] = "",
    prompted: Annotated[
        str, typer.Option("--prompt", help="with --scenario: level of the regional prompt, recorded too")
    ] = AlertLevel.NONE.value,
    note: NoteOption = "",
    json_: JsonOption = False,
) -> None:
    """Issue an alert, signed; from then on it is in force in its hours, and answers start from it."""
    from bigdata_emis.publish.alerts.alert_acts import issue_for_scenario
    from bigdata_emis.publish.scenarios.scenario_rows import find_scenario, resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.registry_identity import prepare_registry

    loaded = load_region(region)
    if scenario:
        if by or level != AlertLevel.NONE or from_ or to:
            raise InputError("--scenario gives level, hours and signer", "leave --by, --level, --from and --to out")
        prepare_registry()
        named = resolve_scenario(loaded, scenario)
        row = find_scenario(loaded, named)
        known = _known_names(loaded, cities, Window(row["from_utc"], row["to_utc"]))
        document = issue_for_scenario(loaded, named, cities=known, known_utc=now(), regional_level=prompted)
    else:
        kind = AlertEvent.TEMPORARY if temporary else AlertEvent.ISSUE
        document = _begin(kind, region, by, level, from_, to, cities, note)
    answer(document, json_, lambda: event_lines(in_local_time(document, loaded.time_zone)), region=region)


@recorded("alert prompt")
def prompt(
    region: RegionOption,
    by: ByOption,
    level: LevelOption,
    from_: StartOption,
    to: EndOption,
    cities: CitiesOption = "",
    note: NoteOption = "",
    json_: JsonOption = False,
) -> None:
    """Record the prompt of the region that several cities follow together; it prevails where it is higher."""
    from bigdata_emis.region import load_region

    loaded = load_region(region)
    document = _begin(AlertEvent.REGIONAL_PROMPT, region, by, level, from_, to, cities, note)
    answer(document, json_, lambda: event_lines(in_local_time(document, loaded.time_zone)), region=region)


@recorded("alert change")
def change(
    region: RegionOption,
    alert: AlertOption,
    by: ByOption,
    level: Annotated[str, typer.Option("--level", help="new level")] = "",
    to: EndOption = "",
    note: NoteOption = "",
    json_: JsonOption = False,
) -> None:
    """Change the level or the planned end of a standing alert; what was before stays in its record."""
    from bigdata_emis.publish.alerts.alert_acts import change_alert
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_instant

    loaded = load_region(region)
    document = change_alert(
        loaded,
        alert,
        signature=_sign(by, note),
        level=level,
        to_utc=parse_instant(to, loaded.time_zone) if to else None,
    )
    answer(document, json_, lambda: event_lines(in_local_time(document, loaded.time_zone)), region=region)


@recorded("alert lift")
def lift(
    region: RegionOption,
    alert: AlertOption,
    by: ByOption,
    at: Annotated[str, typer.Option("--at", help="local date or time; default now")] = "",
    note: NoteOption = "",
    json_: JsonOption = False,
) -> None:
    """Lift a standing alert, prompt or temporary control; the review of an alert follows by itself."""
    from bigdata_emis.publish.alerts.alert_acts import lift_alert
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_instant

    loaded = load_region(region)
    at_utc = parse_instant(at, loaded.time_zone) if at else now()
    document = lift_alert(loaded, alert, signature=_sign(by, note), at_utc=at_utc)
    if document["kind"] == AlertEvent.ISSUE:
        from bigdata_emis.workflow.alert_review import review_after_lift

        document |= review_after_lift(loaded, alert, known_utc=now())
    answer(document, json_, lambda: event_lines(in_local_time(document, loaded.time_zone)), region=region)


def list_(
    region: RegionOption,
    at: Annotated[str, typer.Option("--at", help="only those in force at this time, as known then")] = "",
    json_: JsonOption = False,
) -> None:
    """The alerts, prompts and temporary controls of a region, with issue, lead time and signer."""
    from bigdata_emis.publish.alerts.alert_acts import list_alerts
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_instant

    loaded = load_region(region)
    alerts = list_alerts(loaded, at_utc=parse_instant(at, loaded.time_zone) if at else None)
    answer(
        {"region": region, "alerts": alerts},
        json_,
        lambda: alert_lines(in_local_time(alerts, loaded.time_zone)),
        region=region,
    )


def event_lines(event: Mapping[str, Any]) -> list[str]:
    """What was recorded, one line for each fact."""
    return pair_lines({**event, "cities": event["cities"] or [WHOLE_REGION]} if "cities" in event else event)


def alert_lines(alerts: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each alert."""
    titles = ["alert", "kind", "level", "cities", "from", "to", ">lead h", "lifted", "by"]
    rows = [
        [
            alert["alert"],
            alert["kind"],
            alert["level"],
            ", ".join(alert["cities"]) or WHOLE_REGION,
            alert["from_utc"],
            alert["to_utc"] or "-",
            "replayed" if alert["is_replayed"] else f"{alert['lead_h']:.1f}",
            "yes" if alert["is_lifted"] else "-",
            alert["by"],
        ]
        for alert in alerts
    ]
    return table_lines(titles, rows) if rows else ["no alert"]


def _begin(
    kind: AlertEvent, region: str, by: str, level: str, from_: str, to: str, cities: str, note: str
) -> dict[str, Any]:
    from bigdata_emis.publish.alerts.alert_acts import begin_alert

    if not (by and from_ and to):
        raise InputError("--by, --from and --to are needed", "give who decides, the start and the planned end")
    loaded, window = parse_region_and_window(region, from_, to)
    names = _known_names(loaded, cities, window)
    return begin_alert(loaded, kind=kind, level=level, window=window, signature=_sign(by, note), cities=names)


def _known_names(region: Region, cities: str, window: Window) -> list[str]:
    """The cities of the option; an alert of one of which no forecast and no plan speaks would be in force nowhere."""
    from bigdata_emis.control.alert.forecast_cities import require_known_cities

    names = [name.strip() for name in cities.split(",") if name.strip()]
    require_known_cities(region, names, window)
    return names


def _sign(by: str, note: str) -> Any:
    from bigdata_emis.publish.alerts.alert_acts import Signature

    return Signature(by, now(), note, Authentication.COMMAND)
