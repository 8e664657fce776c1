"""The orders of an event whose level changes: level, hours, cut and target of each, for briefs and reviews.

Belongs here: rows of control_order in words. Does not: the whole event (control_ledger), which has no target then.
"""

from collections.abc import Iterable, Mapping, Sequence
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
MET = {None: words("not known", "无法判定"), True: words("yes", "是"), False: words("NO", "否")}


def target_words(row: Mapping[str, Any], orders: Iterable[Row] = ()) -> Words:
    """The target of a pollutant; that it has none, or one for each order."""
    if row["target_share"] is not None:
        return share_words(row["target_share"])
    own = (one for one in orders if one["pollutant_code"] == row["pollutant_code"])
    return BY_ORDER if any(one["target_share"] is not None for one in own) else NO_TARGET


def has_target(row: Mapping[str, Any], orders: Iterable[Row] = ()) -> bool:
    """Whether a pollutant has a target, over the whole event or in an order of it."""
    return target_words(row, orders) != NO_TARGET


def order_and_pollutant(row: Row) -> tuple[int, str]:
    """The key by which rows of control_order are listed."""
    return row["event_order_number"], row["pollutant_code"]


def targets_first(rows: Iterable[Row], orders: Sequence[Row] = ()) -> list[Row]:
    """Rows of pollutants of which something is cut or that have a target; those with a target first."""
    shown = [row for row in rows if row["cut_emission_g"] > 0 or has_target(row, orders)]
    return sorted(shown, key=lambda row: (not has_target(row, orders), row["pollutant_code"]))


def orders_by_number(rows: Sequence[Row]) -> list[Row]:
    """One row an order, in order of time; the rows of its pollutants have the same level and hours."""
    by_number = {row["event_order_number"]: row for row in rows}
    return [by_number[number] for number in sorted(by_number)]


def level_orders_section(rows: Sequence[Row], time_zone: str) -> SheetSection:
    """A row for each order and pollutant with a target; where none has one, each of which something is cut."""
    shown = [row for row in rows if row["target_share"] is not None] or targets_first(rows)
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
                target_words(row),
                MET[row["is_met"]] if row["target_share"] is not None else NO_TARGET,
            ]
            for row in shown
        ],
    )
