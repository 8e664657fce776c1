"""The answer of a command as lines for a person: aligned tables, and what is said around them.

Belongs here: lines of text. Does not: the content of the documents (report, workflow), or printing (options.py).
"""

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bigdata_emis import flow
from bigdata_emis.errors import shorten

UNLIMITED_WIDTH = 100_000
SHOWN_MEASURES = 12
PAGE_STATUS = {"published": "published 已发布", "not published": "not published 未发布", "draft": "draft 草稿"}
NOTHING_PUBLISHED = "no published version: run `emis day`, or check --region and --as-of"
SCORE_COLUMNS = (
    ("median_r2", ">median R2", ".3f"),
    ("share_r2_ge_075", ">R2>=0.75", ".1%"),
    ("median_abs_nmb", ">|NMB|", ".2%"),
    ("median_nmae", ">NMAE", ".2%"),
    ("coverage_90", ">cover 90", ".1%"),
)
POOLED_COLUMNS = (
    ("pooled_r2", ">R2 of all", ".3f"),
    ("pooled_nmae", ">NMAE of all", ".2%"),
    ("pooled_mae", ">MAE of all", ".2f"),
    ("hourly_mae", ">hourly MAE", ".2f"),
)
"""Scores over all values together, shown where a task has them."""


def plain_text(value: Any) -> str:
    """A value as text; an instant in ISO 8601."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def format_number(value: float | None, form: str) -> str:
    """A number in the given format, or a dash where there is none."""
    return "-" if value is None else format(value, form)


def table_lines(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as aligned lines, its titles first; a column whose title begins with `>` is aligned to the right.

    A Chinese character counts as two columns. No value is ever shortened or wrapped, however narrow the terminal is.
    Titles are bold on a terminal, and everything is plain text elsewhere.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold" if sys.stdout.isatty() else "")
    for title in titles:
        table.add_column(title.removeprefix(">"), justify="right" if title.startswith(">") else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(
        file=io.StringIO(),
        width=UNLIMITED_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=sys.stdout.isatty(),
    )
    with console.capture() as capture:
        console.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]


def pair_lines(document: dict[str, Any]) -> list[str]:
    """One line for each key and its value."""
    return untitled_lines((key, plain_text(value)) for key, value in document.items())


def untitled_lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as aligned lines without titles."""
    listed = list(rows)
    return table_lines([""] * len(listed[0]), listed)[1:] if listed else []


def receipt_lines(receipts: list[dict[str, Any]]) -> list[str]:
    """Receipts as a table; a stage without a balance of rows or mass shows a dash. Rows in include registry rows."""
    return table_lines(
        ["stage", ">rows in", ">rows out", ">balance", "quarantined"],
        [
            [
                receipt["stage"],
                f"{receipt['rows_in']:,}",
                f"{receipt['rows_out']:,}",
                _balance(receipt),
                ", ".join(f"{reason} {count:,}" for reason, count in receipt["quarantined"].items()) or "-",
            ]
            for receipt in receipts
        ],
    )


def _balance(receipt: dict[str, Any]) -> str:
    stage = flow.stage(receipt["stage"])
    return f"{receipt['balance']:.1e}" if stage.rows_balance or stage.mass_balance else "-"


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
                {None: "-", True: "yes", False: "NO"}[row["met"]],
            ]
            for row in document["ledger"]
        ],
    )
    about = [
        *_order_lines(document),
        *_base_lines(document),
        *_inventory_lines(document),
        *_list_lines(document),
        *_measure_lines(document),
    ]
    if not document.get("is_new", True):
        about.append("REPEATED: the same scenario exists already; nothing new was written")
    return [title, *ledger, *_order_lines(document), *about, *(f"wrote {path}" for path in document["files"])]


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
                {None: "-", True: "yes", False: "NO"}[row["met"]],
            ]
            for row in order["ledger"]
        ]
        lines += table_lines(["pollutant", ">baseline kg", ">cut kg", ">share", ">target", "met"], rows)
    return lines


def _base_lines(document: Mapping[str, Any]) -> list[str]:
    """What the emission without measures rests on, and the verdict at the targets of the level called."""
    rows = document["ledger"]
    lines = [
        f"BASE: {source}" for source in sorted({row.get("base_source", "inventory") for row in rows} - {"inventory"})
    ]
    unknown = document.get("parameters", {}).get("in_force_without_measures", [])
    if unknown:
        lines.append(
            f"BASE: the measures of {', '.join(unknown)} in force are not stored: percentages are of the inventory "
            "with its cut; recalculate and approve it again"
        )
    called = [row for row in rows if row.get("called_target_share") is not None]
    if called:
        judged = ", ".join(
            f"{row['pollutant']} {row['called_target_share']:.0%} {'yes' if row['called_target_met'] else 'NO'}"
            for row in called
        )
        lines.append(f"targets of the level called ({called[0]['called_level']}): {judged}")
    return lines


def _projection_lines(document: Mapping[str, Any]) -> list[str]:
    """Which hours are projected, from which days, and the interval of the base."""
    record = document.get("projection")
    if record is None:
        return []
    days = record["recent_days"]
    lines = [
        f"PROJECTED: {record['hours']} hours from {record['from_utc']} to {record['to_utc']}, "
        f"from {len(days)} published days, {days[0]} to {days[-1]}"
    ]
    if record["left_out_days"]:
        lines.append(f"not used, as a scenario was in force: {', '.join(record['left_out_days'])}")
    if record["unregistered_sources"]:
        lines.append(f"not projected, as no longer registered: {len(record['unregistered_sources'])} sources")
    bounds = [row for row in document["ledger"] if row["baseline_p05_kg"] is not None]
    interval = ", ".join(
        f"{row['pollutant']} {row['baseline_p05_kg']:,.0f} to {row['baseline_p95_kg']:,.0f}" for row in bounds
    )
    return [*lines, f"90 % interval of the base in kg: {interval or 'not known, too few recent days'}"]


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
    lines = []
    by_reason: dict[str, list[str]] = {}
    for one in document.get("without_effect", []):
        by_reason.setdefault(one["why"], []).append(one["measure"])
    for why, measures in by_reason.items():
        shown, more = ", ".join(map(shorten, measures[:SHOWN_MEASURES])), len(measures) - SHOWN_MEASURES
        lines.append(f"WITHOUT EFFECT ({why}): {shown}{f' and {more} more' if more > 0 else ''}")
    ungraded = document.get("ungraded_counted_as_d", {"sources": 0})
    if ungraded["sources"]:
        mass = ", ".join(f"{code} {kg:,.0f} kg" for code, kg in ungraded["emission_kg"].items())
        lines.append(f"UNGRADED: {ungraded['sources']} sources are counted as grade D, with {mass}")
    if document.get("minor_road_fleet"):
        lines.append(f"roads without a link: fleet of {document['minor_road_fleet']} roads at the reference speed")
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


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


def _superseded(one: Mapping[str, Any]) -> str:
    """What becomes of a scenario in force when another one is approved."""
    line = f"approval supersedes {one['scenario']} ({one['level']}) from {one['until_utc']}"
    if one["uncovered_from_utc"] is None:
        return line
    return f"{line}; then no scenario is in force from {one['uncovered_from_utc']} to {one['uncovered_to_utc']}"


def decision_lines(document: Mapping[str, Any]) -> list[str]:
    """The decision on a scenario, the person, the files, and which scenarios it supersedes."""
    shown = ("scenario", "region", "status", "scenario_status", "by", "decided_utc", "manifest")
    lines = untitled_lines((key, plain_text(document[key])) for key in shown)
    lines += [f"wrote {path}" for path in document["files"]]
    lines += [_superseded(one) for one in document["supersedes"]]
    return [*lines, *([document["already"]] if document["already"] else [])]


def scenario_lines(scenarios: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each scenario, with the hours in which it is in force."""
    titles = ["scenario", "level", "from", "to", "status", "in force from", "in force to", "decided by"]
    names = ("scenario", "level", "from_utc", "to_utc", "status", "in_force_from_utc", "in_force_to_utc", "decided_by")
    rows = [[plain_text(scenario[name] or "-") for name in names] for scenario in scenarios]
    return table_lines(titles, rows) if rows else ["no scenario"]


def score_lines(document: Mapping[str, Any]) -> list[str]:
    """The scores of the models as a table; for a task with several modes also the champion in each."""
    champion = document["champion"]
    scores = dict(document["models"])
    for mode, models in document.get("modes", {}).items():
        if champion in models:
            scores[f"{champion}, {mode}"] = models[champion]
    pooled = [column for column in POOLED_COLUMNS if any(column[0] in score for score in scores.values())]
    columns = (*SCORE_COLUMNS, *pooled)
    table = table_lines(
        ["model", ">n", *(title for _, title, _ in columns)],
        [
            [
                _model_title(name, score),
                str(score["n"]),
                *(format_number(score.get(key), form) for key, _, form in columns),
            ]
            for name, score in scores.items()
        ],
    )
    return [*table, f"champion: {champion}; {document.get('hours', 'metrics over the hours in which a unit runs')}"]


def _model_title(name: str, score: Mapping[str, Any]) -> str:
    """The name of a model; one that no stage runs says so, so that its score is not read as that of the inventory."""
    return f"{name} (research, not run by the day)" if score.get("is_research") else name


def demo_lines(document: dict[str, Any]) -> list[str]:
    """The results of the demonstration: both regions, the alert, its recalculation, and scores when asked for."""
    alert = f"{document['alert']['level']} - {document['alert']['reason']}"
    return [
        "",
        f"New York units (measured): {document['nys']['summary']}",
        "",
        *receipt_lines(document["nys"]["receipts"]),
        "",
        "Beijing-Tianjin-Hebei (simulated 模拟数据):",
        "",
        *receipt_lines(document["receipts"]),
        "",
        f"Alert called by the forecast (simulated region): {alert}",
        "",
        *ledger_lines(document["recalc"]),
        *_truth_lines(document.get("score", {})),
        *_tier_lines(document.get("tiers", {})),
        *_district_lines(document.get("districts")),
        "",
        *untitled_lines((what, str(path)) for what, path in document["results"].items()),
        f"{document['seconds']:.0f} s on {document['engine']}. "
        "The region jjj is simulated (模拟数据), nys is measured.",
    ]


def _truth_lines(score: dict[str, Any]) -> list[str]:
    """The agreement with the hidden truth, by sector and pollutant."""
    rows = [
        [sector, pollutant, f"{s['nmb']:.1%}", f"{s['r2']:.3f}", f"{s['coverage_90']:.1%}"]
        for sector, by_pollutant in score.items()
        for pollutant, s in by_pollutant.items()
    ]
    return ["", *table_lines(["sector", "pollutant", ">NMB", ">R2", ">cover 90"], rows)] if rows else []


def _tier_lines(tiers: dict[str, Any]) -> list[str]:
    """The agreement of industrial activity with the truth, by industry and data tier."""
    rows = [
        [
            industry,
            tier,
            str(m["lines"]),
            format_number(m["nmb"], ".1%"),
            format_number(m["r2"], ".3f"),
            format_number(m["mae_share"], ".1%"),
            f"{m['coverage_90'] or 0:.1%}",
        ]
        for industry, by_tier in tiers.items()
        for tier, m in by_tier.items()
    ]
    titles = ["industry", "tier", ">lines", ">NMB", ">R2", ">MAE", ">cover 90"]
    return ["", *table_lines(titles, rows)] if rows else []


def _district_lines(districts: dict[str, Any] | None) -> list[str]:
    """The agreement of line energies with the district totals of the power bureau."""
    if not districts or not districts["cell_hours"]:
        return []
    return [
        "",
        f"energy against {districts['cell_hours']} totals of the power bureau: largest relative difference "
        f"{districts['largest_relative_difference']:.1e}, contradicted {districts['contradicted_share']:.1%}",
    ]


def published_lines(document: dict[str, Any]) -> list[str]:
    """One line for each published version."""
    titles = ["day", "table", ">rows", "version", "known", "scenario"]
    rows = [
        [
            str(version["day"]),
            version["table"],
            f"{version['rows']:,}",
            version["version"],
            plain_text(version["known_utc"]),
            version["scenario"] or "",
        ]
        for version in document["versions"]
    ]
    return table_lines(titles, rows) if rows else [NOTHING_PUBLISHED]
