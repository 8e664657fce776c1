"""`emis review`: what became of an alert that is over.

Belongs here: arguments and lines. Does not: the work (workflow.alert_review).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from bigdata_emis.cli.commands.listed_commands import listed
from bigdata_emis.cli.options import JsonOption, RegionOption, answer, now
from bigdata_emis.cli.scenario.scenario_lines import VERDICTS
from bigdata_emis.cli.tables import format_number, in_local_time, pair_lines, table_lines


@listed
def review(
    region: RegionOption,
    alert: Annotated[str, typer.Option("--alert", "-a", help="name that `emis alert list` prints")] = "",
    scenario: Annotated[str, typer.Option("--scenario", "-s", help="name of a scenario, with or without alert")] = "",
    json_: JsonOption = False,
) -> None:
    """Review an alert that is over, as page and PDF; adds it to the summary that says which rules to change."""
    from bigdata_emis.publish.scenarios.scenario_rows import resolve_scenario
    from bigdata_emis.region import load_region
    from bigdata_emis.workflow.alert_review import write_review

    loaded = load_region(region)
    named = scenario and resolve_scenario(loaded, scenario)
    document = write_review(loaded, known_utc=now(), alert_id=alert, scenario_id=named)
    answer(document, json_, lambda: review_lines(in_local_time(document, loaded.time_zone)), region=region)


def review_lines(document: Mapping[str, Any]) -> list[str]:
    """Hours, level and cause, the cut by pollutant, what is unknown, the rules to change, and the files."""
    facts = {
        "alert 预警": document["alert"],
        "scenario 情景": document["scenario"],
        "level 级别": ", then ".join(
            f"{_title('alert_level', one['level'])} until 至 {one['to_utc']}" for one in document["levels"]
        ),
        "cause 成因": _title("cause", document["cause"]),
        "from 起": document["from_utc"],
        "to 止": document["to_utc"],
        "cases 案件": document["cases"],
    }
    by_order = {row["pollutant"] for row in document["orders"] if row["target_share"] is not None}
    rows = [
        [
            row["pollutant"],
            format_number(row["planned_kg"], ",.0f"),
            "by order" if row["pollutant"] in by_order else format_number(row["target_share"], ".1%"),
            format_number(row["planned_share"], ".1%"),
        ]
        for row in document["totals"]
    ]
    titles = ["pollutant", ">planned kg 计划", ">target 目标", ">share 比例"]
    return [
        *pair_lines({key: value if value is not None else "-" for key, value in facts.items()}),
        *([f"planned 计划 {_hours_words(document['planned_hours'])}", *table_lines(titles, rows)] if rows else []),
        *_judged_lines(document),
        *_order_lines(document["orders"]),
        *(f"unknown: {text}" for text in document["unknown"]),
        *(f"rule: {text}" for text in document["rules_to_change"]),
        *pair_lines(document["files"]),
    ]


def _title(code_list: str, code: str) -> str:
    """A code in both languages; an unknown one as it is."""
    from bigdata_emis.schema import codes

    titled = codes()[code_list].get(code)
    return f"{titled.title_zh} {titled.title_en}" if titled else code


def _judged_lines(document: Mapping[str, Any]) -> list[str]:
    """Planned and achieved cut of the hours judged; nothing without an outcome."""
    rows = [
        [
            row["pollutant"],
            format_number(row["judged"]["planned_kg"], ",.0f"),
            format_number(row["judged"]["planned_share"], ".1%"),
            format_number(row["achieved_kg"], ",.0f"),
            format_number(row["achieved_share"], ".1%"),
            format_number(row["execution_share"], ".0%"),
        ]
        for row in document["totals"]
        if row["judged"]
    ]
    if not rows:
        return []
    titles = ["pollutant", ">planned kg 计划", ">share 比例", ">achieved kg 实际", ">share 比例", ">of plan 执行率"]
    return [f"judged 评估 {_hours_words(document['judged_hours'])}", *table_lines(titles, rows)]


def _hours_words(hours: Mapping[str, Any] | None) -> str:
    return "" if hours is None else f"{hours['hours']} h, {hours['from_utc']} to {hours['to_utc']}"


def _order_lines(orders: Sequence[Mapping[str, Any]]) -> list[str]:
    """The orders of an event that changed, with the target of each; nothing for one that did not."""
    shown = [row for row in orders if row["target_share"] is not None]
    rows = [
        [
            f"{row['order']} {_title('alert_level', row['level'])}",
            row["from_utc"],
            row["to_utc"],
            row["pollutant"],
            format_number(row["planned_share"], ".1%"),
            format_number(row["target_share"], ".1%"),
            VERDICTS[row["met"]],
        ]
        for row in shown
    ]
    titles = ["order 指令", "from 起", "to 止", "pollutant", ">share 比例", ">target 目标", "met 达标"]
    return table_lines(titles, rows) if rows else []
