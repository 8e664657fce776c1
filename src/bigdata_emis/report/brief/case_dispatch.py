"""The dispatch sheet of compliance cases: where inspectors go first, what was ordered and what was seen.

Belongs here: wording in both languages. Does not: the cases (storage), what they are about (control/outcome/cases).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bigdata_emis.region import Region
from bigdata_emis.report.names.code_names import FULL_STOP_SHARE
from bigdata_emis.report.sheet.report_sheet import (
    SIMULATED,
    UNKNOWN,
    ReportSheet,
    SheetSection,
    Words,
    code_words,
    number_text,
    section,
    time_words,
    words,
    written_words,
)

MOST_CERTAIN = 0.99
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
        "Ranked by excess of SO2, NOx, PM10 and VOCs. A case is a reason to look, not a verdict: the load is inferred "
        "from meters and stacks.",
        "按 SO2、NOx、PM10 与 VOCs 超排量排序。案件仅为核查线索，并非结论：负荷由电表与烟气监测推断。",
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


def case_sheet(region: Region, cases: Sequence[Mapping[str, Any]], *, known_utc: datetime) -> ReportSheet:
    """The sheet of the cases, in their order (workflow.case_list), with a free line for what is found on site."""
    open_count = sum(case["status"] == "open" for case in cases)
    return {
        "title": words("Dispatch sheet of compliance cases", "落实情况核查派单"),
        "subtitle": words(
            f"{region.name_en} · {len(cases)} cases, {open_count} open",
            f"{region.name_zh} · 案件 {len(cases)} 件，待核查 {open_count} 件",
        ),
        "notices": [SIMULATED] if region.is_simulated else [],
        "sections": [_where_to_go(region, cases), *(_evidence(case) for case in cases)],
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
            ordered_words(case["evidence"].get("order_share")),
            seen_words(case),
            time_words(datetime.fromisoformat(case["from_utc"]), region.time_zone),
            words(number_text(case["excess_kg"])),
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


def _evidence(case: Mapping[str, Any]) -> SheetSection:
    """Evidence of one case and the lines to fill in on site."""
    codes = [code_words("evidence", code) for code in case["evidence"].get("evidence_codes", [])]
    excess = ", ".join(f"{name} {number_text(kg)} kg" for name, kg in case["evidence"].get("excess_kg", {}).items())
    name = _name(case)
    return section(
        words(f"{case['rank']}. {name['en']}", f"{case['rank']}. {name['zh']}"),
        notes=[
            words(
                f"Case {case['case']}. Evidence: {'; '.join(code['en'] for code in codes) or UNKNOWN}.",
                f"案件 {case['case']}。证据：{'；'.join(code['zh'] for code in codes) or UNKNOWN}。",
            ),
            words(f"Excess: {excess or UNKNOWN}.", f"超排：{excess or UNKNOWN}。"),
            words(
                "Found on site: ________________  meter fault ☐  breach ☐  inspector ____________  time ________",
                "现场情况：________________  设备故障 ☐  确认违规 ☐  核查人 ____________  时间 ________",
            ),
        ],
    )
