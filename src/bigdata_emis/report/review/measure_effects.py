"""Planned and achieved cut of each measure of a scenario that is over.

Belongs here: sums and shares. Does not: the cut of a measure (control), the achieved cut of a sector (achieve_cut).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.codes import Cause, EffectBasis, Sector
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window

Key = tuple[str, str]
"""Sector and pollutant."""
PlannedPart = dict[Key, float]
"""The part of a planned cut that is of some of its hours, by sector and pollutant."""
Sums = dict[tuple[str, str, str], float]
"""Masses by measure, sector and pollutant."""
Row = dict[str, Any]
SMALLEST_EXECUTION_SHARE = 0.005
KNOWN = (EffectBasis.OWN, EffectBasis.SHARED)
"""The bases on which a measure has an achieved cut."""


def whole_window_rows(achieved_cut: pa.Table) -> list[Row]:
    """The rows of table achieved_cut over the longest span, which is the whole window as far as it was judged."""
    rows = [dict(row) for row in achieved_cut.to_pylist()]
    longest = max((row["to_utc"] - row["from_utc"] for row in rows), default=None)
    return [row for row in rows if row["to_utc"] - row["from_utc"] == longest]


def measure_effects(
    account: pa.Table,
    achieved_cut: pa.Table,
    ledger: pa.Table,
    *,
    cause: Cause,
    level: str,
    window: Window,
    part: PlannedPart | None = None,
) -> pa.Table:
    """Table measure_effect of a scenario, from its tables control_account, achieved_cut and control_ledger.

        achieved of a measure = achieved of its sector × planned of the measure ÷ planned of the sector

    The achieved cut is measured by source, and no source says which of the measures of its sector it followed: measures
    of one sector and pollutant have one execution rate, and `effect_basis_code` says so. It is empty, with the reason
    as the code, where the sector cannot show it: the plan is within the error of the achieved cut, or the sector
    changed by more than its measures reach. Measures that cut nothing of a pollutant have no row of it.

    With an outcome, reach, planned cut and share of the whole region are of the hours judged, with the emission without
    control as the base, so that planned × execution share = achieved; without one they are as approved.

    part: of a scenario that another one replaced the part of each plan that was in force; without an outcome the share
    of the whole region stays that of the plan.
    """
    whole, reached = _sums(account)
    planned, reached = _in_force(whole, part), _in_force(reached, part)
    of_sector, reached_g, measures_of = defaultdict[Key, float](float), defaultdict[Key, float](float), Counter[Key]()
    for (measure, sector, pollutant), cut_g in planned.items():
        of_sector[sector, pollutant] += cut_g
        reached_g[sector, pollutant] += reached[measure, sector, pollutant]
        measures_of[sector, pollutant] += 1
    achieved = {(r["sector_code"], r["pollutant_code"]): r for r in whole_window_rows(achieved_cut)}
    base = {row["pollutant_code"]: row["baseline_emission_g"] for row in ledger.to_pylist()}
    scenario_id = ledger["scenario_id"][0].as_py() if ledger.num_rows else ""
    rows = []
    for (measure, sector, pollutant), cut_g in sorted(planned.items()):
        row, key = achieved.get((sector, pollutant)), (sector, pollutant)
        scale = 1.0 if row is None else row["cut_emission_g"] / of_sector[key]
        basis = _basis(row, measures_of[key], reached_g[key] * scale)
        known = row if basis in KNOWN else None
        achieved_g = None if known is None else known["achieved_emission_g"] * cut_g / of_sector[key]
        share = whole[measure, sector, pollutant] / base[pollutant]
        if row is not None:
            share = cut_g * scale / achieved[Sector.ALL, pollutant]["counterfactual_emission_g"]
        rows.append(
            {
                "scenario_id": scenario_id,
                "measure_id": measure,
                "sector_code": sector,
                "pollutant_code": pollutant,
                "cause_code": cause.value,
                "alert_level_code": level,
                "from_utc": window.from_utc,
                "to_utc": window.to_utc,
                "baseline_emission_g": reached[measure, sector, pollutant] * scale,
                "cut_emission_g": cut_g * scale,
                "cut_share": min(share, 1.0),
                "achieved_emission_g": achieved_g,
                "execution_share": None if known is None else known["execution_share"],
                "effect_basis_code": basis.value,
            }
        )
    declared = schema.table("measure_effect")
    return conform(pa.Table.from_pylist(rows, arrow_schema(declared)), declared)


def total_effects(ledger: pa.Table, achieved_cut: pa.Table) -> list[Row]:
    """Each pollutant of the ledger: base, planned cut and target, with the achieved cut of all sectors.

    Pollutants of which nothing is cut and that have no target are left out.
    """
    achieved = {
        row["pollutant_code"]: row for row in whole_window_rows(achieved_cut) if row["sector_code"] == Sector.ALL
    }
    return [
        {**row, "achieved": achieved.get(row["pollutant_code"])}
        for row in ledger.to_pylist()
        if row["cut_emission_g"] > 0 or row["target_share"] is not None
    ]


@dataclass(frozen=True)
class JudgedHours:
    """The hours of which an outcome is known: a span, and how many of its hours have an inventory."""

    window: Window
    hours: int


def judged_hours(achieved_cut: pa.Table) -> JudgedHours | None:
    """The hours that the achieved cut of a scenario is of; None without an outcome."""
    rows = whole_window_rows(achieved_cut)
    if not rows:
        return None
    window = Window(min(row["from_utc"] for row in rows), max(row["to_utc"] for row in rows))
    counts = [row["judged_hour_count"] for row in rows if row["judged_hour_count"] is not None]
    return JudgedHours(window, max(counts, default=window.hours))


def planned_in_judged_hours(row: Mapping[str, Any]) -> float | None:
    """The planned cut of a row of measure_effect in the hours of its outcome, in gram; None where that is not known.

        planned in these hours = achieved ÷ execution share

    The hours of rows of earlier releases may be fewer than those of their plan. Where next to nothing was achieved this
    does not say it.
    """
    if row["execution_share"] is None or abs(row["execution_share"]) < SMALLEST_EXECUTION_SHARE:
        return None
    return float(row["achieved_emission_g"] / row["execution_share"])


def planned_share(achieved: Mapping[str, Any]) -> float | None:
    """Planned cut ÷ emission without control of the hours of a row of achieved_cut."""
    base_g = achieved["counterfactual_emission_g"]
    return float(achieved["cut_emission_g"] / base_g) if base_g > 0 else None


def is_execution_known(row: Mapping[str, Any]) -> bool:
    """Whether achieved ÷ planned of a row of achieved_cut says anything.

    It does not where the 90 % interval of the achieved cut is wider than the planned cut: any share would do.
    """
    width_g = row["achieved_emission_g_p95"] - row["achieved_emission_g_p05"]
    return bool(row["execution_share"] is not None and width_g <= row["cut_emission_g"])


def _basis(achieved: Row | None, measure_count: int, reached_g: float) -> EffectBasis:
    if achieved is None:
        return EffectBasis.NO_OUTCOME
    if not is_execution_known(achieved):
        return EffectBasis.BELOW_ERROR
    if achieved["achieved_emission_g"] > reached_g:
        return EffectBasis.BEYOND_REACH
    return EffectBasis.OWN if measure_count == 1 else EffectBasis.SHARED


def _in_force(sums: Sums, part: PlannedPart | None) -> Sums:
    """The part of the masses that is of the hours in force; without a part, or one of the sector, all of them."""
    if part is None:
        return sums
    parts = {key: grams * part.get(key[1:], 1.0) for key, grams in sums.items()}
    return {key: grams for key, grams in parts.items() if grams > 0}


def _sums(account: pa.Table) -> tuple[Sums, Sums]:
    """Planned cut, and emission that the measure reaches, by measure, sector and pollutant; of all counties."""
    planned: dict[tuple[str, str, str], float] = defaultdict(float)
    reached: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in account.to_pylist():
        if row["measure_id"] and row["cut_emission_g"] > 0:
            key = (row["measure_id"], row["sector_code"], row["pollutant_code"])
            planned[key] += row["cut_emission_g"]
            reached[key] += row["baseline_emission_g"]
    return dict(planned), dict(reached)
