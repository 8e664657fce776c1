"""The ledger of a scenario on a day's page: its status, who decided, the level called, what is missing.

Belongs here: which scenario is shown, and its numbers and words. Does not: alerts (day_data), decisions (publish).
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bigdata_emis import schema
from bigdata_emis.codes import BaseSource, ScenarioStatus
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.report.brief.level_orders_section import order_and_pollutant, orders_by_number
from bigdata_emis.report.coverage.moved_notes import moved_notes
from bigdata_emis.report.coverage.scenario_coverage import scenario_notices
from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.names.measure_names import measure_names
from bigdata_emis.report.names.source_names import source_names
from bigdata_emis.report.scenario_waterfall import scenario_waterfall
from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window

VERDICTS = (
    (True, "targets met", "已达标"),
    (False, "targets NOT met", "未达标"),
    (None, "not known whether targets are met", "能否达标无法判定"),
)
LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")


def scenario_section(region: Region, day: date, store: Store, *, scenario: str | None) -> dict[str, Any] | None:
    """The ledger of a scenario; by default of the one in force on the day, else of the last one approved for it.

    Raises InputError when the scenario is unknown.
    """
    rows = database.read("scenario", region.region_id).to_pylist()
    about = _named(rows, scenario, region) if scenario is not None else _default(rows, region, day)
    return None if about is None else _describe(about, region, store)


def overlaps_day(row: dict[str, Any], region: Region, day: date) -> bool:
    """Whether a scenario or an alert has hours of the day."""
    whole = day_window(day, region.time_zone)
    return bool(row["from_utc"] and row["to_utc"] and row["from_utc"] < whole.to_utc and row["to_utc"] > whole.from_utc)


def local_time(instant: datetime | None, region: Region) -> str:
    """An instant in the time of the region, to the minute; empty without one."""
    return instant.astimezone(ZoneInfo(region.time_zone)).strftime("%Y-%m-%d %H:%M") if instant else ""


def code_title(code_list: str, code: str) -> dict[str, str]:
    """The title of a code in both languages; an unknown code is its own title."""
    titled = schema.codes()[code_list].get(code)
    return {"en": titled.title_en if titled else code, "zh": titled.title_zh if titled else code}


def _named(rows: list[dict[str, Any]], scenario: str, region: Region) -> dict[str, Any]:
    about = next((row for row in rows if row["scenario_id"] == scenario), None)
    if about is None:
        raise InputError(
            f"scenario '{scenario}' is unknown in {region.region_id}",
            f"compute it: emis recalc --region {region.region_id} --name {scenario}",
        )
    return about


def _default(rows: list[dict[str, Any]], region: Region, day: date) -> dict[str, Any] | None:
    """Of the approved scenarios with hours of the day the one in force, the last approved first."""
    approved = [row for row in rows if row["in_force_from_utc"] and overlaps_day(row, region, day)]
    withdrawn = ScenarioStatus.RETIRED
    return max(
        (row for row in approved if row["status"] != withdrawn),
        key=lambda row: (_is_in_force(row, region, day), row["decided_utc"] or row["known_utc"]),
        default=None,
    )


def _is_in_force(row: dict[str, Any], region: Region, day: date) -> bool:
    hours = {"from_utc": row["in_force_from_utc"], "to_utc": row["in_force_to_utc"]}
    return hours["from_utc"] < hours["to_utc"] and overlaps_day(hours, region, day)


def _describe(about: dict[str, Any], region: Region, store: Store) -> dict[str, Any]:
    first = about["from_utc"].astimezone(ZoneInfo(region.time_zone)).date()
    ledger = store.read("control_ledger", [first]).to_pylist()
    rows = [row for row in ledger if row["scenario_id"] == about["scenario_id"]]
    rows.sort(key=lambda row: (row["target_share"] is None, row["pollutant_code"]))
    orders = sorted(
        (row for row in store.read("control_order", [first]).to_pylist() if row["scenario_id"] == about["scenario_id"]),
        key=order_and_pollutant,
    )
    own = {
        table: [row for row in store.read(table, [first]).to_pylist() if row["scenario_id"] == about["scenario_id"]]
        for table in ("control_account", "control_measure", "control_moved")
    }
    names = measure_names(own["control_measure"], source_names(region))
    return {
        "scenario": about["scenario_id"],
        "level": _level_path(orders) if orders else code_title("alert_level", about["alert_level_code"]),
        "from": local_time(about["from_utc"], region),
        "to": local_time(about["to_utc"], region),
        "status_code": about["status"],
        "status": code_title("scenario_status", about["status"]),
        "is_approved": _is_approved(about),
        "notes": [
            *_decision(about, region),
            *_ended_early(about, region),
            *_called(about, region),
            *(note for row in orders_by_number(orders) for note in _order_notes(row, orders, region)),
            *moved_notes(own["control_moved"], rows, partial(local_time, region=region)),
            *_base(rows),
            *_projected(rows),
            *(_note(text["en"], text["zh"], is_bad=True) for text in scenario_notices(about, rows, store)),
            *_draft_inventory(about),
        ],
        "rows": [_ledger_row(row, is_whole=not _is_ended_early(about)) for row in rows],
        "waterfall": scenario_waterfall(own["control_account"], rows, names, own["control_moved"]),
    }


def _level_path(orders: list[dict[str, Any]]) -> Words:
    """The levels of an event that changes, one after the other."""
    titles = [code_title("alert_level", row["alert_level_code"]) for row in orders_by_number(orders)]
    return words(", then ".join(title["en"] for title in titles), "转".join(title["zh"] for title in titles))


def _order_notes(order: dict[str, Any], orders: list[dict[str, Any]], region: Region) -> Iterator[dict[str, Any]]:
    """Level and hours of an order, with cut and target of each pollutant that has one; those not met apart."""
    own = [row for row in orders if row["event_order_number"] == order["event_order_number"]]
    judged = [row for row in own if row["target_share"] is not None]
    title = code_title("alert_level", order["alert_level_code"])
    hours = f"{local_time(order['order_from_utc'], region)} – {local_time(order['order_to_utc'], region)}"
    for is_met, en, zh in VERDICTS:
        rows = [row for row in judged if row["is_met"] is is_met]
        if rows:
            english, chinese = _against_targets(rows)
            yield _note(
                f"{title['en']} {hours}; {en} (cut / target): {english}.",
                f"{title['zh']} {hours}；{zh}（减排/目标）：{chinese}。",
                is_bad=not is_met,
            )


def _against_targets(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """The cut of each pollutant beside its target, in English and Chinese."""
    signs = [pollutant_words(row["pollutant_code"]) for row in rows]
    shares = [f"{row['cut_share']:.1%} / {row['target_share']:.0%}" for row in rows]
    pairs = list(zip(signs, shares, strict=True))
    return ", ".join(f"{s['en']} {share}" for s, share in pairs), "，".join(f"{s['zh']} {share}" for s, share in pairs)


def _is_approved(about: dict[str, Any]) -> bool:
    is_retired = about["status"] == ScenarioStatus.RETIRED
    return about["in_force_from_utc"] is not None and not is_retired


def _ledger_row(row: dict[str, Any], *, is_whole: bool) -> dict[str, Any]:
    """A pollutant of the plan; whether its target is met is unknown of an order that ended before its plan."""
    return {
        "pollutant": row["pollutant_code"],
        **code_title("pollutant", row["pollutant_code"]),
        "baseline_kg": row["baseline_emission_g"] / G_PER_KG,
        "cut_kg": row["cut_emission_g"] / G_PER_KG,
        "cut_p05_kg": _kg(row.get("cut_emission_g_p05")),
        "cut_p95_kg": _kg(row.get("cut_emission_g_p95")),
        "cut_share": row["cut_share"],
        "target_share": row["target_share"],
        "met": row["is_met"] if is_whole else None,
    }


def _kg(mass_g: float | None) -> float | None:
    return None if mass_g is None else mass_g / G_PER_KG


def _decision(about: dict[str, Any], region: Region) -> list[dict[str, Any]]:
    """Who decided and when, and the hours in force."""
    if about["status"] == ScenarioStatus.DRAFT:
        return [_note("Nobody has decided yet.", "尚未审批。", is_bad=True)]
    at, by = local_time(about["decided_utc"], region), about["decided_by"] or "?"
    start, end = (local_time(about[name], region) for name in ("in_force_from_utc", "in_force_to_utc"))
    if not start:
        return [_note(f"Decided by {by}, {at}.", f"决定人：{by}，{at}。", is_bad=True)]
    held_en, held_zh = f"in force {start} – {end}", f"生效时段：{start} – {end}"
    if start == end:
        held_en, held_zh = "in force in no hour", "无生效时段"
    return [_note(f"Approved by {by}, {at}; {held_en}.", f"批准人：{by}，{at}；{held_zh}。", is_bad=start == end)]


def _is_ended_early(about: dict[str, Any]) -> bool:
    """Whether an approved scenario was lifted or replaced before the end of its plan."""
    return about["in_force_to_utc"] is not None and about["in_force_to_utc"] < about["to_utc"]


def _ended_early(about: dict[str, Any], region: Region) -> list[dict[str, Any]]:
    """That the table is of the whole plan, of which only the first hours, or none, were in force."""
    if not _is_ended_early(about):
        return []
    end = local_time(about["in_force_to_utc"], region)
    how_en, how_zh = f"the order ended at {end}", f"指令已于 {end} 终止"
    if about["in_force_from_utc"] == about["in_force_to_utc"]:
        how_en, how_zh = "the order was in force in no hour", "指令无生效时段"
    return [
        _note(
            f"Table and chart are of all hours of the scenario as approved; {how_en}, so no target counts as met.",
            f"表和图为批准时整个时段的数值；{how_zh}，不判定是否达标。",
            is_bad=True,
        )
    ]


def _called(about: dict[str, Any], region: Region) -> list[dict[str, Any]]:
    """The level that the forecast called for, where it is another one than that of the scenario."""
    alerts = database.read("alert", region.region_id).to_pylist()
    hours = [a for a in alerts if a["from_utc"] and a["from_utc"] < about["to_utc"]]
    called = [a for a in hours if a["to_utc"] is None or a["to_utc"] > about["from_utc"]]
    if not called:
        return []
    newest = max(called, key=lambda alert: (alert["known_utc"] is not None, alert["known_utc"]))
    level, own = (row["alert_level_code"] for row in (newest, about))
    if level == own:
        return []
    titles = [code_title("alert_level", code) for code in (level, own)]
    en, zh = ([title[language] for title in titles] for language in LANGUAGES)
    return [
        _note(
            f"The forecast calls for {en[0]}; this scenario is {en[1]}.",
            f"预报触发级别为{zh[0]}，本情景为{zh[1]}。",
            is_bad=True,
        )
    ]


def _base(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the emission without measures rests on, where it is not simply the published inventory."""
    said_apart = {BaseSource.INVENTORY, BaseSource.PROJECTED, BaseSource.PROJECTED_IN_PART}
    codes = {row["base_source_code"] for row in rows if row["base_source_code"]} - said_apart
    titles = [code_title("base_source", code) for code in sorted(codes)]
    is_bad = BaseSource.MEASURES_UNKNOWN in codes
    return [_note(f"Baseline: {t['en']}.", f"基准排放：{t['zh']}。", is_bad=is_bad) for t in titles]


def _projected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """That the base is a projection, or in part."""
    sources = {row["base_source_code"] for row in rows}
    if BaseSource.PROJECTED in sources:
        what = "PROJECTED: all hours lie after the last published day; the base is projected from recent days."
        return [_note(what, "推算：全部时段晚于最后发布日，基准排放由近期清单推算。", is_bad=True)]
    if BaseSource.PROJECTED_IN_PART in sources:
        what = "PROJECTED IN PART: in hours after the last published day the base is projected from recent days."
        return [_note(what, "部分推算：最后发布日之后的时段，基准排放由近期清单推算。", is_bad=True)]
    return []


def _draft_inventory(about: dict[str, Any]) -> list[dict[str, Any]]:
    if not about["is_draft_inventory"]:
        return []
    return [_note("Computed from an inventory that was not published.", "基于未发布的清单计算。", is_bad=True)]


def _note(en: str, zh: str, *, is_bad: bool) -> dict[str, Any]:
    return {"en": en, "zh": zh, "is_bad": is_bad}
