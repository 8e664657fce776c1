"""The table of a planned cut by pollutant, for briefs and reviews: base, cut, share, target, and what the base is.

Belongs here: wording. Does not: the numbers (control_ledger, planned_hours), orders that change (level_orders_section).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bigdata_emis.report.brief.level_orders_section import Row, target_words, targets_first
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
from bigdata_emis.window import Window

COLUMNS = (
    words("pollutant", "污染物"),
    words("base kg", "基准 kg"),
    words("planned kg", "计划 kg"),
    words("planned share", "计划比例"),
)
TARGET = words("target", "目标")
JUDGED_BASE = words("Base: the emission without control, as the outcome states it.", "基准：效果评估给出的无管控排放。")

TWO_SHARES = words(
    "The orders are the same as in the table above; their share differs where the base as approved contained an order "
    "that was in force already, or where other hours are judged than were planned.",
    "指令与上表相同；批准时所用基准已含当时生效指令的减排量，或评估时段与计划时段不同时，两表比例不同。",
)
"""Of the second of two tables of the same orders: one as approved, one of hours judged."""


def planned_cut_section(
    title: Words, ledger: Iterable[Row], *, orders: Sequence[Row] = (), notes: Iterable[Words] = ()
) -> SheetSection:
    """Base, planned cut and target of each pollutant; those with a target first.

    orders: rows of control_order of a scenario whose level changes.
    """
    rows = [[*_cells(row), target_words(row, orders)] for row in targets_first(ledger, orders)]
    return section(title, columns=(*COLUMNS, TARGET), rows=rows, notes=notes)


def day_cut_section(title: Words, ledger: Iterable[Row], *, notes: Iterable[Words] = ()) -> SheetSection:
    """Base and planned cut of each pollutant of which something is cut in the hours of a day, which have no target."""
    rows = [_cells(row) for row in ledger if row["cut_emission_g"] > 0]
    return section(title, columns=COLUMNS if rows else (), rows=rows, notes=notes)


def approved_base_words(ledger: Iterable[Mapping[str, Any]]) -> Words:
    """The base of a plan as it was approved."""
    sources = sorted({row["base_source_code"] for row in ledger if row.get("base_source_code")})
    titles = [code_words("base_source", code) for code in sources] or [words("not stored", "未登记")]
    english, chinese = "; ".join(one["en"] for one in titles), "；".join(one["zh"] for one in titles)
    return words(f"Base as approved: {english}.", f"基准为批准时所用：{chinese}。")


def judged_base_words(judged_hours: int, hours: int) -> Words:
    """What the base of hours is, of which the outcome judged some or all."""
    if judged_hours >= hours:
        return JUDGED_BASE
    return words(
        f"Base: in {judged_hours} h the emission without control, as the outcome states it; in the other "
        f"{hours - judged_hours} h as approved.",
        f"基准：{judged_hours}小时为效果评估给出的无管控排放，其余{hours - judged_hours}小时为批准时所用。",
    )


def hours_title(title: Words, window: Window, hours: int, time_zone: str) -> Words:
    """A title with the hours that its table is of."""
    start, end = (time_words(instant, time_zone)["en"] for instant in (window.from_utc, window.to_utc))
    count = f"{hours} h" if hours == window.hours else f"{hours} / {window.hours} h"
    return words(f"{title['en']} · {count}, {start} – {end}", f"{title['zh']} · {count}，{start} – {end}")


def _cells(row: Mapping[str, Any]) -> list[Words]:
    return [
        pollutant_words(row["pollutant_code"]),
        mass_words(row["baseline_emission_g"]),
        mass_words(row["cut_emission_g"]),
        share_words(row["cut_share"]),
    ]
