"""The planned cut of hours of a scenario with the base that is known now: that of its outcome, else as approved.

Belongs here: rows by source and hour, and sums by pollutant. Does not: wording (planned_cut_section), the whole
scenario (control_ledger).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.statistics.orders.planned_cut import plan_without_control

Row = dict[str, Any]
KEYS = ["source_id", "pollutant_code", "hour_utc"]
WITHOUT = "counterfactual_emission_g"


@dataclass(frozen=True)
class PlannedHours:
    """What is planned in some hours.

    cuts: as control_hourly, on the base that is known now. ledger: by pollutant baseline_emission_g, cut_emission_g and
    cut_share. judged_hours: hours whose base is the emission without control of the outcome. hours: with an inventory.
    """

    cuts: pa.Table
    ledger: list[Row]
    judged_hours: int
    hours: int


def plan_of_hours(cuts: pa.Table, emission: pa.Table, counterfactual: pa.Table) -> PlannedHours:
    """The plan of some hours; where the outcome judged an hour, its shares are of the emission without control.

    The base as approved of a scenario that was computed before its outcome may contain an order that was in force
    already: it is then too small, and so is the plan.

    cuts, emission, counterfactual: control_hourly, emission_hourly and counterfactual_hourly of the same hours.
    """
    rows = emission.select([*KEYS, "emission_g"])
    rows = rows.join(cuts.select([*KEYS, "cut_emission_g", "baseline_emission_g"]), KEYS, join_type="full outer")
    rows = rows.join(counterfactual.select([*KEYS, WITHOUT]), KEYS, join_type="left outer")
    rows = rows.sort_by([(name, "ascending") for name in KEYS])
    approved = pc.coalesce(rows["baseline_emission_g"], rows["emission_g"], pa.scalar(0.0))
    is_judged = pc.is_valid(rows[WITHOUT])
    base = pc.coalesce(rows[WITHOUT], approved)
    planned = pc.if_else(is_judged, _planned(rows, approved, base), pc.fill_null(rows["cut_emission_g"], 0.0))
    known = rows.select(KEYS).append_column("cut_emission_g", planned).append_column("baseline_emission_g", base)
    return PlannedHours(
        cuts=known.filter(pc.greater(planned, 0)),
        ledger=_ledger(known),
        judged_hours=len(pc.unique(rows.filter(is_judged)["hour_utc"])),
        hours=len(pc.unique(emission["hour_utc"])),
    )


def _planned(rows: pa.Table, approved: pa.ChunkedArray, base: pa.ChunkedArray) -> pa.Array:
    """The cut of each row as a share of its base, in order of source, pollutant and hour."""
    names = [rows[name].combine_chunks().dictionary_encode() for name in KEYS[:2]]
    source, pollutant = (one.indices.to_numpy().astype(np.int64) for one in names)
    cut = pc.fill_null(rows["cut_emission_g"], 0.0)
    series = source * len(names[1].dictionary) + pollutant
    return pa.array(plan_without_control(cut.to_numpy(), approved.to_numpy(), base.to_numpy(), series))


def _ledger(known: pa.Table) -> list[Row]:
    """Base and planned cut by pollutant, summed in one order, so that the last digit is the same in every run."""
    names = ("baseline_emission_g", "cut_emission_g")
    sums = known.group_by("pollutant_code", use_threads=False).aggregate([(name, "sum") for name in names])
    ledger = []
    for row in sums.sort_by("pollutant_code").to_pylist():
        base, cut = (row[f"{name}_sum"] for name in names)
        share = cut / base if base > 0 else 0.0
        ledger.append(
            {
                "pollutant_code": row["pollutant_code"],
                "baseline_emission_g": base,
                "cut_emission_g": cut,
                "cut_share": share,
            }
        )
    return ledger
