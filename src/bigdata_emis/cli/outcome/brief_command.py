"""`emis brief`: the daily control brief and the orders of a day.

Belongs here: arguments and lines. Does not: the work (workflow.control_brief).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import format_number, pair_lines, table_lines


def brief(
    region: RegionOption,
    date: Annotated[
        str, typer.Option("--date", "-d", help="local calendar day; default the first of the scenario")
    ] = "",
    scenario: Annotated[str, typer.Option("--scenario", "-s", help="default the one in force on the day")] = "",
    json_: JsonOption = False,
) -> None:
    """The control brief of a day (应急管控日报) and its orders by enterprise, as page and PDF (zh, en)."""
    from bigdata_emis.errors import InputError
    from bigdata_emis.publish.scenarios.scenario_rows import first_day, resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.window import parse_day
    from bigdata_emis.workflow.control_brief import write_brief

    if not date and not scenario:
        raise InputError("neither --date nor --scenario is given", "give one of them")
    loaded = load_region(region)
    scenario = scenario and resolve_scenario(loaded, scenario)
    day = parse_day(date) if date else first_day(loaded, scenario)
    document = write_brief(loaded, day, known_utc=now(), scenario_id=scenario)
    answer(document, json_, lambda: brief_lines(document), region=region)


def brief_lines(document: Mapping[str, Any]) -> list[str]:
    """What limits the numbers, then alerts, the scenario with its ledger, and the files."""
    facts = {key: document[key] for key in ("date", "scenario", "hours_in_force", "ordered_lines", "cases")}
    levels = ", ".join(f"{'/'.join(one['cities']) or 'all'} {one['level']}" for one in document["alerts"])
    rows = [
        [
            row["pollutant"],
            format_number(row["cut_kg"], ",.0f"),
            format_number(row["cut_share"], ".1%"),
            format_number(row["target_share"], ".1%"),
        ]
        for row in document["ledger"]
    ]
    titles = ["pollutant", ">cut kg 减排", ">share 比例", ">target 目标"]
    return [
        *document["notices"],
        *pair_lines({key: "-" if value is None else value for key, value in facts.items()}),
        f"alerts 预警: {levels or '-'}",
        *(table_lines(titles, rows) if rows else []),
        *pair_lines(
            {**document["files"], **{f"orders_{kind}": path for kind, path in document["order_files"].items()}}
        ),
    ]
