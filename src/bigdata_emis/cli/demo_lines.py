"""The demonstration as lines for a person: both regions, the alert, its recalculation, and scores.

Belongs here: lines of text. Does not: the layout of tables (tables), or what is shown (demo.show).
"""

from typing import Any

from bigdata_emis.cli.scenario.scenario_lines import ledger_lines
from bigdata_emis.cli.tables import format_number, receipt_lines, table_lines, untitled_lines

CASE_COUNTS = ("accused", "rightly", "wrongly", "missed")


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
        *_case_lines(document.get("cases", {})),
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


def _case_lines(cases: dict[str, Any]) -> list[str]:
    """The accusations of each scenario with cases: rightly, wrongly, and disobeying lines that are no case."""
    rows = [[scenario, *(str(counts[name]) for name in CASE_COUNTS)] for scenario, counts in cases.items()]
    titles = ["scenario", ">accused", ">rightly", ">wrongly", ">not accused"]
    return ["", *table_lines(titles, rows)] if rows else []
