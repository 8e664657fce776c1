"""Score of the compliance cases of the demonstration against the hidden truth: who was accused rightly, who wrongly.

Belongs here: the comparison. Does not: the truth (truth), the cases (control/outcome), trials of other alerts
(score_outcome).
"""

from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

import pyarrow as pa

from bigdata_emis.codes import CaseStatus
from bigdata_emis.demo.truth.truth import read_true_lines, read_untreated_hours

OBEYS = "complies"


class CaseCounts(TypedDict):
    """Lines accused under one scenario: rightly, wrongly; missed: lines that did not obey and were not accused."""

    accused: int
    rightly: int
    wrongly: int
    missed: int


def score_cases(home: Path, compliance_case: pa.Table) -> dict[str, CaseCounts]:
    """Count the accusations of each scenario whose orders are not superseded.

    A line does not obey where it ignored its order, in part or whole, or where its treatment was off within the case.
    Cases of a meter in doubt accuse nobody.

    Raises InputError when the demonstration was not generated here.
    """
    rows = [row for row in compliance_case.to_pylist() if row["case_status_code"] != CaseStatus.SUPERSEDED]
    if not rows:
        return {}
    disobeying = {
        line["production_line_id"]
        for line in read_true_lines(home).to_pylist()
        if line["compliance"] != OBEYS and line["planned_cut_share"] > 0 and not line["is_idle"]
    }
    untreated = _hours_by_line(read_untreated_hours(home))
    by_scenario: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        accused = by_scenario.setdefault(row["scenario_id"], [])
        if row["breach_probability_share"] is not None:
            accused.append(row)
    return {scenario: _count(cases, disobeying, untreated) for scenario, cases in sorted(by_scenario.items())}


def _hours_by_line(untreated: pa.Table) -> dict[str, list[datetime]]:
    hours: dict[str, list[datetime]] = {}
    for row in untreated.to_pylist():
        hours.setdefault(row["production_line_id"], []).append(row["hour_utc"])
    return hours


def _count(cases: list[dict[str, Any]], disobeying: set[str], untreated: dict[str, list[datetime]]) -> CaseCounts:
    rightly = [
        case
        for case in cases
        if case["source_id"] in disobeying
        or any(case["from_utc"] <= hour < case["to_utc"] for hour in untreated.get(case["source_id"], []))
    ]
    return {
        "accused": len(cases),
        "rightly": len(rightly),
        "wrongly": len(cases) - len(rightly),
        "missed": len(disobeying - {case["source_id"] for case in cases}),
    }
