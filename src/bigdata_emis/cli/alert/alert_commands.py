"""The commands `emis alert …`: the level that forecasts call for, and what people do about it.

Belongs here: arguments. Does not: the rules (control.alert), the question (control.current_alert).
"""

from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import pair_lines
from bigdata_emis.codes import AlertLevel
from bigdata_emis.errors import InputError

alert_commands = typer.Typer(
    help="The alert level that the forecasts call for; asking changes nothing.", invoke_without_command=True
)

AtOption = Annotated[str, typer.Option("--at", help="what was known at this time; default now")]
RegionalOption = Annotated[
    AlertLevel, typer.Option("--regional-level", help="level of a regional prompt, which prevails if it is higher")
]
InForceOption = Annotated[
    AlertLevel, typer.Option("--in-force", help="level in force, which is lowered only when the air improves")
]
SinceOption = Annotated[str, typer.Option("--since", help="start of the level in force, local date or time")]
DustOption = Annotated[
    str, typer.Option("--dust", help="an operator's word, yes or no; default auto: by PM2.5 / PM10 and wind")
]
RulesOption = Annotated[str, typer.Option("--rules", help="version of the rules; default that of the region and day")]
SHOWN = ("level", "rule_version", "from_utc", "to_utc", "reason")


@alert_commands.callback()
def ask(
    context: typer.Context,
    region: Annotated[str, typer.Option("--region", "-r", help="region folder, for instance nys or jjj")] = "",
    at: AtOption = "",
    regional_level: RegionalOption = AlertLevel.NONE,
    in_force: InForceOption = AlertLevel.NONE,
    since: SinceOption = "",
    dust: DustOption = "auto",
    rules: RulesOption = "",
    json_: JsonOption = False,
) -> None:
    """The alert level that the forecasts call for, and the reason. Asking changes nothing."""
    if context.invoked_subcommand is not None:
        return
    if not region:
        raise InputError("--region is missing", "name a region folder, for instance --region jjj")
    from bigdata_emis.control.current_alert import current_alert

    loaded, at_utc, question = _read_question(region, at, regional_level, in_force, since, dust, rules)
    document = current_alert(loaded, at_utc=at_utc, question=question)
    answer(document, json_, lambda: pair_lines({k: v for k, v in document.items() if k in SHOWN}))


@alert_commands.command()
def propose(
    region: RegionOption,
    at: AtOption = "",
    regional_level: RegionalOption = AlertLevel.NONE,
    in_force: InForceOption = AlertLevel.NONE,
    since: SinceOption = "",
    dust: DustOption = "auto",
    rules: RulesOption = "",
    json_: JsonOption = False,
) -> None:
    """Record what the forecasts call for as a proposal, shown in the report; it orders and publishes nothing."""
    from bigdata_emis.control.current_alert import propose_alert

    loaded, at_utc, question = _read_question(region, at, regional_level, in_force, since, dust, rules)
    document = propose_alert(loaded, at_utc=at_utc, question=question)
    answer(document, json_, lambda: pair_lines({k: v for k, v in document.items() if k in SHOWN}))


def _read_question(
    region: str, at: str, regional_level: str, in_force: str, since: str, dust: str, rules: str
) -> tuple[Any, Any, Any]:
    """The region, the time and the question of a command."""
    from bigdata_emis.control.current_alert import AlertQuestion
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_instant

    loaded = load_region(region)
    question = AlertQuestion(
        regional_level=regional_level,
        in_force=in_force,
        since_utc=parse_instant(since, loaded.time_zone) if since else None,
        dust=dust,
        rule_version=rules or None,
    )
    return loaded, parse_instant(at, loaded.time_zone) if at else now(), question
