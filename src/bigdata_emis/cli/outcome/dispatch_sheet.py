"""The dispatch sheet of compliance cases and the lines of an outcome, in English and Chinese.

Belongs here: lines of text. Does not: their content (workflow).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bigdata_emis.cli.tables import format_number, pair_lines, table_lines, untitled_lines
from bigdata_emis.report.brief.case_dispatch import (
    NO_EXCESS,
    SIMULATED_ORDERS,
    excess_words,
    orders_words,
    probability_text,
    scenario_status_words,
)
from bigdata_emis.schema import codes

NO_CASES = "no case: no line is known not to have obeyed; see emis outcome for the hours that are unknown 无案件"
SECONDS_PER_HOUR = 3600
NO_CASE_IN_FORCE = "no case of an order in force 生效指令无案件"
ENDED = ("", "of orders no longer in force, nowhere to go 指令已失效，无需再赴现场:")
EXCESS_OF = "excess 超排: SO2 + NOx + PM10 + VOCs"
SHEET_COLUMNS = (
    ">no. 序号",
    "case 案件",
    "enterprise 企业",
    "place 地点",
    "ordered 指令",
    "seen 发现",
    "since 起",
    "to 止",
    ">h 小时",
    ">use/allowed 用电/允许",
    ">excess kg 超排",
    ">sure 概率",
    "status 状态",
)


def sheet_lines(cases: Sequence[Mapping[str, Any]], time_zone: str) -> list[str]:
    """The sheet: one line a case; cases of orders that are no longer in force are listed apart."""
    ended = [case for case in cases if not case["is_order_in_force"]]
    lines = _case_table([case for case in cases if case["is_order_in_force"]], time_zone)
    if not ended:
        return lines or [NO_CASES]
    return [*(lines or [NO_CASE_IN_FORCE]), *ENDED, *_case_table(ended, time_zone)]


def _case_table(cases: Sequence[Mapping[str, Any]], time_zone: str) -> list[str]:
    rows = [
        [
            str(case["rank"]),
            case["case"],
            f"{case['enterprise_zh'] or case['enterprise_en'] or case['source']} {case['source']}",
            case["address"] or "-",
            _ordered(case["evidence"], time_zone),
            f"{case['kind_zh']} {case['kind_en']}",
            local_time(case["from_utc"], time_zone),
            local_time(case["to_utc"], time_zone),
            str(case["evidence"].get("breach_hours", "-")),
            _use_of_allowed(case["evidence"]),
            _excess(case),
            probability_text(case["probability"]),
            f"{case['status_zh']} {case['status']}",
        ]
        for case in cases
    ]
    return [*table_lines(SHEET_COLUMNS, rows), EXCESS_OF] if rows else []


def case_lines(case: Mapping[str, Any], time_zone: str) -> list[str]:
    """One case with its evidence in words, and its acts."""
    evidence = case["evidence"]
    titles = codes()["evidence"]
    facts = {
        "case 案件": case["case"],
        "scenario 情景": f"{case['scenario']} ({_scenario_status(case, time_zone)})",
        "enterprise 企业": f"{case['enterprise_zh']} {case['enterprise_en']} {case['source']}".strip(),
        "place 地点": case["address"] or "-",
        "call 联系": _contact(case),
        "ordered 指令": _ordered(evidence, time_zone),
        "seen 发现": f"{case['kind_zh']} {case['kind_en']}",
        "time 时段": f"{local_time(case['from_utc'], time_zone)} – {local_time(case['to_utc'], time_zone)}",
        "hours 小时": f"{evidence.get('breach_hours', '-')} (unknown 无法判定 {evidence.get('unknown_hours', '-')})",
        "use 用电": f"{_use_of_allowed(evidence)} of the allowed 允许值",
        "evidence 证据": "; ".join(
            f"{titles[c].title_zh} {titles[c].title_en}" for c in evidence.get("evidence_codes", []) if c in titles
        ),
        "excess kg 超排": _excess_by_pollutant(case),
        "sure 概率": probability_text(case["probability"]),
        "status 状态": f"{case['status_zh']} {case['status']}",
        "note 备注": case["note"] or "-",
    }
    for visit in case["visits"]:
        said = f"{visit['scenario']}, {visit['by'] or '-'}, {visit['status']}: {visit['note'] or '-'}"
        facts[f"seen before 此前核查 {visit['case']}"] = said
    acts = [(local_time(act["known_utc"], time_zone), act["actor"], act["note"]) for act in case.get("acts", [])]
    return [*pair_lines(facts), *(untitled_lines(acts) if acts else [])]


def outcome_lines(document: Mapping[str, Any]) -> list[str]:
    """The achieved cut by pollutant, the hours of lines by what is known of them, and the number of cases."""
    head = f"scenario {document['scenario']} {document['from_utc']} to {document['to_utc']}: {_judged(document)}"
    rows = [
        [
            row["pollutant"],
            f"{row['without_control_kg']:,.0f}",
            f"{row['observed_kg']:,.0f}",
            f"{row['planned_kg']:,.0f}",
            f"{row['achieved_kg']:,.0f}",
            f"{row['achieved_kg_p05']:,.0f} – {row['achieved_kg_p95']:,.0f}",
            format_number(row["achieved_share"], ".1%"),
            _executed(row),
        ]
        for row in document["achieved"]
    ]
    titles = [
        "kg",
        ">without 反事实",
        ">observed 实际",
        ">planned 计划",
        ">achieved 减排",
        ">90 %",
        ">share",
        ">of plan 执行率",
    ]
    names = codes()["compliance"]
    hours = ", ".join(f"{names[c].title_zh} {c} {count:,}" for c, count in document["line_hours"].items())
    state = " (draft: nobody approved it)" if document["is_draft"] else ""
    return [
        head + state,
        *table_lines(titles, rows),
        *_unseen_lines(document["achieved"]),
        f"line hours 线小时 (meters 按电表, {_span_h(document)} h): {hours}",
        f"cases 案件: {document['cases']}; see emis compliance list --region {document['region']}",
        *((SIMULATED_ORDERS["zh"], SIMULATED_ORDERS["en"]) if document["simulated"] else ()),
    ]


def _judged(document: Mapping[str, Any]) -> str:
    """How many hours are judged; of how many, where some have no inventory; and where the order ends later."""
    end, order_end = (datetime.fromisoformat(document[key]) for key in ("to_utc", "order_to_utc"))
    hours, span = document["hours"], _span_h(document)
    text = (
        f"{hours} h judged 评估" if hours == span else f"{hours} of {span} h judged 评估, the others have no inventory"
    )
    return f"{text}; the order ends 指令至 {document['order_to_utc']}" if order_end > end else text


def _unseen_lines(achieved: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was ordered and no reading shows: neither credited nor denied."""
    unseen = ", ".join(f"{row['pollutant']} {row['unseen_kg']:,.0f}" for row in achieved if row["unseen_kg"])
    if not unseen:
        return []
    return [
        f"planned, shown by no reading (kg): {unseen}; not credited as achieved, within the upper bound of 90 %",
        f"计划量中无监测数据印证的部分（kg）：{unseen}；未计入实际减排，已包含在90%区间上限内",
    ]


def _span_h(document: Mapping[str, Any]) -> int:
    """The hours from the first to the last that was judged; meters cover those without an inventory, too."""
    start, end = (datetime.fromisoformat(document[key]) for key in ("from_utc", "to_utc"))
    return round((end - start).total_seconds() / SECONDS_PER_HOUR)


def _executed(row: Mapping[str, Any]) -> str:
    """Achieved ÷ planned; not where the 90 % interval of the achieved cut is wider than the plan."""
    if row["execution_share"] is None:
        return "-"
    is_known = row["achieved_kg_p95"] - row["achieved_kg_p05"] <= row["planned_kg"]
    return f"{row['execution_share']:.0%}" if is_known else "unclear 无法判定"


def trial_lines(document: Mapping[str, Any]) -> list[str]:
    """The scores of simulated alerts by seed, and their means."""
    rows = []
    for trial in document["trials"]:
        judged = trial["compliance"]["judged"]
        errors = [f"{scores['error_points']:+.1f}" for scores in trial["achieved"].values()]
        covered = sum(scores["covered_90"] for scores in trial["achieved"].values())
        rows.append(
            [
                str(trial["seed"]),
                *errors,
                f"{covered}/{len(errors)}",
                format_number(judged["f1"], ".3f"),
                format_number(judged["false_accusation_share"], ".2%"),
                format_number(trial["compliance"]["all"]["recall"], ".1%"),
                format_number(trial["compliance"]["judged_share"], ".1%"),
            ]
        )
    pollutants = [f">{name} points" for name in document["mean"]["absolute_error_points"]]
    titles = ["seed", *pollutants, ">covered", ">F1", ">false", ">recall of all", ">judged"]
    mean = document["mean"]
    return [
        *table_lines(titles, rows),
        f"mean: F1 {mean['f1']:.3f}, false accusations {mean['false_accusation_share']:.2%},"
        f" intervals that cover {mean['coverage_90']:.0%}, offline meters accused {mean['accused_offline_hours']} h",
    ]


def local_time(instant: str, time_zone: str) -> str:
    """An instant as local day and minute."""
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(time_zone)):%m-%d %H:%M}"


def _excess(case: Mapping[str, Any]) -> str:
    """The excess in kilogram, with the hours of which it is where they are fewer than those seen."""
    hours, known = case["evidence"].get("breach_hours", 0), case["evidence"].get("inventory_hours")
    mass = f"{case['excess_kg']:,.1f}" if case["excess_kg"] or known == 0 else f"{NO_EXCESS['zh']} {NO_EXCESS['en']}"
    return mass if known is None or known >= hours else f"{mass} ({known}/{hours} h)"


def _excess_by_pollutant(case: Mapping[str, Any]) -> str:
    text = ", ".join(f"{name} {kg:,.2f}" for name, kg in case["evidence"].get("excess_kg", {}).items()) or "-"
    hours = excess_words(case)
    return text if hours["en"] == hours["zh"] else f"{text}; {hours['zh']} {hours['en']}"


def _ordered(evidence: Mapping[str, Any], time_zone: str) -> str:
    text = orders_words(evidence, time_zone)
    return f"{text['zh']} {text['en']}" if text["zh"] != text["en"] else text["en"]


def _scenario_status(case: Mapping[str, Any], time_zone: str) -> str:
    text = scenario_status_words(case, time_zone)
    return f"{text['zh']} {text['en']}"


def _contact(case: Mapping[str, Any]) -> str:
    row = case["list_row"]
    return (
        f"{row['file']}, {row['sheet']}, row 行 {row['row']}"
        if row
        else "unknown 不详: names of persons are not stored"
    )


def _use_of_allowed(evidence: Mapping[str, Any]) -> str:
    energy, allowed = evidence.get("energy_kwh"), evidence.get("allowed_kwh")
    return f"{energy / allowed:.0%}" if energy is not None and allowed else "-"
