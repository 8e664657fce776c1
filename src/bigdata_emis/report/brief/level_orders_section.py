"""The orders of an event whose level changes: level, hours, cut and target of each, for briefs and reviews.

Belongs here: rows of control_order in words. Does not: the whole event (control_ledger), which has no target then.
"""

from collections.abc import Sequence
from typing import Any

from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.sheet.report_sheet import (
    SheetSection,
    Words,
    code_words,
    mass_words,
    section,
    share_words,
    time_words,
    words,
)

Row = dict[str, Any]
NO_TARGET = words("none", "无")
BY_ORDER = words("by order, see below", "分指令，见下表")
COLUMNS = (
    words("order", "指令"),
    words("level", "级别"),
    words("from", "起"),
    words("to", "止"),
    words("pollutant", "污染物"),
    words("base kg", "基准 kg"),
    words("planned kg", "计划 kg"),
    words("share", "比例"),
    words("target", "目标"),
    words("met", "达标"),
)
MET = {None: NO_TARGET, True: words("yes", "是"), False: words("NO", "否")}


def target_words(target_share: float | None, *, is_by_order: bool) -> Words:
    """The target of a pollutant; that it has none, or one for each order."""
    if target_share is not None:
        return share_words(target_share)
    return BY_ORDER if is_by_order else NO_TARGET


def order_and_pollutant(row: Row) -> tuple[int, str]:
    """The key by which rows of control_order are listed."""
    return row["event_order_number"], row["pollutant_code"]


def orders_by_number(rows: Sequence[Row]) -> list[Row]:
    """One row an order, in order of time; the rows of its pollutants have the same level and hours."""
    by_number = {row["event_order_number"]: row for row in rows}
    return [by_number[number] for number in sorted(by_number)]


def level_orders_section(rows: Sequence[Row], time_zone: str) -> SheetSection:
    """A row for each order and pollutant of which something is cut or that has a target."""
    shown = [row for row in rows if row["cut_emission_g"] > 0 or row["target_share"] is not None]
    return section(
        words("Orders of the event", "分级别指令"),
        columns=COLUMNS,
        rows=[
            [
                words(str(row["event_order_number"])),
                code_words("alert_level", row["alert_level_code"]),
                time_words(row["order_from_utc"], time_zone),
                time_words(row["order_to_utc"], time_zone),
                pollutant_words(row["pollutant_code"]),
                mass_words(row["baseline_emission_g"]),
                mass_words(row["cut_emission_g"]),
                share_words(row["cut_share"]),
                target_words(row["target_share"], is_by_order=False),
                MET[row["is_met"]] if row["target_share"] is not None else NO_TARGET,
            ]
            for row in shown
        ],
    )
