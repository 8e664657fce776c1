"""Cases of lines that may not have obeyed: kind, span, excess and evidence, largest excess first.

Belongs here: what the hours of a line amount to. Does not: the hours (judge_compliance), what people decide about a
case (storage/registries/case_record).
"""

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.codes import BreachKind, Compliance, Evidence, Pollutant
from bigdata_emis.control.outcome.day_grid import grid_of, numbers
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.schema.mass_units import G_PER_KG

NEARLY_ALL_SHARE = 0.8
PARTLY_EXECUTED_SHARE = 0.2
"""A line that carries out more than this share of an order obeys it in part."""
RANKED = (Pollutant.SO2, Pollutant.NOX, Pollutant.PM10, Pollutant.VOCS)
"""Pollutants of the reduction targets; PM2.5 is a part of PM10."""
DIGITS = 6
PERCENT_DIGITS = 2


class OrderPart(TypedDict):
    """An order that held from an hour to the end of another."""

    from_utc: str
    to_utc: str
    order_share: float


@dataclass(frozen=True)
class CaseFinding:
    """What is to be checked at one line.

    excess_g: by pollutant. order_share: largest cut of its activity that was ordered in the hours shown; orders: that
    of each part of them, where it changed. breach_hours: hours that count as not obeyed. to_utc: end of the last of
    them. A meter in doubt is no accusation: no such hour, probability or excess. inventory_hours: those of the breach
    hours that have an inventory, of which alone the excess is; the energy is of all of them.
    """

    source_id: str
    breach_kind: BreachKind
    from_utc: datetime
    to_utc: datetime
    probability: float | None
    excess_g: dict[str, float]
    order_share: float
    orders: list[OrderPart]
    breach_hours: int
    inventory_hours: int
    unknown_hours: int
    energy_kwh: float | None
    allowed_kwh: float | None
    evidence_codes: list[str]

    @property
    def total_excess_g(self) -> float:
        """Excess of the pollutants with a target together, by which cases are ranked."""
        return sum(grams for pollutant, grams in self.excess_g.items() if pollutant in RANKED)

    def evidence_json(self) -> str:
        """The evidence as text."""
        document: dict[str, Any] = {
            "excess_kg": {p: round(g / G_PER_KG, DIGITS) for p, g in sorted(self.excess_g.items())},
            "order_share": round(self.order_share, DIGITS),
            **({"orders": self.orders} if len(self.orders) > 1 else {}),
            "breach_hours": self.breach_hours,
            "inventory_hours": self.inventory_hours,
            "unknown_hours": self.unknown_hours,
            "energy_kwh": None if self.energy_kwh is None else round(self.energy_kwh, 3),
            "allowed_kwh": None if self.allowed_kwh is None else round(self.allowed_kwh, 3),
            "evidence_codes": self.evidence_codes,
        }
        return json.dumps(document, sort_keys=True)


@dataclass(frozen=True)
class LineHours:
    """The hours of one line in order of time, (hours,)."""

    order: Floats
    is_breach: Flags
    is_judged: Flags
    executed_share: Floats
    local_hour: Integers
    evidence: list[list[str]]

    def has_evidence(self, *codes: Evidence) -> Flags:
        """The hours with one of these codes."""
        return np.array([any(code in codes for code in hour) for hour in self.evidence], dtype=bool)


def find_cases(
    compliance_hourly: pa.Table,
    excess_hourly: pa.Table,
    time_zone: str,
    rules: SupervisionRules,
    *,
    inventory_hours: Set[datetime],
) -> list[CaseFinding]:
    """One finding for each line with an hour that counts as not obeyed, the largest excess first.

    After them the lines without such an hour whose abatement contradicts their meter: to be checked, not accused.

    inventory_hours: the hours with an inventory; meters judge the others, too, but no excess is known in them.
    """
    is_breach = pc.equal(compliance_hourly["compliance_code"], Compliance.BREACHED.value)
    accused = set(compliance_hourly.filter(is_breach)["source_id"].to_pylist())
    doubted = {
        source_id
        for source_id, evidence in zip(
            compliance_hourly["source_id"].to_pylist(), compliance_hourly["evidence_codes"].to_pylist(), strict=True
        )
        if evidence and Evidence.ABATEMENT_CONTRADICTS in evidence
    }
    excess = _excess_by_line(excess_hourly)
    findings = []
    for source_id in sorted(accused | doubted):
        rows = compliance_hourly.filter(pc.equal(compliance_hourly["source_id"], source_id)).sort_by("hour_utc")
        findings.append(_finding(source_id, rows, excess.get(source_id, {}), time_zone, rules, inventory_hours))
    return sorted(
        findings, key=lambda finding: (finding.probability is None, -finding.total_excess_g, finding.source_id)
    )


def order_parts(hour_utc: Sequence[datetime], order: Floats) -> list[OrderPart]:
    """Hours one after the other of which the order is the same in percent, as parts in order of time."""
    parts: list[OrderPart] = []
    percent = np.round(np.nan_to_num(order), PERCENT_DIGITS)
    for hour, share, before in zip(hour_utc, percent.tolist(), [None, *percent.tolist()], strict=False):
        if share != before:
            parts.append({"from_utc": hour.isoformat(), "to_utc": "", "order_share": share})
        parts[-1]["to_utc"] = (hour + timedelta(hours=1)).isoformat()
    return parts


def breach_kind(hours: LineHours, rules: SupervisionRules) -> BreachKind:
    """How a line did not obey, from the pattern of its hours."""
    breach = hours.is_breach
    by_device = breach & hours.has_evidence(Evidence.ABATEMENT_OFF, Evidence.ABATEMENT_LOW)
    by_stack = breach & hours.has_evidence(Evidence.STACK_CONTRADICTS)
    while_shut = breach & hours.has_evidence(Evidence.RUNS_WHILE_SHUT)
    for flags, kind in (
        (by_device, BreachKind.ABATEMENT_OFF),
        (by_stack, BreachKind.STACK_CONTRADICTS),
        (while_shut, BreachKind.STARTED_UNANNOUNCED),
    ):
        if 2 * flags.sum() > breach.sum():
            return kind
    judged = np.flatnonzero(hours.is_judged & (hours.order > 0))
    flagged = np.flatnonzero(breach & ~by_device & ~by_stack)
    executed = np.nanmean(hours.executed_share[flagged]) if len(flagged) else 0.0
    if len(flagged) < NEARLY_ALL_SHARE * len(judged):
        pattern = _pattern(hours, judged, flagged, rules)
        if pattern is not None:
            return pattern
    if executed > PARTLY_EXECUTED_SHARE:
        return BreachKind.PARTLY_OBEYED
    is_stop = hours.order[flagged].max(initial=0.0) >= rules.stop_order_share
    return BreachKind.STOP_NOT_OBEYED if is_stop else BreachKind.CUT_NOT_OBEYED


def _pattern(hours: LineHours, judged: Integers, flagged: Integers, rules: SupervisionRules) -> BreachKind | None:
    """Late start, night running or early restart; None where the hours show neither."""
    night = hours.local_hour[flagged]
    is_night = (night >= rules.night_from_hour) | (night < rules.night_to_hour)
    gaps = np.flatnonzero(np.diff(flagged) > 1)
    if is_night.mean() >= NEARLY_ALL_SHARE and len(gaps):
        return BreachKind.NIGHT_RUNNING
    if flagged[0] == judged[0] and not len(gaps):
        return BreachKind.LATE_START
    first_of_last_run = flagged[gaps[-1] + 1] if len(gaps) else flagged[0]
    if flagged[-1] == judged[-1] and judged[-1] - first_of_last_run < rules.restart_before_end_h:
        return BreachKind.EARLY_RESTART
    return BreachKind.NIGHT_RUNNING if is_night.mean() >= NEARLY_ALL_SHARE else None


def _excess_by_line(excess_hourly: pa.Table) -> dict[str, dict[str, float]]:
    sums: dict[str, dict[str, float]] = {}
    keys = ["source_id", "pollutant_code"]
    grouped = excess_hourly.group_by(keys, use_threads=False).aggregate([("excess_emission_g", "sum")])
    for row in grouped.to_pylist():
        sums.setdefault(row["source_id"], {})[row["pollutant_code"]] = row["excess_emission_g_sum"]
    return sums


def _finding(
    source_id: str,
    rows: pa.Table,
    excess_g: dict[str, float],
    time_zone: str,
    rules: SupervisionRules,
    inventory_hours: Set[datetime],
) -> CaseFinding:
    codes = rows["compliance_code"].to_pylist()
    evidence = [list(hour or []) for hour in rows["evidence_codes"].to_pylist()]
    is_breach = np.array([code == Compliance.BREACHED for code in codes], dtype=bool)
    is_grace = np.array([Evidence.GRACE in hour for hour in evidence], dtype=bool)
    hour_utc = rows["hour_utc"].to_pylist()
    grid = grid_of([hour_utc[0].date() - timedelta(days=1), hour_utc[-1].date() + timedelta(days=1)], time_zone)
    hours = LineHours(
        order=numbers(rows["cut_order_share"]),
        is_breach=is_breach,
        is_judged=np.array([code != Compliance.UNKNOWN for code in codes], dtype=bool) & ~is_grace,
        executed_share=np.nan_to_num(numbers(rows["execution_share"])),
        local_hour=grid.positions(rows["hour_utc"]) % 24,
        evidence=evidence,
    )
    is_accused = bool(is_breach.any())
    seen = is_breach if is_accused else hours.has_evidence(Evidence.ABATEMENT_CONTRADICTS)
    places = np.flatnonzero(seen)
    energy, allowed = (numbers(rows[name])[places] for name in ("energy_kwh", "allowed_energy_kwh"))
    return CaseFinding(
        source_id=source_id,
        breach_kind=breach_kind(hours, rules) if is_accused else BreachKind.METER_IN_DOUBT,
        from_utc=hour_utc[places[0]],
        to_utc=hour_utc[places[-1]] + timedelta(hours=1),
        probability=float(np.nanmax(numbers(rows["breach_probability_share"])[places])) if is_accused else None,
        excess_g=excess_g if is_accused else {},
        order_share=float(np.nan_to_num(hours.order[places]).max(initial=0.0)),
        orders=order_parts(hour_utc[places[0] : places[-1] + 1], hours.order[places[0] : places[-1] + 1]),
        breach_hours=int(is_breach.sum()),
        inventory_hours=sum(hour_utc[place] in inventory_hours for place in np.flatnonzero(is_breach)),
        unknown_hours=sum(code == Compliance.UNKNOWN for code in codes),
        energy_kwh=None if np.isnan(energy).all() else float(np.nansum(energy)),
        allowed_kwh=None if np.isnan(allowed).all() else float(np.nansum(allowed)),
        evidence_codes=sorted({code for place in places for code in evidence[place]}),
    )
