"""What the commands print for a person: each document as lines.

Belongs here: lines of text. Does not: what the documents hold.
"""

from datetime import datetime
from typing import Any

from bigdata_emis import flow


def plain(value: Any) -> str:
    """A value as text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def pair_lines(document: dict[str, Any]) -> list[str]:
    """One line for each key."""
    return [f"{key:<13} {plain(value)}" for key, value in document.items()]


def receipt_lines(receipts: list[dict[str, Any]]) -> list[str]:
    """Receipts as a table; a stage that keeps no account of rows or mass shows a dash. Rows in count the registry's too."""
    head = f"{'stage':<24}{'rows in':>12}{'rows out':>12}  {'balance':>9}  set aside"
    rows = [
        f"{r['stage']:<24}{r['rows_in']:>12,}{r['rows_out']:>12,}  {_account(r):>9}  "
        + (", ".join(f"{reason} {n:,}" for reason, n in r["quarantined"].items()) or "-")
        for r in receipts
    ]
    return [head, *rows]


def _account(receipt: dict[str, Any]) -> str:
    kept = flow.stage(receipt["stage"])
    return f"{receipt['balance']:.1e}" if kept.rows_balance or kept.mass_balance else "-"


def ledger_lines(document: dict[str, Any]) -> list[str]:
    """The ledger of a scenario as a table."""
    head = f"{document['scenario']}  {plain(document['from_utc'])} to {plain(document['to_utc'])}  in {document['seconds']:.2f} s"
    rows = [f"{'pollutant':<10}{'baseline kg':>16}{'cut kg':>16}{'share':>8}{'target':>8}  met"]
    for row in document["ledger"]:
        target = "-" if row["target_share"] is None else f"{row['target_share']:.0%}"
        met = {None: "-", True: "yes", False: "NO"}[row["met"]]
        rows.append(
            f"{row['pollutant']:<10}{row['baseline_kg']:>16,.0f}{row['cut_kg']:>16,.0f}{row['cut_share']:>8.1%}{target:>8}  {met}"
        )
    whole = document.get("complete_share", 1.0)
    partial = [f"PARTIAL: the inventory covers {whole:.0%} of the window"] if whole < 1 else []
    return [head, *rows, *partial, *(f"wrote {path}" for path in document["files"])]


def score_lines(document: dict[str, Any]) -> list[str]:
    """The scores of the models as a table; of a task with several modes also the champion in each."""
    rows = [f"{'model':<24}{'n':>6}{'median R2':>11}{'R2>=0.75':>10}{'|NMB|':>8}{'NMAE':>8}{'cover 90':>10}"]
    rows += [_score_line(name, m) for name, m in document["models"].items()]
    champion = document["champion"]
    rows += [
        _score_line(f"{champion}, {mode}", m[champion])
        for mode, m in document.get("modes", {}).items()
        if champion in m
    ]
    return [*rows, f"champion: {champion}; {document.get('hours', 'metrics over the hours in which a unit runs')}"]


def _score_line(name: str, m: dict[str, Any]) -> str:
    forms = (
        ("median_r2", 11, ".3f"),
        ("share_r2_ge_075", 10, ".1%"),
        ("median_abs_nmb", 8, ".2%"),
        ("median_nmae", 8, ".2%"),
        ("coverage_90", 10, ".1%"),
    )
    shown = "".join(f"{'-' if m.get(key) is None else format(m[key], form):>{width}}" for key, width, form in forms)
    return f"{name:<24}{m['n']:>6}{shown}"


def demo_lines(document: dict[str, Any]) -> list[str]:
    """What the demonstration made."""
    lines = ["", f"New York units (measured): {document['nys']['summary']}", ""]
    lines += [*receipt_lines(document["nys"]["receipts"]), "", "Beijing-Tianjin-Hebei (simulated 模拟数据):", ""]
    lines += receipt_lines(document["receipts"])
    lines += [
        "",
        f"Alert called by the forecast (simulated region): {document['alert']['level']} - {document['alert']['reason']}",
        "",
    ]
    lines += ledger_lines(document["recalc"])
    for sector, by_pollutant in document.get("score", {}).items():
        lines += [
            f"{sector:<24}{p:<7} NMB {s['nmb']:>7.1%}  R2 {s['r2']:>6.3f}  cover 90 {s['coverage_90']:>6.1%}"
            for p, s in by_pollutant.items()
        ]
    lines += tier_lines(document)
    lines += ["", *(f"{what:<22} {path}" for what, path in document["results"].items())]
    return [
        *lines,
        f"{document['seconds']:.0f} s on {document['engine']}. The region jjj is simulated (模拟数据), nys is measured.",
    ]


def tier_lines(document: dict[str, Any]) -> list[str]:
    """How far industry is from the truth by industry and tier, and energy from the power bureau's totals."""
    lines = (
        ["", f"{'industry':<24}{'tier':<10}{'lines':>6}{'NMB':>9}{'R2':>9}{'MAE':>9}{'cover 90':>10}"]
        if document.get("tiers")
        else []
    )
    for industry, by_tier in document.get("tiers", {}).items():
        for tier, m in by_tier.items():
            told = [
                f"{'-':>9}" if m[name] is None else f"{m[name]:>9.{digits}}"
                for name, digits in (("nmb", "1%"), ("r2", "3f"), ("mae_share", "1%"))
            ]
            lines.append(f"{industry:<24}{tier:<10}{m['lines']:>6}{''.join(told)}{m['coverage_90'] or 0:>10.1%}")
    districts = document.get("districts")
    if districts and districts["cell_hours"]:
        lines += [
            "",
            f"energy against {districts['cell_hours']} totals of the power bureau: largest relative difference "
            f"{districts['largest_relative_difference']:.1e}, contradicted {districts['contradicted_share']:.1%}",
        ]
    return lines


def published_lines(document: dict[str, Any]) -> list[str]:
    """One line a published version."""
    return [
        f"{v['day']}  {v['table']:<26} {v['rows']:>9} rows  {v['version']}  known {v['known_utc']}  {v['scenario'] or ''}".rstrip()
        for v in document["versions"]
    ]
