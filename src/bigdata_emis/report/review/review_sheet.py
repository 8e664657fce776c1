"""The review of an alert as a sheet in both languages.

Belongs here: wording. Does not: the numbers (review_data), the table of measures (measure_section).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bigdata_emis.report.brief.case_dispatch import order_share_of
from bigdata_emis.report.brief.level_orders_section import level_orders_section, targets_first
from bigdata_emis.report.brief.planned_cut_section import (
    JUDGED_BASE,
    TWO_SHARES,
    approved_base_words,
    hours_title,
    planned_cut_section,
)
from bigdata_emis.report.names.code_names import breach_words, pollutant_words
from bigdata_emis.report.names.county_names import city_words
from bigdata_emis.report.names.source_names import plant_and_line
from bigdata_emis.report.review.alert_timeline import LeadTimes
from bigdata_emis.report.review.event_levels import are_hours_unknown, level_path
from bigdata_emis.report.review.measure_effects import JudgedHours, planned_share
from bigdata_emis.report.review.measure_section import execution_words, measure_section
from bigdata_emis.report.review.review_data import ReviewData
from bigdata_emis.report.review.review_subject import Row
from bigdata_emis.report.sheet.report_sheet import (
    UNKNOWN,
    ReportSheet,
    SheetSection,
    Words,
    code_words,
    mass_words,
    number_text,
    section,
    share_words,
    simulated_notices,
    time_words,
    words,
    written_words,
)
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import Window

SHOWN_CASES = 20
NO_OUTCOME = words(
    "No outcome was judged: achieved cut and compliance are unknown. Run emis outcome.",
    "尚未评估实际减排：实际减排与落实情况无法判定。请运行 emis outcome。",
)
NO_SCENARIO = words(
    "No scenario is linked to this alert: planned and achieved cut are unknown.",
    "本次预警未关联情景：计划减排与实际减排无法判定。",
)
NO_COST = words(
    "The cost is unknown: no cost is stored with a scenario. With a cost table, emis optimise prices its measures.",
    "成本无法判定：情景未存储成本。提供成本表时，emis optimise 可计算措施成本。",
)
NO_EFFECT_ON_AIR = words(
    "What the measures did to the air is unknown: no expectation without weather exists. The difference from the "
    "forecast below is the error of the forecast and the effect of the measures together.",
    "措施对空气质量的影响无法判定：没有去除气象影响的期望值。下表与预报之差同时含预报误差与措施效果。",
)
REPLAYED = words(
    "Lead times: replayed. The issue was stored after the alert had ended, so it shows no lead time.",
    "提前量：回放。发布记录写入于预警结束之后，无法反映提前量。",
)
LEVEL_HOURS_UNKNOWN = words(
    "The level was changed, but the acts were stored after the alert had ended: the hours of each level are unknown.",
    "预警级别有调整，但记录写入于预警结束之后：各级别生效时段无法判定。",
)
NO_AIR = words("No measured air of these hours.", "该时段无空气质量监测数据。")


def review_sheet(review: ReviewData, changes: Sequence[Words], *, known_utc: datetime) -> ReportSheet:
    """The review as a sheet. changes: which rules to change (control_framework)."""
    region, subject = review.region, review.subject
    level, zone = level_path(review.levels), region.time_zone
    start, end = (time_words(instant, zone)["en"] for instant in (subject.window.from_utc, subject.window.to_utc))
    cities = [city_words(review.place_names, city) for city in subject.alert.cities] if subject.alert else []
    english, chinese = ", ".join(city["en"] for city in cities), "、".join(city["zh"] for city in cities)
    place = words(f"{region.name_en} {english}".strip(), f"{region.name_zh} {chinese}".strip())
    written = written_words(known_utc, zone)
    return {
        "title": words(f"Review of the {level['en']} alert", f"{level['zh']}评估"),
        "subtitle": words(f"{place['en']} · {start} – {end}", f"{place['zh']} · {start} – {end}"),
        "notices": _notices(review),
        "sections": [
            _timeline(review),
            _planned(review),
            *_achieved(review),
            *_earlier(review),
            *([level_orders_section(review.orders, zone)] if review.orders else []),
            measure_section(review),
            _compliance(review),
            _air(review),
            section(words("Cost", "成本"), notes=[NO_COST]),
            _changes(changes),
        ],
        "footer": words(f"{subject.name}; {written['en']}", f"{subject.name}；{written['zh']}"),
    }


def unknown_words(review: ReviewData) -> list[Words]:
    """Why planned or achieved cut are not known; nothing where both are."""
    if review.subject.scenario is None:
        return [NO_SCENARIO]
    if review.judged is not None:
        return []
    stored = [one.scenario["scenario_id"] for one in review.earlier if one.has_ended_outcome]
    return [_outcome_of_another(review, stored)] if stored else [NO_OUTCOME]


def _outcome_of_another(review: ReviewData, stored: Sequence[str]) -> Words:
    """That the outcome that is stored is of an order that another one replaced in all its hours."""
    name, region = (review.subject.scenario or {})["scenario_id"], review.region.region_id
    command, others = f"emis outcome --region {region} --scenario {name}", ", ".join(stored)
    return words(
        f"The order in force, {name}, is not judged: achieved cut and compliance are unknown. The outcome stored "
        f"is of {others}, of hours in which another order is in force now. Run {command}.",
        f"生效指令 {name} 尚未评估：实际减排与落实情况无法判定。已存评估属于 {others}，其时段已由新指令替代。"
        f"请运行 {command}。",
    )


def _notices(review: ReviewData) -> list[Words]:
    notices = simulated_notices(review.region)
    notices += unknown_words(review)
    held, zone = review.scenario_window, review.region.time_zone
    if held and held != review.subject.window:
        hours = " – ".join(time_words(instant, zone)["en"] for instant in (held.from_utc, held.to_utc))
        notices.append(
            words(
                f"The measures were in force {hours}, not in the hours of the alert.",
                f"措施生效时段为{hours}，与预警时段不同。",
            )
        )
    if held and review.judged and review.judged.window.to_utc < held.to_utc:
        until = time_words(review.judged.window.to_utc, zone)["en"]
        notices.append(words(f"The outcome is known until {until} only.", f"实际减排仅评估至{until}。"))
    if review.judged and review.judged.hours < review.judged.window.hours:
        known, span = review.judged.hours, review.judged.window.hours
        notices.append(
            words(
                f"The outcome is of {known} of {span} h: the others have no inventory.",
                f"实际减排评估含{span}小时中的{known}小时，其余时段无排放清单。",
            )
        )
    if are_hours_unknown(review.subject, review.levels):
        notices.append(LEVEL_HOURS_UNKNOWN)
    notices += review.ledger_notices
    return notices


def _timeline(review: ReviewData) -> SheetSection:
    columns = [
        words("time", "时间"),
        words("event", "事件"),
        words("level", "级别"),
        words("by", "责任人"),
        words("note", "备注"),
    ]
    rows = [
        [
            time_words(entry["at_utc"], review.region.time_zone),
            entry["event"],
            code_words("alert_level", entry["level"]),
            words(entry["by"] or UNKNOWN),
            words(entry["note"] or UNKNOWN),
        ]
        for entry in review.timeline
    ]
    return section(words("Time line", "时间线"), columns=columns, rows=rows, notes=[_lead_times(review.lead_times)])


def _lead_times(lead: LeadTimes) -> Words:
    if lead["is_replayed"]:
        return REPLAYED
    to_issue, to_start = _hours(lead["forecast_to_issue_h"]), _hours(lead["issue_to_start_h"])
    return words(
        f"Forecast to issue: {to_issue}; issue to start: {to_start}.",
        f"预报至发布：{to_issue}；发布至生效：{to_start}。",
    )


def _hours(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.1f} h"


def _planned(review: ReviewData) -> SheetSection:
    """Base, planned cut and target of the whole plan, as it was approved."""
    title, window, notes = words("Planned cut, as approved", "计划减排（批准时）"), review.planned_window, list[Words]()
    if window is not None:
        title = hours_title(title, window, window.hours, review.region.time_zone)
        notes = [approved_base_words(review.totals)]
    return planned_cut_section(title, review.totals, orders=review.orders, notes=notes)


def _achieved(review: ReviewData) -> list[SheetSection]:
    """Planned and achieved cut of the hours judged, with the same base; nothing without an outcome."""
    if review.judged is None:
        return []
    title = words("Planned and achieved cut of the hours judged", "评估时段计划与实际减排")
    return [_achieved_section(title, review, review.totals, review.judged, notes=[JUDGED_BASE, TWO_SHARES])]


def _achieved_section(
    title: Words, review: ReviewData, totals: Sequence[Row], judged: JudgedHours, *, notes: Sequence[Words]
) -> SheetSection:
    columns = [
        words("pollutant", "污染物"), words("without control kg", "无管控 kg"), words("planned kg", "计划 kg"),
        words("planned share", "计划比例"), words("achieved kg", "实际 kg"), words("90 % interval kg", "90%区间 kg"),
        words("achieved share", "实际比例"), words("of plan", "执行率"),
    ]  # fmt: skip
    shown = targets_first(totals, review.orders)
    rows = [_achieved_row(row["pollutant_code"], row["achieved"]) for row in shown if row["achieved"]]
    title = hours_title(title, judged.window, judged.hours, review.region.time_zone)
    return section(title, columns=columns, rows=rows, notes=[*notes, *_unseen_words(shown)])


def _unseen_words(totals: Sequence[Row]) -> list[Words]:
    """What was ordered and no reading shows, by pollutant."""
    unseen = [
        (row["pollutant_code"], number_text(row["achieved"]["unseen_cut_emission_g"] / G_PER_KG))
        for row in totals
        if row["achieved"] and row["achieved"]["unseen_cut_emission_g"]
    ]
    listed = [
        words(f"{pollutant_words(code)['en']} {kg} kg", f"{pollutant_words(code)['zh']} {kg} kg") for code, kg in unseen
    ]
    if not listed:
        return []
    in_en, in_zh = ", ".join(one["en"] for one in listed), "、".join(one["zh"] for one in listed)
    return [
        words(
            f"Of the plan no reading shows {in_en} (machines, minor roads, dust): it is not credited as achieved, and "
            "the upper bound of the interval holds it.",
            f"计划量中{in_zh}无监测数据印证（机械、支路、扬尘等）：未计入实际减排，已包含在区间上限内。",
        )
    ]


def _earlier(review: ReviewData) -> list[SheetSection]:
    """The orders of the alert one after the other, and what the earlier ones achieved in their hours."""
    if not review.earlier:
        return []
    zone, main = review.region.time_zone, review.subject.scenario or {}
    columns = [
        words("scenario", "情景"), words("level", "级别"), words("in force from", "生效起"), words("to", "止"),
        words("outcome", "效果评估"),
    ]  # fmt: skip
    listed = [(one.scenario, one.held, one.judged, one.has_ended_outcome) for one in review.earlier]
    rows = [
        [
            words(row["scenario_id"]),
            code_words("alert_level", row["alert_level_code"]),
            *(time_words(instant, zone) for instant in ((held.from_utc, held.to_utc) if held else (None, None))),
            _outcome_words(held, judged, is_ended=is_ended),
        ]
        for row, held, judged, is_ended in [*listed, (main, review.scenario_window, review.judged, False)]
    ]
    parts = [section(words("Orders of the alert, in order of time", "本次预警的各次指令"), columns=columns, rows=rows)]
    for one in review.earlier:
        if one.judged is not None:
            name = one.scenario["scenario_id"]
            title = words(f"Planned and achieved cut under {name}", f"{name} 计划与实际减排")
            parts.append(_achieved_section(title, review, one.totals, one.judged, notes=[JUDGED_BASE]))
    return parts


def _outcome_words(held: Window | None, judged: JudgedHours | None, *, is_ended: bool) -> Words:
    """Of how many hours of an order an outcome is known, or why of none."""
    if judged is not None:
        return words(f"{judged.hours} h judged", f"已评估{judged.hours}小时")
    if is_ended:
        return words("stored, of hours in which another order is in force", "已存，但相应时段现为其他指令")
    return words("not judged", "未评估") if held else words("in force in no hour", "无生效时段")


def _achieved_row(pollutant: str, achieved: Mapping[str, Any]) -> list[Words]:
    bounds = (achieved["achieved_emission_g_p05"], achieved["achieved_emission_g_p95"])
    return [
        pollutant_words(pollutant),
        mass_words(achieved["counterfactual_emission_g"]),
        mass_words(achieved["cut_emission_g"]),
        share_words(planned_share(achieved)),
        mass_words(achieved["achieved_emission_g"]),
        words(" – ".join(number_text(value / G_PER_KG) for value in bounds)),
        share_words(achieved["achieved_share"]),
        execution_words(achieved),
    ]


def _compliance(review: ReviewData) -> SheetSection:
    if not review.line_hours:
        return section(words("Compliance", "落实情况"), notes=unknown_words(review) or [NO_OUTCOME])
    titles = {code: code_words("compliance", code) for code in review.line_hours}
    counts = {code: f"{count:,}" for code, count in review.line_hours.items()}
    note = words(
        "Hours of lines, by meters, also where no inventory exists: "
        + "; ".join(f"{titles[code]['en']} {count}" for code, count in counts.items())
        + ".",
        "生产线小时数（按电表判定，含无排放清单的小时）："
        + "；".join(f"{titles[code]['zh']} {count}" for code, count in counts.items())
        + "。",
    )
    columns = [
        words("plant and line", "企业 / 生产线"),
        words("what", "问题"),
        words("from", "起"),
        words("to", "止"),
        words("excess kg", "超排 kg"),
        words("status", "状态"),
    ]
    shown = review.cases[:SHOWN_CASES]
    rows = [
        [
            plant_and_line(review.names, row["source_id"]),
            breach_words(row["breach_kind_code"], order_share_of(row)),
            *(time_words(row[name], review.region.time_zone) for name in ("from_utc", "to_utc")),
            mass_words(row["excess_emission_g"]),
            code_words("case_status", row["case_status_code"]),
        ]
        for row in shown
    ]
    cases = words(
        f"Cases: {len(review.cases)}, of which {len(shown)} are shown, the largest excess first.",
        f"案件{len(review.cases)}件，按超排量列出{len(shown)}件。",
    )
    return section(words("Compliance", "落实情况"), columns=columns if rows else [], rows=rows, notes=[note, cases])


def _air(review: ReviewData) -> SheetSection:
    title = words("Air quality", "空气质量")
    if not review.air:
        return section(title, notes=[NO_AIR])
    columns = [
        words("pollutant", "污染物"),
        words("hours", "小时数"),
        words("measured µg/m³", "实测 µg/m³"),
        words("forecast µg/m³", "预报 µg/m³"),
        words("forecast issued", "预报发布"),
    ]
    rows = [
        [
            words(one["pollutant"]),
            words(str(one["hours"])),
            words(f"{one['measured_ug_per_m3']:,.1f}"),
            words(UNKNOWN if one["forecast_ug_per_m3"] is None else f"{one['forecast_ug_per_m3']:,.1f}"),
            time_words(one["forecast_issued_utc"], review.region.time_zone),
        ]
        for one in review.air
    ]
    cause = code_words("cause", review.cause)
    note = words(f"Cause, by the measured air: {cause['en']}.", f"污染成因（按实测）：{cause['zh']}。")
    return section(title, columns=columns, rows=rows, notes=[note, NO_EFFECT_ON_AIR])


def _changes(changes: Sequence[Words]) -> SheetSection:
    none = [words("Nothing in the reviewed alerts calls for a change.", "已评估预警未提示需修改规则。")]
    return section(
        words("Rules to change, over all reviewed alerts", "规则修改建议（全部已评估预警）"), notes=changes or none
    )
