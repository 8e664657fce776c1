"""The ledger of a scenario: what it cuts of the whole region's emission, beside the targets of the level.

Belongs here: ledger rows as a table and as the document of the command. Does not: the cut itself (hours.py).
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.equations.control import gap_share
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window

G_PER_KG = 1e3


def ledger_table(
    totals_g: Mapping[str, tuple[float, float]],
    *,
    region: Region,
    scenario_id: str,
    level: str,
    window: Window,
    complete_share: float,
) -> pa.Table:
    """Table control_ledger from (baseline, cut) by pollutant; pollutants that the region does not emit have no row.

    The shares are of all emission of the region in the window, controlled or not. A pollutant without a target (CO2 and
    the others: co-control) has none of target, gap and verdict.
    """
    targets = _targets(region, level)
    rows = []
    for pollutant, (baseline, cut) in totals_g.items():
        if baseline <= 0:
            continue
        share, target = min(cut / baseline, 1.0), targets.get(pollutant)
        rows.append(
            {
                "scenario_id": scenario_id,
                "pollutant_code": pollutant,
                "alert_level_code": level,
                "from_utc": window.from_utc,
                "to_utc": window.to_utc,
                "baseline_emission_g": baseline,
                "cut_emission_g": cut,
                "cut_share": share,
                "target_share": target,
                "gap_share": None if target is None else gap_share(target, share),
                "is_met": None if target is None else share >= target,
                "complete_share": complete_share,
            }
        )
    declared = schema.table("control_ledger")
    columns = {name: [row[name] for row in rows] for name in declared.names}
    return conform(pa.table(columns), declared)


def ledger_document(ledger: pa.Table) -> list[dict[str, Any]]:
    """The ledger as the command prints it, in kilograms, in the order of the code list."""
    by_pollutant = {row["pollutant_code"]: row for row in ledger.to_pylist()}
    listed = [by_pollutant[code] for code in schema.codes()["pollutant"] if code in by_pollutant]
    return [
        {
            "pollutant": row["pollutant_code"],
            "baseline_kg": row["baseline_emission_g"] / G_PER_KG,
            "cut_kg": row["cut_emission_g"] / G_PER_KG,
            "cut_share": row["cut_share"],
            "target_share": row["target_share"],
            "met": row["is_met"],
        }
        for row in listed
    ]


def _targets(region: Region, level: str) -> dict[str, float]:
    """Target by pollutant at a level; particulate matter has one target for PM10 and PM2.5 each."""
    rows = reference.read("alert_target", region.folder).to_pylist()
    return {row["pollutant_code"]: row["target_share"] for row in rows if row["alert_level_code"] == level}
