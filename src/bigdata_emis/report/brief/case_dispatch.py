"""The dispatch sheet of compliance cases: where inspectors go first, what was ordered and what was seen.

Belongs here: wording in both languages. Does not: the cases (storage), what they are about (control/outcome/cases).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from bigdata_emis.region import Region
from bigdata_emis.report.names.code_names import FULL_STOP_SHARE, pollutant_words
from bigdata_emis.report.sheet.report_sheet import (
    UNKNOWN,
    ReportSheet,
    SheetSection,
    Words,
    code_words,
    number_text,
    section,
    simulated_notices,
    time_words,
    words,
    written_words,
)

SIMULATED_ORDERS = words(
    "The simulated plants know the orders of registry/measure.csv alone (README of the region): judged by another "
    "level or another list, plants that obey are accused.",
    "模拟企业仅响应 registry/measure.csv 中的指令（见区域文件夹的 README）；"
    "按其他级别或清单评估时，守规企业也会被列为案件。",
)
NO_EXCESS = words("no excess mass", "无超排量")
MOST_CERTAIN = 0.99
LANGUAGES: tuple[Literal["en"], Literal["zh"]] = ("en", "zh")
WIDTHS = (0, 3, 3, 2, 4, 0, 0, 0, 2, 0)
COLUMNS = (
    words("no.", "序号"),
    words("plant and line", "企业 / 生产线"),
    words("place", "地点"),
    words("ordered", "指令"),
    words("seen", "发现情况"),
    words("since", "起始时间"),
    words("excess kg", "超排 kg"),
    words("sure", "概率"),
    words("call", "联系"),
    words("status", "状态"),
)
NOTES = (
    words(
        "Ranked by excess of SO2, NOx, PM10 and VOCs together; those without any last. A case is a reason to look, not "
        "a verdict: the load is inferred from meters and stacks.",
        "按 SO2、NOx、PM10 与 VOCs 合计超排量排序，无超排量者列后。案件仅为核查线索，并非结论："
        "负荷由电表与烟气监测推断。",
    ),
    words(
        "Hours and kWh are of the meters, in all hours of the order; the excess is of the hours with an inventory, "
        "which are named where they are fewer.",
        "小时数与用电量取自电表，覆盖指令全部时段；超排量仅为有排放清单的小时，小时数不同时另行注明。",
    ),
    words(
        "Lines that could not be judged are not here and are not cleared: see emis outcome.",
        "无法判定的生产线未列入，也不代表已执行：见 emis outcome。",
    ),
    words(
        "Names and phones of persons are not stored. For a plant in the city's list, its sheet and row are named.",
        "系统不保存联系人姓名与电话；企业在应急减排清单内的，注明所在表与行号。",
    ),
)


def case_sheet(
    region: Region,
    cases: Sequence[Mapping[str, Any]],
    *,
    known_utc: datetime,
    ended: Sequence[Mapping[str, Any]] = (),
    replaced: Sequence[Mapping[str, Any]] = (),
    unjudged: Sequence[str] = (),
) -> ReportSheet:
    """The sheet of the cases, in their order (workflow.case_list), with a free line for what is found on site.

    ended: checked cases of orders that are no longer in force: nowhere to go, but to be decided. replaced: cases that
    the end of their order closed. unjudged: orders in force in their hours, of which no outcome is known.
    """
    notices = [*simulated_notices(region), *([SIMULATED_ORDERS] if region.is_simulated else [])]
    open_count = sum(case["status"] == "open" for case in cases)
    return {
        "title": words("Dispatch sheet of compliance cases", "落实情况核查派单"),
        "subtitle": words(
            f"{region.name_en} · {len(cases)} cases, {open_count} open",
            f"{region.name_zh} · 案件 {len(cases)} 件，待核查 {open_count} 件",
        ),
        "notices": [*notices, *([not_judged_words(region, unjudged)] if unjudged else [])],
        "sections": [
            _where_to_go(region, cases),
            *([_replaced(region, replaced)] if replaced else []),
            *([_ended(region, ended)] if ended else []),
            *(_evidence(region, case) for case in cases),
        ],
        "footer": written_words(known_utc, region.time_zone),
    }


def order_share_of(row: Mapping[str, Any]) -> float | None:
    """The largest ordered cut of the activity of a case, from its row of compliance_case."""
    share = json.loads(row.get("evidence_json") or "{}").get("order_share")
    return None if share is None else float(share)


def ordered_words(order_share: float | None) -> Words:
    """What a line was ordered to do."""
    if order_share is None:
        return words(UNKNOWN)
    if order_share <= 0:
        return words("no cut; abatement on", "无减产指令；治污设施须运行")
    if order_share >= FULL_STOP_SHARE:
        return words("stop", "停产")
    return words(f"cut {order_share:.0%}", f"限产 {order_share:.0%}")


def orders_words(evidence: Mapping[str, Any], time_zone: str) -> Words:
    """What a line was ordered to do in the hours of a case; each part with its beginning, where the order changed."""
    parts = evidence.get("orders")
    if not parts:
        return ordered_words(evidence.get("order_share"))
    order = [ordered_words(part["order_share"]) for part in parts]
    since = [time_words(datetime.fromisoformat(part["from_utc"]), time_zone)["en"].partition("-")[2] for part in parts]
    later = list(zip(order[1:], since[1:], strict=True))
    return words(
        "; ".join([order[0]["en"], *(f"from {start} {one['en']}" for one, start in later)]),
        "；".join([order[0]["zh"], *(f"{start} 起{one['zh']}" for one, start in later)]),
    )


def seen_words(case: Mapping[str, Any]) -> Words:
    """What was seen: the kind of breach, its hours, and the energy used of what the order leaves."""
    energy, allowed = case["evidence"].get("energy_kwh"), case["evidence"].get("allowed_kwh")
    hours = case["evidence"].get("breach_hours", 0)
    if energy is None or allowed is None:
        return words(f"{case['kind_en']}, {hours} h", f"{case['kind_zh']}，{hours} 小时")
    used, limit = number_text(energy), number_text(allowed)
    return words(
        f"{case['kind_en']}, {hours} h: {used} kWh used, {limit} kWh allowed",
        f"{case['kind_zh']}，{hours} 小时：用电 {used} kWh，允许 {limit} kWh",
    )


def excess_words(case: Mapping[str, Any]) -> Words:
    """The excess in kilogram, or that there is none; of how many hours where not all have an inventory."""
    hours, known = case["evidence"].get("breach_hours", 0), case["evidence"].get("inventory_hours")
    mass = words(number_text(case["excess_kg"])) if case["excess_kg"] else NO_EXCESS
    if known is None or known >= hours:
        return mass
    if not known:
        return words("unknown: no inventory", "未知：无清单")
    return words(f"{mass['en']} in {known} of {hours} h", f"{mass['zh']}（{hours}小时中{known}小时）")


def probability_text(probability: float | None) -> str:
    """A probability in percent; never 100 %, since no case is certain before somebody has looked."""
    if probability is None:
        return UNKNOWN
    return f">{MOST_CERTAIN:.0%}" if probability > MOST_CERTAIN else f"{probability:.0%}"


def _where_to_go(region: Region, cases: Sequence[Mapping[str, Any]]) -> SheetSection:
    rows = [
        [
            words(str(case["rank"])),
            _name(case),
            words(case["address_en"] or UNKNOWN, case["address"] or UNKNOWN),
            orders_words(case["evidence"], region.time_zone),
            seen_words(case),
            time_words(datetime.fromisoformat(case["from_utc"]), region.time_zone),
            excess_words(case),
            words(probability_text(case["probability"])),
            _contact(case),
            code_words("case_status", case["status"]),
        ]
        for case in cases
    ]
    none = [words("No case of this kind.", "无此类案件。")]
    notes = list(NOTES) if rows else none
    return section(
        words("Where to go", "核查顺序"), columns=COLUMNS if rows else (), rows=rows, notes=notes, widths=WIDTHS
    )


def not_judged_words(region: Region, unjudged: Sequence[str]) -> Words:
    """That no case is known of orders in force, and what to run."""
    names = ", ".join(unjudged)
    command = "; ".join(f"emis outcome --region {region.region_id} --scenario {name}" for name in unjudged)
    return words(
        f"NOT JUDGED: the orders in force, {names}, have no outcome yet, so no case of them is known. Run {command}.",
        f"尚未评估：生效指令 {names} 没有评估结果，故无其案件。请运行 {command}。",
    )


def _replaced(region: Region, cases: Sequence[Mapping[str, Any]]) -> SheetSection:
    """Cases that another order closed before somebody saw the line."""
    columns = [
        words("plant and line", "企业 / 生产线"), words("place", "地点"), words("earlier order", "原指令"),
        words("seen", "发现情况"), words("excess kg", "超排 kg"), words("scenario", "情景"),
    ]  # fmt: skip
    return section(
        words("Cases of the earlier order, which another one replaced", "原指令的案件（指令已被替代）"),
        columns=columns,
        rows=[
            [
                _name(case),
                words(case["address_en"] or UNKNOWN, case["address"] or UNKNOWN),
                orders_words(case["evidence"], region.time_zone),
                seen_words(case),
                excess_words(case),
                words(case["scenario"]),
            ]
            for case in cases
        ],
        notes=[
            words(
                "A hint only: these lines did not obey an order that is no longer in force. What they do under the "
                "order in force is not judged yet.",
                "仅供参考：这些生产线未落实已失效的指令；在生效指令下的落实情况尚未评估。",
            )
        ],
    )


def _ended(region: Region, cases: Sequence[Mapping[str, Any]]) -> SheetSection:
    """Cases that somebody checked under an order that is no longer in force."""
    columns = [
        words("plant and line", "企业 / 生产线"), words("case", "案件"), words("order", "指令情景"),
        words("what became of it", "情景状态"), words("checked by", "核查人"), words("note", "备注"),
    ]  # fmt: skip
    return section(
        words("Checked under an order no longer in force: to be decided", "指令已失效、已核查待定案"),
        columns=columns,
        rows=[
            [
                _name(case),
                words(case["case"]),
                words(case["scenario"]),
                scenario_status_words(case, region.time_zone),
                words(case["decided_by"] or UNKNOWN),
                words(case["note"] or UNKNOWN),
            ]
            for case in cases
        ],
        notes=[
            words(
                "Not a place to go. Decide with emis compliance move: confirmed, equipment_fault, or superseded.",
                "无需再赴现场。请用 emis compliance move 定案：confirmed、equipment_fault 或 superseded。",
            )
        ],
    )


def scenario_status_words(case: Mapping[str, Any], time_zone: str) -> Words:
    """What became of the scenario of a case, and when its order ended where that is before the end of the case."""
    status = code_words("scenario_status", case["scenario_status"])
    if not case["order_ended_utc"]:
        return status
    ended = time_words(datetime.fromisoformat(case["order_ended_utc"]), time_zone)
    return words(f"{status['en']} from {ended['en']}", f"{status['zh']}（自 {ended['zh']}）")


def _order_notes(case: Mapping[str, Any], time_zone: str) -> list[Words]:
    """What limits a case: its order ended before it; and who saw the line under an earlier order."""
    notes = []
    if case["order_ended_utc"]:
        state, name = scenario_status_words(case, time_zone), case["scenario"]
        notes.append(
            words(
                f"The order {name} is {state['en']}: hours after that are no breach of it. "
                f"Judge again: emis outcome --scenario {name}.",
                f"指令 {name} {state['zh']}，其后时段不计违规。请重新评估：emis outcome --scenario {name}。",
            )
        )
    for visit in case["visits"]:
        status, by = code_words("case_status", visit["status"]), visit["by"] or UNKNOWN
        notes.append(
            words(
                f"Seen before under {visit['scenario']} by {by} ({status['en']}): {visit['note'] or UNKNOWN}.",
                f"此前按 {visit['scenario']} 由 {by} 核查（{status['zh']}）：{visit['note'] or UNKNOWN}。",
            )
        )
    return notes


def _name(case: Mapping[str, Any]) -> Words:
    return words(
        f"{case['enterprise_en'] or case['enterprise_zh'] or UNKNOWN} · {case['source']}",
        f"{case['enterprise_zh'] or case['enterprise_en'] or UNKNOWN} · {case['source']}",
    )


def _contact(case: Mapping[str, Any]) -> Words:
    row = case.get("list_row")
    if not row:
        return words("unknown", "不详")
    return words(f"see list: {row['sheet']}, row {row['row']}", f"见清单：{row['sheet']} 第{row['row']}行")


def _evidence(region: Region, case: Mapping[str, Any]) -> SheetSection:
    """Evidence of one case and the lines to fill in on site."""
    codes = [code_words("evidence", code) for code in case["evidence"].get("evidence_codes", [])]
    excess = _excess_by_pollutant(case["evidence"])
    name, hours = _name(case), _hours_of_excess(case["evidence"])
    return section(
        words(f"{case['rank']}. {name['en']}", f"{case['rank']}. {name['zh']}"),
        notes=[
            words(
                f"Case {case['case']}. Evidence: {'; '.join(code['en'] for code in codes) or UNKNOWN}.",
                f"案件 {case['case']}。证据：{'；'.join(code['zh'] for code in codes) or UNKNOWN}。",
            ),
            words(f"Excess: {excess['en']}{hours['en']}.", f"超排：{excess['zh']}{hours['zh']}。"),
            *_order_notes(case, region.time_zone),
            words(
                "Found on site: ________________  meter fault ☐  breach ☐  inspector ____________  time ________",
                "现场情况：________________  设备故障 ☐  确认违规 ☐  核查人 ____________  时间 ________",
            ),
        ],
    )


def _excess_by_pollutant(evidence: Mapping[str, Any]) -> Words:
    """The excess of each pollutant by its name."""
    named = [(pollutant_words(name), number_text(kg)) for name, kg in evidence.get("excess_kg", {}).items()]
    english, chinese = (", ".join(f"{name[key]} {kg} kg" for name, kg in named) for key in LANGUAGES)
    return words(english or UNKNOWN, chinese or UNKNOWN)


def _hours_of_excess(evidence: Mapping[str, Any]) -> Words:
    """Of which hours the excess is, where not all hours seen have an inventory."""
    hours, known = evidence.get("breach_hours", 0), evidence.get("inventory_hours")
    if known is None or known >= hours:
        return words("")
    return words(
        f" (of {known} of {hours} h: the others have no inventory)", f"（{hours}小时中{known}小时，其余无清单）"
    )
