"""The commands `emis alert …`: the level that forecasts call for, and what people do about it.

Belongs here: arguments. Does not: the rules (control.alert), the question (control.current_alert).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bigdata_emis.cli.alert.standing_commands import change, issue, lift, list_, prompt
from bigdata_emis.cli.commands.recorded_attempts import recorded
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now, progress_bar
from bigdata_emis.cli.tables import in_local_time, pair_lines, plain_text, table_lines
from bigdata_emis.errors import InputError

alert_commands = typer.Typer(
    help="The alert level that the forecasts call for; asking changes nothing.", invoke_without_command=True
)

AtOption = Annotated[str, typer.Option("--at", help="what was known at this time; default now")]
RegionalOption = Annotated[
    str, typer.Option("--regional-level", help="level of a regional prompt, if higher; default the standing prompts")
]
InForceOption = Annotated[
    str,
    typer.Option("--in-force", help="level in force, lowered only when the air improves; default the standing alerts"),
]
SinceOption = Annotated[str, typer.Option("--since", help="start of the level in force, local date or time")]
DustOption = Annotated[
    str, typer.Option("--dust", help="an operator's word, yes or no; default auto: by PM2.5 / PM10 and wind")
]
RulesOption = Annotated[str, typer.Option("--rules", help="version of the rules; default that of the region and day")]
CitiesOption = Annotated[str, typer.Option("--cities", help="only these cities, separated by commas")]
DampingOption = Annotated[
    str,
    typer.Option("--damping", help="take a level when called twice (twice) or by most members (most); default none"),
]
SHOWN = ("level", "rule_version", "from_utc", "to_utc", "reason")
HOURS = ("from_utc", "to_utc")


@alert_commands.callback()
def ask(
    context: typer.Context,
    region: Annotated[str, typer.Option("--region", "-r", help="region folder, for instance nys or jjj")] = "",
    at: AtOption = "",
    regional_level: RegionalOption = "",
    in_force: InForceOption = "",
    since: SinceOption = "",
    dust: DustOption = "auto",
    rules: RulesOption = "",
    cities: CitiesOption = "",
    damping: DampingOption = "none",
    json_: JsonOption = False,
) -> None:
    """The alert level that the forecasts call for, and the reason. Asking changes nothing."""
    if context.invoked_subcommand is not None:
        return
    if not region:
        raise InputError("--region is missing", "name a region folder, for instance --region jjj")
    from bigdata_emis.control.current_alert import current_alert

    loaded, at_utc, question = _read_question(
        region, at, (regional_level, in_force, since), dust=dust, rules=rules, cities=cities, damping=damping
    )
    document = current_alert(loaded, at_utc=at_utc, question=question)
    answer(document, json_, lambda: city_lines(in_local_time(document, loaded.time_zone)), region=region)


@alert_commands.command()
@recorded("alert proposal")
def propose(
    region: RegionOption,
    at: AtOption = "",
    regional_level: RegionalOption = "",
    in_force: InForceOption = "",
    since: SinceOption = "",
    dust: DustOption = "auto",
    rules: RulesOption = "",
    cities: CitiesOption = "",
    damping: DampingOption = "none",
    if_new: Annotated[bool, typer.Option("--if-new", help="only for an issue that has no proposal yet")] = False,
    json_: JsonOption = False,
) -> None:
    """Record what the forecasts call for as a proposal, shown in the report; it orders and publishes nothing."""
    from bigdata_emis.control.current_alert import propose_alert

    loaded, at_utc, question = _read_question(
        region, at, (regional_level, in_force, since), dust=dust, rules=rules, cities=cities, damping=damping
    )
    document = propose_alert(loaded, at_utc=at_utc, question=question, if_new=if_new)
    answer(document, json_, lambda: city_lines(in_local_time(document, loaded.time_zone)), region=region)


@alert_commands.command()
def backtest(
    data: Annotated[Path, typer.Option("--data", help="folder laid out like shared/data")], json_: JsonOption = False
) -> None:
    """The episodes of observed years by version of the rules, beside the alerts that were issued."""
    from bigdata_emis.validate.alert_history.alert_backtest import backtest_alerts

    with progress_bar() as step:
        document = backtest_alerts(data, progress=step)
    answer(document, json_, lambda: backtest_lines(document))


alert_commands.command()(issue)
alert_commands.command()(prompt)
alert_commands.command()(change)
alert_commands.command()(lift)
alert_commands.command("list")(list_)


def city_lines(document: Mapping[str, Any]) -> list[str]:
    """The answer for the region, then one line for each city where there are several."""
    lines = pair_lines({key: document[key] for key in SHOWN})
    cities = document["cities"]
    if len(cities) < 2:
        return lines
    rows = [[city["city"], city["level"], *(plain_text(city[key] or "-") for key in HOURS)] for city in cities]
    return [*lines, "", *table_lines(["city", "level", "from", "to"], rows)]


def backtest_lines(document: Mapping[str, Any]) -> list[str]:
    """For each series the issued alerts with what the rules call for, and the number of episodes by version."""
    lines = [document["note"]]
    for series in document["series"]:
        lines += ["", f"{series['city']}, {series['series']}: {series['from_local']} to {series['to_local']}", ""]
        titles = ["issued", "from", "to", "rules", "called", "from", "to", "agrees", "reason"]
        issued = [_issued_row(one) for one in series["issued"]]
        lines += table_lines(titles, issued) if issued else ["no issued alert of this city is known"]
        lines += ["", _agreement(series["issued"])] if issued else []
        versions = [
            [one["rule_version"], str(len(one["episodes"])), ", ".join(f"{k} {v} d" for k, v in one["days"].items())]
            for one in series["versions"]
        ]
        lines += ["", *table_lines(["rules", ">episodes", "days by level"], versions)]
    return lines


def _agreement(issued: Sequence[Mapping[str, Any]]) -> str:
    """How many of the issued alerts the observations can judge, and how many of those agree with the rules."""
    observed = [one["agrees"] for one in issued if one["agrees"] is not None]
    agreeing = f"{sum(observed)} {'agrees' if sum(observed) == 1 else 'agree'} with the rules"
    return f"of {len(issued)} issued alerts {len(observed)} are within the observed hours, of which {agreeing}"


def _issued_row(one: Mapping[str, Any]) -> list[str]:
    called = [str(one["called"][key]) if one["called"] else "-" for key in ("level", "from_local", "to_local")]
    agrees = {True: "yes", False: "no", None: "-"}[one["agrees"]]
    return [
        one["level"],
        one["from_local"],
        one["to_local"] or "-",
        one["rule_version"],
        *called,
        agrees,
        one["reason"],
    ]


def _read_question(
    region: str, at: str, standing: tuple[str, str, str], *, dust: str, rules: str, cities: str, damping: str
) -> tuple[Any, Any, Any]:
    """The region, the time and the question of a command."""
    from bigdata_emis.control.current_alert import AlertQuestion
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_instant

    loaded = load_region(region)
    regional_level, in_force, since = standing
    question = AlertQuestion(
        regional_level=regional_level or None,
        in_force=in_force or None,
        since_utc=parse_instant(since, loaded.time_zone) if since else None,
        dust=dust,
        rule_version=rules or None,
        cities=tuple(name.strip() for name in cities.split(",") if name.strip()),
        damping=damping,
    )
    return loaded, parse_instant(at, loaded.time_zone) if at else now(), question
