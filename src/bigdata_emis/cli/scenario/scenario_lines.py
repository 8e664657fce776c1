"""Scenarios as lines for a person: the ledger of a recalculation, a decision, and the list of scenarios.

Belongs here: lines of text. Does not: the layout of tables (cli/tables), or the content of the documents (control,
publish).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bigdata_emis.cli.tables import format_number, plain_text, table_lines, untitled_lines
from bigdata_emis.codes import BaseSource
from bigdata_emis.control.documents import is_order_unknown
from bigdata_emis.errors import shorten

SHOWN_MEASURES = 12
WHOLE_LIST = "all: without_effect of --json"
DECISIONS = {"approved": "approved 已批准", "rejected": "rejected 已驳回"}

VERDICTS = {True: "yes", False: "NO", None: "not known 无法判定"}
NOT_JUDGED = (BaseSource.RECONSTRUCTED, BaseSource.RECONSTRUCTED_IN_PART, BaseSource.COUNTERFACTUAL_IN_PART)


def ledger_lines(document: Mapping[str, Any]) -> list[str]:
    """The ledger of a scenario as a table."""
    start, end = plain_text(document["from_utc"]), plain_text(document["to_utc"])
    title = f"{document['scenario']}  {start} to {end}  in {document['seconds']:.2f} s"
    ledger = table_lines(
        ["pollutant", ">baseline kg", ">cut kg", ">90 % interval", ">share", ">target", "met"],
        [
            [
                row["pollutant"],
                f"{row['baseline_kg']:,.0f}",
                f"{row['cut_kg']:,.0f}",
                "-" if row.get("cut_p05_kg") is None else f"{row['cut_p05_kg']:,.0f} to {row['cut_p95_kg']:,.0f}",
                f"{row['cut_share']:.1%}",
                format_number(row["target_share"], ".0%"),
                _met(row),
            ]
            for row in document["ledger"]
        ],
    )
    about = [
        *_order_lines(document),
        *_moved_lines(document),
        *_base_lines(document),
        *_inventory_lines(document),
        *_list_lines(document),
        *_measure_lines(document),
    ]
    if not document.get("is_new", True):
        about.append("REPEATED: the same scenario exists already; nothing new was written")
    return [title, *ledger, *about, *(f"wrote {path}" for path in document["files"])]


def _met(row: Mapping[str, Any]) -> str:
    """Whether a target is met, in short; there may be none."""
    return "-" if row["target_share"] is None else VERDICTS[row["met"]]


def _order_lines(document: Mapping[str, Any]) -> list[str]:
    """The ledger of each order of an event whose level or measures change."""
    lines = []
    for order in document.get("orders", []):
        listed = f", list {order['measures']}" if order["measures"] else ""
        lines.append(f"order {order['order']}: {order['level']}{listed}, {order['from_utc']} to {order['to_utc']}")
        rows = [
            [
                row["pollutant"],
                f"{row['baseline_kg']:,.0f}",
                f"{row['cut_kg']:,.0f}",
                f"{row['cut_share']:.1%}",
                format_number(row["target_share"], ".0%"),
                _met(row),
            ]
            for row in order["ledger"]
        ]
        lines += table_lines(["pollutant", ">baseline kg", ">cut kg", ">share", ">target", "met"], rows)
    return lines


def _moved_lines(document: Mapping[str, Any]) -> list[str]:
    """What rebound and detour move, by what becomes of it, and the share by which targets are judged."""
    from bigdata_emis import schema  # imported late: its libraries take a quarter of a second to load

    codes, lines = schema.codes(), []
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in document.get("moved", []):
        groups.setdefault((row["kind"], row["outcome"]), []).append(row)
    for (kind, outcome), rows in groups.items():
        what, where = codes["moved_kind"][kind], codes["moved_outcome"][outcome]
        mass = ", ".join(f"{row['pollutant']} {row['moved_kg']:,.1f} kg" for row in rows)
        hours = f"{rows[0]['from_utc']} to {rows[0]['to_utc']}"
        lines.append(f"{what.title_en.upper()} {what.title_zh}, {where.title_en} {where.title_zh}, {hours}: {mass}")
    judged = [row for row in document["ledger"] if row.get("net_cut_share") is not None]
    if judged:
        shares = ", ".join(f"{row['pollutant']} {row['net_cut_share']:.1%}" for row in judged)
        lines.append(f"NET SHARE 净削减比例 (less the detour; targets are judged by it): {shares}")
    return lines


def _base_lines(document: Mapping[str, Any]) -> list[str]:
    """What the emission without measures rests on, and the verdict at the targets of the level called."""
    from bigdata_emis import schema  # imported late: its libraries take a quarter of a second to load
    from bigdata_emis.schema.target_words import unknown_target_words, unknown_targets

    rows = document["ledger"]
    sources = sorted({row.get("base_source", BaseSource.INVENTORY) for row in rows} - {BaseSource.INVENTORY})
    titles = schema.codes()["base_source"]
    lines = [f"BASE: {titles[source].title_en}" for source in sources]
    if any(source in NOT_JUDGED for source in sources):
        names = ", ".join(document["parameters"]["in_force"])
        lines.append(f"orders count as obeyed where their outcome is not judged: emis outcome --scenario {names}")
    unknown_codes = unknown_targets([*rows, *(row for one in document.get("orders", []) for row in one["ledger"])])
    lines += list(unknown_target_words(unknown_codes, document.get("parameters", {}).get("in_force", [])))
    unknown = document.get("parameters", {}).get("in_force_without_measures", [])
    if unknown:
        lines.append(
            f"BASE: the measures of {', '.join(unknown)} in force are not stored: percentages are of the inventory "
            "with its cut; recalculate and approve it again"
        )
    if is_order_unknown(rows):
        lines.append(
            f"BASE: level {rows[0]['called_level']} was called in these hours and no order is stored: what was ordered "
            "all the same is in the inventory, and percentages are then too small; approve the order, then emis outcome"
        )
    called = [row for row in rows if row.get("called_target_share") is not None]
    if any(
        (row["called_target_share"], row["called_target_met"]) != (row["target_share"], row["met"]) for row in called
    ):
        judged = ", ".join(
            f"{row['pollutant']} {row['called_target_share']:.0%} {VERDICTS[row['called_target_met']]}"
            for row in called
        )
        lines.append(f"targets of the level called ({called[0]['called_level']}): {judged}")
    return lines


def _inventory_lines(document: Mapping[str, Any]) -> list[str]:
    """What the inventory of a scenario rests on, and what is missing from it."""
    lines = []
    if document.get("is_draft_inventory"):
        lines.append("DRAFT INVENTORY: computed, not published; this scenario cannot be approved")
    lines += _projection_lines(document)
    hours = f"{document['hours_present']} of {document['hours_expected']} hours"
    if document["is_partial"]:
        share = "" if document["hours_present"] < document["hours_expected"] else ", not every source in every hour"
        lines.append(f"PARTIAL: the inventory has {hours}{share}")
    lines += [f"PARTIAL: {day} has no inventory" for day in document["days_without_inventory"]]
    lines += [f"PARTIAL: {day} was computed and is not published" for day in document["unpublished_days"]]
    lines += [
        f"{day} was computed again and that is not published; what was published is used"
        for day in document["replaced_days"]
    ]
    lines += [
        f"{row['pollutant']} by method: {_shares(document['mass_share_by_method'][row['pollutant']])}"
        for row in document["ledger"]
        if row["target_share"] is not None and row["pollutant"] in document["mass_share_by_method"]
    ]
    if document["feed_capture_share"]:
        lines.append(f"capture rate of feeds: {_shares(document['feed_capture_share'])}")
    return lines + [_superseded(one) for one in document.get("supersedes", [])]


def _projection_lines(document: Mapping[str, Any]) -> list[str]:
    """Which hours are projected, from which days, and the interval of the base."""
    record = document.get("projection")
    if record is None:
        return []
    days = record["recent_days"]
    lines = [
        f"PROJECTED: {record['hours']} hours from {record['from_utc']} to {record['to_utc']}, {_published_days(days)}"
    ]
    if called := record.get("called_days"):
        days_called = ", ".join(f"{day} ({level})" for day, level in called.items())
        lines.append(
            f"BASE: a level was called on {days_called} of these days and no order is stored: what was ordered all the "
            "same is in the inventory, and percentages are then too small; approve the order, then emis outcome"
        )
    if record["left_out_days"]:
        lines.append(f"not used, as a scenario was in force: {', '.join(record['left_out_days'])}")
    if record["unregistered_sources"]:
        lines.append(f"not projected, as no longer registered: {len(record['unregistered_sources'])} sources")
    bounds = [row for row in document["ledger"] if row["baseline_p05_kg"] is not None]
    interval = ", ".join(
        f"{row['pollutant']} {row['baseline_p05_kg']:,.0f} to {row['baseline_p95_kg']:,.0f}" for row in bounds
    )
    return [*lines, f"90 % interval of the base in kg: {interval or 'not known, too few recent days'}"]


def _published_days(days: Sequence[str]) -> str:
    """From which published days, one or several."""
    return (
        f"from {len(days)} published days, {days[0]} to {days[-1]}"
        if len(days) > 1
        else f"from 1 published day, {days[0]}"
    )


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


def _list_lines(document: Mapping[str, Any]) -> list[str]:
    """Which version of the emergency list was used, and how many of its items were not."""
    used = document.get("list")
    if not used:
        return []
    lines = [f"LIST: version {used['version']} ({shorten(used['file_name'])}), {used['measures']} measures"]
    if not used["is_valid"]:
        lines.append("LIST: this version is not valid on every day of the window")
    if used["is_for_lines_only"]:
        lines.append("NOT CUT: vehicles, machines, dust and other areas; add their measures with --measures")
    return lines + [f"NOT CUT: {one['items']} items of the list: {one['reason']}" for one in used["left_out"]]


def _measure_lines(document: Mapping[str, Any]) -> list[str]:
    """Measures that cut nothing, sources that are counted as D, and whose fleet roads without a link have."""
    from bigdata_emis.schema import codes

    lines = []
    by_reason: dict[str, list[str]] = {}
    for one in document.get("without_effect", []):
        by_reason.setdefault(one["why"], []).append(one["measure"])
    for why, measures in by_reason.items():
        shown, more = ", ".join(map(shorten, measures[:SHOWN_MEASURES])), len(measures) - SHOWN_MEASURES
        title = codes()["without_effect"][why]
        reason = f"{title.title_en} {title.title_zh}"
        lines.append(
            f"WITHOUT EFFECT 无效措施: {reason}: {shown}{f' and {more} more ({WHOLE_LIST})' if more > 0 else ''}"
        )
    ungraded = document.get("ungraded_counted_as_d", {"sources": 0})
    if ungraded["sources"]:
        mass = ", ".join(f"{code} {kg:,.0f} kg" for code, kg in ungraded["emission_kg"].items())
        lines.append(f"UNGRADED: {ungraded['sources']} sources are counted as grade D, with {mass}")
    if document.get("minor_road_fleet"):
        lines.append(f"roads without a link: fleet of {document['minor_road_fleet']} roads at the reference speed")
    return lines + [
        f"{row['day']}: {row['reused']} of {row['pieces']} parts are those of {row['scenario']}, unchanged"
        for row in document.get("reused", [])
    ]


def decision_lines(document: Mapping[str, Any]) -> list[str]:
    """The decision on a scenario, the person, the files, which scenarios it supersedes, and what to do next."""
    from bigdata_emis.schema import codes

    status = codes()["scenario_status"].get(document["scenario_status"])
    facts = {
        "scenario 情景": document["scenario"],
        "region 区域": document["region"],
        "decision 审批": DECISIONS.get(document["status"], document["status"]),
        "status 状态": f"{status.title_en} {status.title_zh}" if status else document["scenario_status"],
        "by 审批人": document["by"],
        "decided 时间": document["decided_utc"],
        "manifest": document["manifest"],
    }
    lines = untitled_lines((key, plain_text(value)) for key, value in facts.items())
    lines += [f"wrote {path}" for path in document["files"]]
    lines += [_superseded(one) for one in document["supersedes"]]
    lines += [f"WARNING 注意: {one['zh']}\n  {one['en']}" for one in document["warnings"]]
    lines += [f"NEXT 下一步: {step['zh']}\n  {step['en']}" for step in document["next"]]
    return [*lines, *([document["already"]] if document["already"] else [])]


def _superseded(one: Mapping[str, Any]) -> str:
    """What becomes of a scenario in force when another one is approved."""
    line = f"approval supersedes {one['scenario']} ({one['level']}) from {one['until_utc']}"
    if one["uncovered_from_utc"] is None:
        return line
    return f"{line}; then no scenario is in force from {one['uncovered_from_utc']} to {one['uncovered_to_utc']}"


def scenario_lines(scenarios: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each scenario, with the hours in which it is in force."""
    titles = ["scenario", "level", "from", "to", "status", "in force from", "in force to", "decided by"]
    names = ("scenario", "level", "from_utc", "to_utc", "status", "in_force_from_utc", "in_force_to_utc", "decided_by")
    rows = [[plain_text(scenario[name] or "-") for name in names] for scenario in scenarios]
    return table_lines(titles, rows) if rows else ["no scenario"]
