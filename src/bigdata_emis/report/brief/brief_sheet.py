"""The daily control brief as a sheet in both languages, and as a document.

Belongs here: wording. Does not: the numbers (brief_data), the list of orders (order_sheet).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from bigdata_emis.report.brief.brief_data import BriefData
from bigdata_emis.report.brief.brief_notices import (
    NO_INVENTORY,
    NO_ORDER_OF_ALERT,
    NO_OUTCOME,
    NO_SCENARIO,
    brief_notices,
)
from bigdata_emis.report.brief.case_dispatch import order_share_of
from bigdata_emis.report.brief.level_orders_section import level_orders_section, orders_by_number
from bigdata_emis.report.brief.planned_cut_section import (
    TWO_SHARES,
    approved_base_words,
    day_cut_section,
    hours_title,
    judged_base_words,
    planned_cut_section,
)
from bigdata_emis.report.coverage.inventory_coverage import describe_coverage
from bigdata_emis.report.coverage.moved_notes import net_share_words
from bigdata_emis.report.names.code_names import breach_words, feed_words, pollutant_words
from bigdata_emis.report.names.county_names import chinese_only, city_words, county_words
from bigdata_emis.report.names.source_names import plant_and_line
from bigdata_emis.report.sheet.report_sheet import (
    ReportSheet,
    SheetSection,
    Words,
    code_words,
    mass_words,
    section,
    share_words,
    time_words,
    words,
    written_words,
)
from bigdata_emis.schema.mass_units import G_PER_KG

SHOWN_CASES = 30
NOTICE_KEYS: tuple[tuple[str, Literal["en", "zh"]], ...] = (("notices", "en"), ("notices_zh", "zh"))


def brief_sheet(brief: BriefData, *, known_utc: datetime) -> ReportSheet:
    """The brief of a day."""
    return {
        "title": words("Daily control brief", "应急管控日报"),
        "subtitle": words(f"{brief.region.name_en} · {brief.day}", f"{brief.region.name_zh} · {brief.day}"),
        "notices": brief_notices(brief),
        "sections": [
            _alerts(brief),
            *_day(brief),
            _ledger(brief),
            *_by_order(brief),
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
        "footer": written_words(known_utc, brief.region.time_zone),
    }


def brief_document(brief: BriefData) -> dict[str, Any]:
    """The brief for programs; masses in kilogram. What was not judged is null."""
    notices = brief_notices(brief)
    return {
        "region": brief.region.region_id,
        "date": brief.day.isoformat(),
        "alerts": [
            {"alert": one.alert_id, "kind": one.kind, "level": one.level, "cities": list(one.cities), "by": one.actor}
            for one in brief.alerts
        ],
        "scenario": brief.scenario["scenario_id"] if brief.scenario else None,
        "hours_in_force": brief.hours,
        "coverage": describe_coverage(brief.coverage),
        **{key: [notice[own] for notice in notices] for key, own in NOTICE_KEYS},
        "by_sector": _kilograms(brief.by_sector),
        "by_county": _kilograms(brief.by_county),
        "day": [
            _amounts(row)
            for row in (brief.planned.ledger if brief.planned and brief.has_inventory else [])
            if row["cut_emission_g"] > 0
        ],
        "day_base": day_base_words(brief)["en"] if brief.planned and brief.has_inventory else None,
        "share_note": two_shares_words(brief),
        "scenario_from_utc": brief.scenario["from_utc"].isoformat() if brief.scenario else None,
        "scenario_to_utc": brief.scenario["to_utc"].isoformat() if brief.scenario else None,
        "ledger": [_ledger_row(row) for row in brief.ledger],
        "completeness": brief.completeness,
        "cases": None if brief.cases is None else len(brief.cases),
        "ordered_lines": len(brief.orders) if brief.has_inventory else None,
    }


def _ledger_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**_amounts(row), "target_share": row["target_share"], "met": row["is_met"]}


def _amounts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pollutant": row["pollutant_code"],
        "base_kg": row["baseline_emission_g"] / G_PER_KG,
        "cut_kg": row["cut_emission_g"] / G_PER_KG,
        "cut_share": row["cut_share"],
    }


def _kilograms(sums: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {name: {p: value / G_PER_KG for p, value in by.items()} for name, by in sums.items()}


def _alerts(brief: BriefData) -> SheetSection:
    columns = [
        words("city", "城市"), words("level", "级别"), words("kind", "类型"), words("from", "起"), words("to", "止"),
        words("by", "责任人"),
    ]  # fmt: skip
    zone = brief.region.time_zone
    rows = [
        [
            city_words(brief.county_names, city) if city else words("whole region", "全区域"),
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


def _day(brief: BriefData) -> list[SheetSection]:
    """Base and planned cut of the hours of the day, by pollutant; nothing without a scenario or an inventory."""
    held, planned = brief.hours_in_force, brief.planned
    if held is None or planned is None or not brief.has_inventory:
        return []
    title = hours_title(words("Planned cut of the day", "当日计划减排"), held, held.hours, brief.region.time_zone)
    return [day_cut_section(title, planned.ledger, notes=[day_base_words(brief)])]


def day_base_words(brief: BriefData) -> Words:
    """What the base of the cuts of the day is."""
    if brief.planned is None or not brief.planned.judged_hours:
        return approved_base_words(brief.ledger)
    return judged_base_words(brief.planned.judged_hours, brief.planned.hours)


def two_shares_words(brief: BriefData) -> Words | None:
    """Why the shares of the day and of the scenario as approved differ; None where the day was not judged."""
    is_judged = brief.planned is not None and brief.planned.judged_hours > 0
    return TWO_SHARES if is_judged and brief.has_inventory else None


def _ledger(brief: BriefData) -> SheetSection:
    """The scenario in force with the cut of all its hours, as it was approved."""
    title, window = words("Scenario in force, all its hours", "生效情景（整个时段）"), brief.planned_window
    if brief.scenario is None or window is None:
        return section(title, notes=[NO_SCENARIO])
    name, level = brief.scenario["scenario_id"], code_words("alert_level", brief.scenario["alert_level_code"])
    if brief.level_orders:
        level = words("the level changes", "级别有调整")
    note = words(
        f"{name}, {level['en']}, in force {brief.hours} h of this day.",
        f"{name}，{level['zh']}，当日生效{brief.hours}小时。",
    )
    two_shares = two_shares_words(brief)
    notes = [note, approved_base_words(brief.ledger), *net_share_words(brief.ledger), *_level_notes(brief)]
    notes += [two_shares] if two_shares else []
    title = hours_title(title, window, window.hours, brief.region.time_zone)
    return planned_cut_section(title, brief.ledger, orders=brief.level_orders, notes=notes)


def _by_order(brief: BriefData) -> list[SheetSection]:
    return [level_orders_section(brief.level_orders, brief.region.time_zone)] if brief.level_orders else []


def _level_notes(brief: BriefData) -> list[Words]:
    """Level and hours of each order of a scenario whose level changes."""
    zone, notes = brief.region.time_zone, []
    for row in orders_by_number(brief.level_orders):
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
    columns = [words("", ""), *map(pollutant_words, pollutants)]
    notes = chinese_only(row[0] for row in rows)
    return section(title, columns=columns, rows=[*rows, [words("all", "合计"), *totals]], notes=notes)


def _completeness(brief: BriefData) -> SheetSection:
    rows = [[feed_words(feed), share_words(share)] for feed, share in brief.completeness.items()]
    columns = [words("feed", "数据源"), words("complete", "完整率")]
    return section(words("Completeness by feed", "数据完整率"), columns=columns, rows=rows)


def _cases(brief: BriefData) -> SheetSection:
    title = words("Lines that may not have obeyed", "疑似未落实生产线")
    if brief.scenario is None:
        return section(title, notes=[NO_ORDER_OF_ALERT if brief.alerts else NO_SCENARIO])
    if brief.cases is None:
        return section(title, notes=[NO_OUTCOME])
    zone, shown = brief.region.time_zone, brief.cases[:SHOWN_CASES]
    columns = [
        words("plant and line", "企业 / 生产线"), words("what", "问题"), words("from", "起"), words("to", "止"),
        words("excess kg", "超排 kg"), words("status", "状态"),
    ]  # fmt: skip
    rows = [
        [
            plant_and_line(brief.source_names, row["source_id"]),
            breach_words(row["breach_kind_code"], order_share_of(row)),
            time_words(row["from_utc"], zone),
            time_words(row["to_utc"], zone),
            mass_words(row["excess_emission_g"]),
            code_words("case_status", row["case_status_code"]),
        ]
        for row in shown
    ]
    note = words(f"{len(brief.cases)} cases, {len(rows)} shown.", f"共{len(brief.cases)}件，列出{len(rows)}件。")
    return section(title, columns=columns if rows else [], rows=rows, notes=[note])
