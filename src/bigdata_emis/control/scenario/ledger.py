"""The ledger of a scenario: what it cuts of the emission of the region, against the targets of the level.

Belongs here: the ledger as a table and as a document. Does not: the cut itself (cut_hours).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.codes import BaseSource
from bigdata_emis.control.documents import LedgerRow
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.equations.control import gap_share, net_cut_share
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import Window


@dataclass(frozen=True)
class BaseError:
    """By how much a projected base may be lower or higher, by pollutant: a 90 % interval; empty where not known."""

    lower_g: Mapping[str, float] = field(default_factory=dict)
    upper_g: Mapping[str, float] = field(default_factory=dict)

    def lower_bound(self, pollutant: str, baseline_g: float) -> float | None:
        """The 5th percentile of a base, at least zero."""
        return max(baseline_g - self.lower_g[pollutant], 0.0) if pollutant in self.lower_g else None

    def upper_bound(self, pollutant: str, baseline_g: float) -> float | None:
        """The 95th percentile of a base."""
        return baseline_g + self.upper_g[pollutant] if pollutant in self.upper_g else None


NO_BASE_ERROR = BaseError()
LARGEST_OBEYED_SHARE = 0.01
"""A target is not judged where more of the base rests on orders that count as obeyed: chosen by this project."""
NO_BOUNDS: Mapping[str, tuple[float, float]] = {}


def build_ledger(
    totals_g: Mapping[str, tuple[float, float]],
    *,
    region: Region,
    scenario_id: str,
    level: str,
    window: Window,
    complete_share: float,
    base_source: BaseSource = BaseSource.INVENTORY,
    called_level: str | None = None,
    base_error: BaseError = NO_BASE_ERROR,
    cut_bounds: Mapping[str, tuple[float, float]] = NO_BOUNDS,
    is_changed: bool = False,
    added_g: Mapping[str, float] | None = None,
    obeyed_g: Mapping[str, float] | None = None,
) -> pa.Table:
    """Table control_ledger from baseline and cut by pollutant; without emission no row.

    The shares are of all emission of the region in the window, controlled or not. A pollutant without a target (CO2 and
    others, which are co-controlled) has neither target_share nor gap_share nor is_met. The cut is also judged at the
    target of the level that the forecasts called for. What was achieved is not known yet.

    is_changed: the level or the measures change in the window: each order is judged by the target of its own level
    (results/order_ledger), and the whole by none.
    added_g: what a detour adds to the region in the window, where it adds any: targets are judged by the net share.
    obeyed_g: what the base has beyond the inventory because orders in force count as obeyed.
    base_error: of a base that is projected; cut_bounds: 5th and 95th percentile of the cut by pollutant, where known.
    """
    targets = {} if is_changed else target_shares(region, level)
    called = target_shares(region, called_level) if called_level else {}
    rows = []
    for pollutant, (baseline, cut) in totals_g.items():
        if baseline <= 0:
            continue
        share, target = min(cut / baseline, 1.0), targets.get(pollutant)
        added = None if added_g is None else added_g.get(pollutant, 0.0)
        net = share if added is None else net_cut_share(cut, added, baseline_emission_g=baseline)
        is_known = is_base_known(baseline, (obeyed_g or {}).get(pollutant, 0.0))
        rows.append(
            {
                "scenario_id": scenario_id,
                "pollutant_code": pollutant,
                "alert_level_code": level,
                "from_utc": window.from_utc,
                "to_utc": window.to_utc,
                "baseline_emission_g": baseline,
                "baseline_emission_g_p05": base_error.lower_bound(pollutant, baseline),
                "baseline_emission_g_p95": base_error.upper_bound(pollutant, baseline),
                "cut_emission_g": cut,
                "cut_emission_g_p05": cut_bounds[pollutant][0] if pollutant in cut_bounds else None,
                "cut_emission_g_p95": cut_bounds[pollutant][1] if pollutant in cut_bounds else None,
                "base_source_code": base_source,
                "cut_share": share,
                "added_emission_g": added,
                "net_cut_share": None if added is None else net,
                "achieved_share": None,
                "execution_share": None,
                "target_share": target,
                "gap_share": None if target is None else gap_share(target, net),
                "is_met": judge_target(net, target, is_known=is_known),
                "called_level_code": called_level,
                "called_target_share": called.get(pollutant),
                "is_called_target_met": judge_target(net, called.get(pollutant), is_known=is_known),
                "complete_share": complete_share,
            }
        )
    declared = schema.table("control_ledger")
    return conform(pa.table({name: [row[name] for row in rows] for name in declared.names}), declared)


def is_base_known(baseline_g: float, obeyed_g: float) -> bool:
    """Whether at most a small part of a base rests on orders that count as obeyed."""
    return obeyed_g <= LARGEST_OBEYED_SHARE * baseline_g


def judge_target(cut_share: float, target_share: float | None, *, is_known: bool) -> bool | None:
    """Whether a target is met; None without a target, and where the base is not known well enough to say."""
    return cut_share >= target_share if target_share is not None and is_known else None


def name_base_source(plans: Sequence[DayPlan]) -> BaseSource:
    """What the base of cut days rests on, of which none is projected.

    plans: those of the days on which an order was in force.
    """
    if not plans:
        return BaseSource.INVENTORY
    known, reconstructed, bounded = (
        any(getattr(plan.totals, name) for plan in plans)
        for name in ("known_count", "reconstructed_count", "bounded_count")
    )
    if known:
        return BaseSource.COUNTERFACTUAL_IN_PART if reconstructed else BaseSource.COUNTERFACTUAL
    return BaseSource.RECONSTRUCTED_IN_PART if bounded else BaseSource.RECONSTRUCTED


def describe_ledger(ledger: pa.Table) -> list[LedgerRow]:
    """The ledger as the command prints it, in kilograms and in the order of the code list."""
    by_pollutant = {row["pollutant_code"]: row for row in ledger.to_pylist()}
    listed = [by_pollutant[code] for code in schema.codes()["pollutant"] if code in by_pollutant]
    return [
        {
            "pollutant": row["pollutant_code"],
            "baseline_kg": row["baseline_emission_g"] / G_PER_KG,
            "baseline_p05_kg": _kg(row["baseline_emission_g_p05"]),
            "baseline_p95_kg": _kg(row["baseline_emission_g_p95"]),
            "cut_kg": row["cut_emission_g"] / G_PER_KG,
            "cut_p05_kg": _kg(row["cut_emission_g_p05"]),
            "cut_p95_kg": _kg(row["cut_emission_g_p95"]),
            "cut_share": row["cut_share"],
            "added_kg": _kg(row["added_emission_g"]),
            "net_cut_share": row["net_cut_share"],
            "target_share": row["target_share"],
            "met": row["is_met"],
            "base_source": row["base_source_code"],
            "achieved_share": row["achieved_share"],
            "execution_share": row["execution_share"],
            "called_level": row["called_level_code"],
            "called_target_share": row["called_target_share"],
            "called_target_met": row["is_called_target_met"],
        }
        for row in listed
    ]


def _kg(mass_g: float | None) -> float | None:
    return None if mass_g is None else mass_g / G_PER_KG


def target_shares(region: Region, level: str) -> dict[str, float]:
    """Target by pollutant at a level; PM10 and PM2.5 have one target each."""
    rows = reference.read("alert_target", region.folder).to_pylist()
    return {row["pollutant_code"]: row["target_share"] for row in rows if row["alert_level_code"] == level}
