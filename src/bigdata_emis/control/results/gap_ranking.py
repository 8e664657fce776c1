"""Which plants would close the gap between the cut of a scenario and a target, the largest possible cut first.

Belongs here: what could still be cut, and what cannot and why. Does not: at which cost (control/optimise).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

import numpy as np
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.codes import Industry
from bigdata_emis.control.results.scenario_replay import ScenarioReplay
from bigdata_emis.control.results.waterfall import require_pollutant
from bigdata_emis.control.scenario.day_plan import ABSENT, DayPlan
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.process_limits import UNLIMITED
from bigdata_emis.errors import InputError
from bigdata_emis.schema.mass_units import G_PER_KG

LEAST_SHARE = 1e-9
"""A possible cut below this share of the emission of an hour is rounding."""


class NotRanked(StrEnum):
    """Why emission that is left is not in the ranking."""

    TRAFFIC = "traffic"
    AREA = "area"
    GUARANTEED = "guaranteed_supply"
    EXEMPT = "exempt"
    LEAST_LOAD = "least_load_or_ramp"


class GapRow(TypedDict):
    """A plant's line that could be cut more, in the window: down to its least load, ramps not counted."""

    rank: int
    source: str
    sector: str
    industry: str
    grade: str
    county: str
    left_kg: float
    more_kg: float
    cumulative_kg: float


class GapDocument(TypedDict):
    """The answer of `emis scenario gap`.

    gap_kg: target less cut, 0 where it is reached; possible_kg: what all candidates could be cut more; missing_kg: what
    is missing even then; reachable_share: (cut + possible) ÷ base; rows: the candidates until the gap closes;
    not_ranked_kg: emission that is left elsewhere, by reason.
    """

    region: str
    scenario: str
    pollutant: str
    baseline_kg: float
    cut_kg: float
    cut_share: float
    target_share: float
    gap_kg: float
    is_closed: bool
    possible_kg: float
    missing_kg: float
    reachable_share: float
    candidates: int
    rows: list[GapRow]
    not_ranked_kg: dict[str, float]


@dataclass
class RemainingEmission:
    """Emission that is left after the cut, in gram: of candidates what is left and could be cut more, and the rest."""

    traits: dict[str, dict[str, str]] = field(default_factory=dict)
    left_g: dict[str, float] = field(default_factory=dict)
    more_g: dict[str, float] = field(default_factory=dict)
    not_ranked_g: dict[NotRanked, float] = field(default_factory=lambda: dict.fromkeys(NotRanked, 0.0))


def gap_document(replay: ScenarioReplay, *, pollutant: str, target_share: float | None = None) -> GapDocument:
    """The candidates that close the gap to a target share, by default to that of the ledger.

    Raises:
        InputError: the pollutant is not in the ledger, it has no target and none is given, or the target is no share.
        RefusedError: the scenario cannot be computed again.
    """
    require_pollutant(replay, pollutant)
    ledger = replay.ledger[pollutant]
    target = ledger["target_share"] if target_share is None else target_share
    if target is None:
        raise InputError(f"{pollutant} has no target at level {replay.event.level}", "give one: --target 0.2 for 20 %")
    if not 0 <= target <= 1:
        raise InputError(f"--target {target:g}: expected a share between 0 and 1", "write 0.3 for 30 %")
    plans = replay.plans(replay.event.cuts.measures)
    replay.require_ledger(plans)
    remaining = remaining_emission(plans, replay.event.cuts, pollutant)
    base, cut = (float(ledger[name]) / G_PER_KG for name in ("baseline_emission_g", "cut_emission_g"))
    gap, possible = max(target * base - cut, 0.0), sum(remaining.more_g.values()) / G_PER_KG
    return {
        "region": replay.event.region.region_id,
        "scenario": replay.lake.scenario_id,
        "pollutant": pollutant,
        "baseline_kg": base,
        "cut_kg": cut,
        "cut_share": cut / base if base > 0 else 0.0,
        "target_share": target,
        "gap_kg": gap,
        "is_closed": possible >= gap,
        "possible_kg": possible,
        "missing_kg": max(gap - possible, 0.0),
        "reachable_share": (cut + possible) / base if base > 0 else 0.0,
        "candidates": len(remaining.more_g),
        "rows": rank_until_closed(remaining, gap),
        "not_ranked_kg": {reason.value: grams / G_PER_KG for reason, grams in remaining.not_ranked_g.items()},
    }


def rank_until_closed(remaining: RemainingEmission, gap_kg: float) -> list[GapRow]:
    """The candidates by possible cut, until they close the gap or there are no more."""
    rows: list[GapRow] = []
    cumulative = 0.0
    for source, grams in sorted(remaining.more_g.items(), key=lambda item: (-item[1], item[0])):
        if cumulative >= gap_kg:
            break
        cumulative += grams / G_PER_KG
        traits = remaining.traits[source]
        rows.append(
            {
                "rank": len(rows) + 1,
                "source": source,
                "sector": traits["sector_code"],
                "industry": traits["industry_code"],
                "grade": traits["grade_code"],
                "county": traits["county_id"],
                "left_kg": remaining.left_g[source] / G_PER_KG,
                "more_kg": grams / G_PER_KG,
                "cumulative_kg": cumulative,
            }
        )
    return rows


def remaining_emission(plans: Sequence[DayPlan], cuts: MeasureCuts, pollutant: str) -> RemainingEmission:
    """What is left of a pollutant in planned and cut days, and how much of it could be cut.

        more = base × (1 − least load − ordered share)

    The least load is that of the process, also where a measure names the line. Not ranked are traffic, areas, supply of
    power and heat that is guaranteed, and hours in which an exemption applies.
    """
    remaining = RemainingEmission()
    place = list(schema.codes()["pollutant"]).index(pollutant)
    for plan in plans:
        base, cut = plan.totals.baseline_g[:, place], plan.totals.cut_g[:, place]
        winners = plan.cuts.winners[:, place][plan.cuts.kind_of_source]
        winners = winners[:, plan.cuts.variant_of_hour[plan.segments]]
        left, more = base - cut, _possible_g(plan, cuts, winners, base)
        is_free = np.ones(base.shape, dtype=bool)
        for reason, flags in _not_ranked(plan, cuts, winners):
            remaining.not_ranked_g[reason] += float(left[is_free & flags].sum())
            is_free &= ~flags
        more = np.where(is_free, np.minimum(more, left), 0.0)
        remaining.not_ranked_g[NotRanked.LEAST_LOAD] += float((left - more)[is_free].sum())
        _add_candidates(remaining, plan, left, more)
    return remaining


def _possible_g(plan: DayPlan, cuts: MeasureCuts, winners: Positions, base: Floats) -> Floats:
    ordered = np.array([*map(cuts.ordered_share, cuts.measures), 0.0])[winners]
    stated = np.array([*(one.min_load_share for one in cuts.measures), None], dtype=float)[winners]
    of_kind = np.array([cuts.limits.get(kind[1], UNLIMITED).min_load_share for kind in plan.cuts.kinds])
    least = np.where(np.isnan(stated), of_kind[plan.cuts.kind_of_source][:, None], stated)
    share = 1.0 - least - ordered
    return np.where(share > LEAST_SHARE, base * share, 0.0)


def _not_ranked(plan: DayPlan, cuts: MeasureCuts, winners: Positions) -> list[tuple[NotRanked, Flags]]:
    """Which emission is not ranked, (sources, segments), each reason after those before it."""
    kinds, kind_of_source = plan.cuts.kinds, plan.cuts.kind_of_source
    is_minor = np.array([kind[1] == Industry.MINOR_ROAD for kind in kinds], dtype=bool)[kind_of_source]
    is_supply = [cuts.limits.get(kind[1], UNLIMITED).is_supply_guaranteed for kind in kinds]
    is_area = pc.is_null(plan.sources["grade_source_code"]).to_numpy()
    is_exempt = np.array([*(measure.is_exemption for measure in cuts.measures), False], dtype=bool)
    return [
        (NotRanked.TRAFFIC, (is_minor | (plan.link_rows != ABSENT))[:, None]),
        (NotRanked.AREA, is_area[:, None]),
        (NotRanked.GUARANTEED, np.array(is_supply, dtype=bool)[kind_of_source][:, None]),
        (NotRanked.EXEMPT, is_exempt[winners]),
    ]


def _add_candidates(remaining: RemainingEmission, plan: DayPlan, left: Floats, more: Floats) -> None:
    more_of_source, left_of_source = more.sum(axis=1), left.sum(axis=1)
    rows = np.flatnonzero(more_of_source > 0)
    names = ["sector_code", "industry_code", "grade_code", "county_id"]
    traits = plan.sources.select(["source_id", *names]).take(rows).to_pylist()
    for row, one in zip(rows, traits, strict=True):
        source = one["source_id"]
        remaining.traits[source] = {name: one[name] or "" for name in names}
        for sums, grams in ((remaining.more_g, more_of_source[row]), (remaining.left_g, left_of_source[row])):
            sums[source] = sums.get(source, 0.0) + float(grams)
