"""The daily control brief and the list of orders as sheets in both languages, and the brief as a document.

Belongs here: wording. Does not: the numbers (brief_data, order_list).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bigdata_emis.codes import Pollutant
from bigdata_emis.report.brief.brief_data import BriefData
from bigdata_emis.report.brief.order_list import LineOrder
from bigdata_emis.report.county_names import county_words
from bigdata_emis.report.sheet.report_sheet import (
    G_PER_KG,
    UNKNOWN,
    ReportSheet,
    SheetSection,
    Words,
    code_words,
    mass_words,
    number_text,
    section,
    share_words,
    time_words,
    words,
)
from bigdata_emis.window import HOUR

SHOWN_CASES = 30
STOPPED_SHARE = 0.999
"""An order to cut this share of the activity or more is an order to stop."""
ORDERED_POLLUTANTS = (Pollutant.SO2, Pollutant.NOX, Pollutant.PM10, Pollutant.PM2_5, Pollutant.VOCS)
ORDER_COLUMNS = (
    words("enterprise", "企业"),
    words("line", "生产线"),
    words("industry", "行业"),
    words("order", "指令"),
    words("from", "起"),
    words("to", "止"),
    words("cut kg", "减排 kg"),
)
ORDER_NOTE = words(
    "Cuts of the pollutants with a target; the others are in control_hourly.",
    "仅列有减排目标的污染物；其余见 control_hourly。",
)
NO_OUTCOME = words("Not judged yet: run emis outcome.", "尚未评估：请运行 emis outcome。")
NO_SCENARIO = words("No scenario is in force on this day.", "当日无生效情景。")
NO_LINES = words("The scenario in force orders nothing of lines.", "生效情景对生产线无指令。")
NO_INVENTORY = words(
    "A scenario is in force, but these hours have no inventory: cuts and orders are unknown. Compute the day first.",
    "情景生效，但相应时段无排放清单：减排量与指令未知。请先计算当日清单。",
)


def brief_sheet(brief: BriefData, *, known_utc: datetime) -> ReportSheet:
    """The brief of a day."""
    return {
        "title": words("Daily control brief", "应急管控日报"),
        "subtitle": words(f"{brief.region.name_en} · {brief.day}", f"{brief.region.name_zh} · {brief.day}"),
        "notices": _notices(brief),
        "sections": [
            _alerts(brief),
            _ledger(brief),
            _cuts(
                words("Planned cut of the day by sector, kg", "当日分源类别计划减排（kg）"),
                brief,
                brief.by_sector,
                lambda code: code_words("sector", code),
            ),
            _cuts(
                words("Planned cut of the day by county, kg", "当日分区县计划减排（kg）"),
                brief,
                brief.by_county,
                lambda code: county_words(brief.county_names, code),
            ),
            _completeness(brief),
            _cases(brief),
        ],
        "footer": _footer(known_utc),
    }


def order_sheet(brief: BriefData, *, known_utc: datetime) -> ReportSheet:
    """The orders of the day, a table for each county, to be printed and handed out there."""
    by_county: dict[tuple[str, str], list[LineOrder]] = {}
    for order in brief.orders:
        by_county.setdefault((order["city"], order["county"]), []).append(order)
    name = brief.scenario["scenario_id"] if brief.scenario else UNKNOWN
    return {
        "title": words("Orders of the day", "措施清单"),
        "subtitle": words(
            f"{brief.region.name_en} · {brief.day} · {name}", f"{brief.region.name_zh} · {brief.day} · {name}"
        ),
        "notices": _notices(brief),
        "sections": [_orders_of_county(brief, *place, orders) for place, orders in by_county.items()]
        or [_no_orders(brief)],
        "footer": _footer(known_utc),
    }


def brief_document(brief: BriefData) -> dict[str, Any]:
    """The brief for programs; masses in kilogram. What was not judged is null."""
    return {
        "region": brief.region.region_id,
        "date": brief.day.isoformat(),
        "alerts": [
            {"alert": one.alert_id, "kind": one.kind, "level": one.level, "cities": list(one.cities), "by": one.actor}
            for one in brief.alerts
        ],
        "scenario": brief.scenario["scenario_id"] if brief.scenario else None,
        "hours_in_force": brief.hours,
        "by_sector": _kilograms(brief.by_sector),
        "by_county": _kilograms(brief.by_county),
        "ledger": [
            {
                "pollutant": row["pollutant_code"],
                "cut_kg": row["cut_emission_g"] / G_PER_KG,
                "cut_share": row["cut_share"],
                "target_share": row["target_share"],
                "met": row["is_met"],
            }
            for row in brief.ledger
        ],
        "completeness": brief.completeness,
        "cases": None if brief.cases is None else len(brief.cases),
        "ordered_lines": len(brief.orders) if brief.has_inventory else None,
    }


def _kilograms(sums: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {name: {p: value / G_PER_KG for p, value in by.items()} for name, by in sums.items()}


def _notices(brief: BriefData) -> list[Words]:
    if not brief.region.is_simulated:
        return []
    text = "SIMULATED: the feeds of this region are simulated; no plant may be judged by it."
    return [words(text, "模拟数据：本区域数据源均为模拟，不得据此评价任何企业。")]


def _footer(known_utc: datetime) -> Words:
    return words(
        f"written {known_utc:%Y-%m-%d %H:%M} UTC; times are local",
        f"生成于 {known_utc:%Y-%m-%d %H:%M} UTC；时间为当地时间",
    )


def _alerts(brief: BriefData) -> SheetSection:
    columns = [
        words("city", "城市"), words("level", "级别"), words("kind", "类型"), words("from", "起"), words("to", "止"),
        words("by", "责任人"),
    ]  # fmt: skip
    zone = brief.region.time_zone
    rows = [
        [
            words(city) if city else words("whole region", "全区域"),
            code_words("alert_level", alert.level),
            code_words("alert_event", alert.kind),
            time_words(alert.from_utc, zone),
            time_words(alert.to_utc, zone),
            words(alert.actor),
        ]
        for alert in brief.alerts
        for city in (alert.cities or ("",))
    ]
    none = [words("No alert on this day.", "当日无预警。")]
    return section(words("Alerts", "预警级别"), columns=columns if rows else [], rows=rows, notes=[] if rows else none)


def _ledger(brief: BriefData) -> SheetSection:
    title = words("Scenario in force", "生效情景")
    if brief.scenario is None:
        return section(title, notes=[NO_SCENARIO])
    columns = [
        words("pollutant", "污染物"), words("base kg", "基准 kg"), words("cut kg", "减排 kg"), words("share", "比例"),
        words("target", "目标"),
    ]  # fmt: skip
    rows = [
        [
            words(row["pollutant_code"]),
            mass_words(row["baseline_emission_g"]),
            mass_words(row["cut_emission_g"]),
            share_words(row["cut_share"]),
            share_words(row["target_share"]),
        ]
        for row in brief.ledger
    ]
    name, level = brief.scenario["scenario_id"], code_words("alert_level", brief.scenario["alert_level_code"])
    if brief.level_orders:
        level = words("the level changes", "级别有调整")
    note = words(
        f"{name}, {level['en']}, {brief.hours} h of the day. The ledger is of the whole scenario.",
        f"{name}，{level['zh']}，当日生效{brief.hours}小时。台账为整个情景时段。",
    )
    return section(title, columns=columns, rows=rows, notes=[note, *_level_notes(brief)])


def _level_notes(brief: BriefData) -> list[Words]:
    """Level and hours of each order of a scenario whose level changes."""
    zone, notes = brief.region.time_zone, []
    for row in brief.level_orders:
        level = code_words("alert_level", row["alert_level_code"])
        start, end = (time_words(row[name], zone) for name in ("order_from_utc", "order_to_utc"))
        notes.append(
            words(f"{level['en']}: {start['en']} to {end['en']}", f"{level['zh']}：{start['zh']} 至 {end['zh']}")
        )
    return notes


def _cuts(
    title: Words, brief: BriefData, sums: Mapping[str, Mapping[str, float]], name_of: Callable[[str], Words]
) -> SheetSection:
    if not brief.has_inventory:
        return section(title, notes=[NO_INVENTORY])
    pollutants = sorted({pollutant for by in sums.values() for pollutant, value in by.items() if value > 0})
    if not pollutants:
        return section(title, notes=[words("Nothing is cut.", "无减排。")])
    rows = []
    for name, by in sums.items():
        rows.append([name_of(name), *(mass_words(by.get(pollutant, 0.0)) for pollutant in pollutants)])
    totals = [mass_words(sum(by.get(pollutant, 0.0) for by in sums.values())) for pollutant in pollutants]
    columns = [words("", ""), *(words(pollutant) for pollutant in pollutants)]
    return section(title, columns=columns, rows=[*rows, [words("all", "合计"), *totals]])


def _completeness(brief: BriefData) -> SheetSection:
    rows = [[words(feed), share_words(share)] for feed, share in brief.completeness.items()]
    columns = [words("feed", "数据源"), words("complete", "完整率")]
    return section(words("Completeness by feed", "数据完整率"), columns=columns, rows=rows)


def _cases(brief: BriefData) -> SheetSection:
    title = words("Lines that may not have obeyed", "疑似未落实生产线")
    if brief.cases is None:
        return section(title, notes=[NO_OUTCOME])
    zone, shown = brief.region.time_zone, brief.cases[:SHOWN_CASES]
    columns = [
        words("line", "生产线"), words("what", "问题"), words("from", "起"), words("to", "止"),
        words("excess kg", "超排 kg"), words("status", "状态"),
    ]  # fmt: skip
    rows = [
        [
            words(row["source_id"]),
            code_words("breach_kind", row["breach_kind_code"]),
            time_words(row["from_utc"], zone),
            time_words(row["to_utc"], zone),
            mass_words(row["excess_emission_g"]),
            code_words("case_status", row["case_status_code"]),
        ]
        for row in shown
    ]
    note = words(f"{len(brief.cases)} cases, {len(rows)} shown.", f"共{len(brief.cases)}件，列出{len(rows)}件。")
    return section(title, columns=columns if rows else [], rows=rows, notes=[note])


def _no_orders(brief: BriefData) -> SheetSection:
    """Why there is no order: none is in force, nothing is ordered of lines, or the hours have no inventory."""
    if not brief.has_inventory:
        return section(words("Orders unknown", "指令未知"), notes=[NO_INVENTORY])
    return section(words("0 lines", "0条生产线"), notes=[NO_LINES if brief.scenario else NO_SCENARIO])


def _orders_of_county(brief: BriefData, city: str, county_id: str, orders: Sequence[LineOrder]) -> SheetSection:
    place = county_words(brief.county_names, county_id)
    city = "" if place["zh"].startswith(city) else f"{city} "
    count = len(orders)
    lines = "1 line" if count == 1 else f"{count} lines"
    return section(
        words(f"{city}{place['en']}: {lines}", f"{city}{place['zh']}：{count}条生产线"),
        columns=ORDER_COLUMNS,
        rows=[_order_cells(brief, order) for order in orders],
        notes=[ORDER_NOTE],
    )


def _order_cells(brief: BriefData, order: LineOrder) -> list[Words]:
    zone = brief.region.time_zone
    cut = ", ".join(
        f"{pollutant} {number_text(value / G_PER_KG)}"
        for pollutant, value in order["cut_g"].items()
        if pollutant in ORDERED_POLLUTANTS
    )
    return [
        words(order["enterprise_en"], order["enterprise_zh"]),
        words(f"{order['line']} {order['line_name']}".strip()),
        code_words("industry", order["industry"]),
        _order_words(order["cut_share"]),
        time_words(order["from_utc"], zone),
        time_words(order["to_utc"] + HOUR, zone),
        words(cut or UNKNOWN),
    ]


def _order_words(share: float) -> Words:
    if share >= STOPPED_SHARE:
        return words("stop", "停产")
    if share <= 0:
        return words("pollutants at right", "按右列污染物减排")
    return words(f"cut {share:.0%}", f"限产{share:.0%}")
