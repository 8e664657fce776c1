"""`emis brief`: the daily control brief and the orders of a day.

Belongs here: arguments and lines. Does not: the work (workflow.control_brief).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.tables import format_number, in_local_time, pair_lines, table_lines
from bigdata_emis.codes import AlertEvent


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
    answer(document, json_, lambda: brief_lines(in_local_time(document, loaded.time_zone)), region=region)


def brief_lines(document: Mapping[str, Any]) -> list[str]:
    """What limits the numbers, then alerts, the cut of the day, that of the whole scenario, and the files."""
    facts = {
        "date 日期": document["date"],
        "scenario 情景": document["scenario"],
        "hours in force 生效小时": document["hours_in_force"],
        "lines with orders 受令生产线": document["ordered_lines"],
        "cases 案件": document["cases"],
        "alerts 预警": "; ".join(map(_alert_words, document["alerts"])) or "none 无",
    }
    return [
        *(text for pair in zip(document["notices_zh"], document["notices"], strict=True) for text in pair),
        *pair_lines({key: "-" if value is None else value for key, value in facts.items()}),
        *_day_lines(document),
        *_scenario_lines(document),
        *pair_lines(
            {**document["files"], **{f"orders_{kind}": path for kind, path in document["order_files"].items()}}
        ),
    ]


def _alert_words(alert: Mapping[str, Any]) -> str:
    """The cities and the level of an alert; of a prompt or a temporary control what it is."""
    from bigdata_emis.schema import codes

    level, kind = (codes()[name][alert[key]] for name, key in (("alert_level", "level"), ("alert_event", "kind")))
    cities = "/".join(alert["cities"]) or "whole region 全区域"
    what = "" if alert["kind"] == AlertEvent.ISSUE else f" ({kind.title_zh} {kind.title_en})"
    return f"{cities} {level.title_zh} {level.title_en}{what}"


def _day_lines(document: Mapping[str, Any]) -> list[str]:
    """The cut of the hours in force on the day; nothing where it is not known."""
    if not document["day"]:
        return []
    rows = [
        [row["pollutant"], *(f"{row[name]:,.0f}" for name in ("base_kg", "cut_kg")), f"{row['cut_share']:.1%}"]
        for row in document["day"]
    ]
    titles = ["pollutant 污染物", ">base kg 基准", ">planned kg 计划", ">share 比例"]
    head = f"planned cut of {document['date']}, {document['hours_in_force']} h in force 当日计划减排"
    return ["", head, *table_lines(titles, rows), document["day_base"]]


def _scenario_lines(document: Mapping[str, Any]) -> list[str]:
    """The cut of all hours of the scenario with its targets, as it was approved."""
    if not document["ledger"]:
        return []
    rows = [
        [
            row["pollutant"],
            format_number(row["base_kg"], ",.0f"),
            format_number(row["cut_kg"], ",.0f"),
            format_number(row["cut_share"], ".1%"),
            format_number(row["target_share"], ".1%"),
        ]
        for row in document["ledger"]
    ]
    titles = ["pollutant 污染物", ">base kg 基准", ">planned kg 计划", ">share 比例", ">target 目标"]
    hours = f"{document['scenario_from_utc']} to 至 {document['scenario_to_utc']}"
    head = f"scenario 情景 {document['scenario']}, all its hours 整个时段 {hours}, as approved 批准时"
    note = document["share_note"]
    return ["", head, *table_lines(titles, rows), *([note["zh"], note["en"]] if note else [])]
