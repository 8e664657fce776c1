"""The list of orders of a day as a sheet in both languages: a table for each county, to be printed and handed out.

Belongs here: wording. Does not: the numbers (brief_data, order_list), the brief itself (brief_sheet).
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from bigdata_emis.codes import Pollutant
from bigdata_emis.report.brief.brief_data import BriefData
from bigdata_emis.report.brief.brief_notices import NO_INVENTORY, NO_LINES, NO_SCENARIO, brief_notices
from bigdata_emis.report.brief.order_list import LineOrder, OrderStep
from bigdata_emis.report.names.code_names import FULL_STOP_SHARE
from bigdata_emis.report.names.county_names import chinese_only, county_words
from bigdata_emis.report.sheet.report_sheet import (
    UNKNOWN,
    ReportSheet,
    SheetSection,
    Words,
    code_words,
    mass_words,
    section,
    time_words,
    words,
    written_words,
)

ORDERED_POLLUTANTS = (Pollutant.SO2, Pollutant.NOX, Pollutant.PM10, Pollutant.PM2_5, Pollutant.VOCS)
ORDER_COLUMNS = (
    words("enterprise", "企业"),
    words("line", "生产线"),
    words("industry", "行业"),
    words("order", "指令"),
    words("from", "起"),
    words("to", "止"),
    *(words(f"{pollutant} kg") for pollutant in ORDERED_POLLUTANTS),
)
WIDTHS = (8, 4, 6, 4, 6, 6, 4, 4, 4, 4, 4)
HOW_TO_READ = (
    words(
        "kg: the planned cut of the line over the hours of the row, for the pollutants with a target. A dash: nothing "
        "of it is cut. A line whose order changes or pauses on this day has a row for each part.",
        "kg：该生产线在该行时段内的计划减排量，仅列有减排目标的污染物；“–”为无减排。当日指令有调整或中断的生产线，每时段一行。",
    ),
    words(
        "Other pollutants are in the published table of planned cuts by source and hour.",
        "其余污染物见已发布的情景小时减排表。",
    ),
)
RAMPS = words(
    "Where the share of a line changes from one row to the next without a pause, its process ramps: it takes hours to "
    "come down to the order and to come back; or its order has other hours.",
    "同一生产线相邻两行时段相接而比例不同的，为工艺升降负荷过程：降至指令负荷或恢复负荷需若干小时；或指令本身分时段。",
)
ONLY_POLLUTANTS = words("no output cut: the pollutants at right", "不限产；按右列污染物减排")
"""Where the share of a pollutant is not known, or none of those at right is cut."""


def order_sheet(brief: BriefData, *, known_utc: datetime) -> ReportSheet:
    """The orders of the day, a table for each county."""
    by_county: dict[tuple[str, str], list[LineOrder]] = {}
    for order in brief.orders:
        by_county.setdefault((order["city"], order["county"]), []).append(order)
    name = brief.scenario["scenario_id"] if brief.scenario else UNKNOWN
    places = [_place(brief, *place) for place in by_county]
    ramps = [RAMPS] if any(map(_has_ramp, brief.orders)) else []
    reading = section(words("How to read", "说明"), notes=[*HOW_TO_READ, *ramps, *chinese_only(places)])
    tables = [_orders_of_county(brief, place, orders) for place, orders in zip(places, by_county.values(), strict=True)]
    return {
        "title": words("Orders of the day", "措施清单"),
        "subtitle": words(
            f"{brief.region.name_en} · {brief.day} · {name}", f"{brief.region.name_zh} · {brief.day} · {name}"
        ),
        "notices": brief_notices(brief),
        "sections": [reading, *tables] if tables else [_no_orders(brief)],
        "footer": written_words(known_utc, brief.region.time_zone),
    }


def _has_ramp(order: LineOrder) -> bool:
    """Whether the share of output that a line is asked to cut changes from one hour to the next."""
    return any(
        before["to_utc"] == after["from_utc"] and 0 < before["cut_share"] != after["cut_share"] > 0
        for before, after in pairwise(order["steps"])
    )


def _no_orders(brief: BriefData) -> SheetSection:
    """Why there is no order: none is in force, nothing is ordered of lines, or the hours have no inventory."""
    if not brief.has_inventory:
        return section(words("Orders unknown", "指令未知"), notes=[NO_INVENTORY])
    return section(words("0 lines", "0条生产线"), notes=[NO_LINES if brief.scenario else NO_SCENARIO])


def _place(brief: BriefData, city: str, county_id: str) -> Words:
    """The county with its city, which its name has already where the outlines name it."""
    place = county_words(brief.county_names, county_id)
    if county_id in brief.county_names or not city:
        return place
    return words(f"{city} {place['en']}", f"{city} {place['zh']}")


def _orders_of_county(brief: BriefData, place: Words, orders: Sequence[LineOrder]) -> SheetSection:
    count = len(orders)
    lines = "1 line" if count == 1 else f"{count} lines"
    return section(
        words(f"{place['en']}: {lines}", f"{place['zh']}：{count}条生产线"),
        columns=ORDER_COLUMNS,
        rows=[_order_cells(brief, order, step) for order in orders for step in order["steps"]],
        widths=WIDTHS,
    )


def _order_cells(brief: BriefData, order: LineOrder, step: OrderStep) -> list[Words]:
    zone = brief.region.time_zone
    return [
        words(order["enterprise_en"], order["enterprise_zh"]),
        words(f"{order['line']} {order['line_name']}".strip()),
        code_words("industry", order["industry"]),
        _order_words(step),
        _short_time(step["from_utc"], zone),
        _short_time(step["to_utc"], zone),
        *(mass_words(step["cut_g"].get(pollutant)) for pollutant in ORDERED_POLLUTANTS),
    ]


def _short_time(instant: datetime, time_zone: str) -> Words:
    """Month, day and hour: the year is in the title."""
    return words(time_words(instant, time_zone)["en"].partition("-")[2])


def _order_words(step: OrderStep) -> Words:
    share = step["cut_share"]
    if share >= FULL_STOP_SHARE:
        return words("stop", "停产")
    if share <= 0:
        return _only_pollutants(step["pollutant_share"])
    return words(f"cut {share:.0%}", f"限产{share:.0%}")


def _only_pollutants(shares: dict[str, float]) -> Words:
    """That the output is not cut, and the share of each pollutant with a target; of those with the same share once."""
    by_share: dict[str, list[str]] = {}
    for pollutant in ORDERED_POLLUTANTS:
        if shares.get(pollutant):
            by_share.setdefault(f"{shares[pollutant]:.0%}", []).append(str(pollutant))
    if not by_share:
        return ONLY_POLLUTANTS
    english = "; ".join(f"{', '.join(pollutants)} {share}" for share, pollutants in by_share.items())
    chinese = "；".join(f"{'、'.join(pollutants)} 减{share}" for share, pollutants in by_share.items())
    return words(f"no output cut; {english}", f"不限产；{chinese}")
