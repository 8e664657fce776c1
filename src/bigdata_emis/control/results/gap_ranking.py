"""Which plants would close the gap between the cut of a scenario and a target, the largest possible cut first.

Belongs here: what could still be cut, and what cannot and why. Does not: at which cost (control/optimise).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict

import numpy as np
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.codes import Industry
from bigdata_emis.control.optimise.cost_table import allowed_shares, grade_steps
from bigdata_emis.control.results.order_ledger import order_end, segments_between
from bigdata_emis.control.results.scenario_replay import ScenarioReplay
from bigdata_emis.control.results.waterfall import require_pollutant
from bigdata_emis.control.scenario.day_plan import ABSENT, DayPlan
from bigdata_emis.control.scenario.ledger import target_shares
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.process_limits import UNLIMITED
from bigdata_emis.errors import InputError
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import Window

LEAST_SHARE = 1e-9
"""A possible cut below this share of the emission of an hour is rounding."""

GradeSteps = Mapping[str, Mapping[float, float]]
"""The shares that may be ordered of each grade, with their weight."""


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


class GapOrder(TypedDict):
    """The gap in the hours of one order of an event that changes, to the target of its level; 0 where it has none."""

    order: int
    level: str
    from_utc: str
    to_utc: str
    baseline_kg: float
    cut_kg: float
    target_share: float | None
    gap_kg: float
    missing_kg: float


class GapDocument(TypedDict):
    """The answer of `emis scenario gap`.

    gap_kg: target less cut, of which what a detour adds is taken off, 0 where it is reached; possible_kg: what all
    candidates could be cut more down to their least load, whatever their grade; missing_kg: what is missing even then;
    reachable_share: (cut + possible) ÷ base; reachable_in_grades_share: where no plant is ordered more than the largest
    step of its grade or what the list orders of it, which is what `emis optimise` may order; rows: the candidates until
    the gap closes;
    not_ranked_kg: emission that is left elsewhere, by reason. orders: of an event that changes, where no target is
    given: the gap is that of each order in its hours, since what is cut in others does not count; target_share is then
    the mean of the targets by base.
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
    reachable_in_grades_share: float
    candidates: int
    rows: list[GapRow]
    not_ranked_kg: dict[str, float]
    orders: list[GapOrder]


@dataclass
class RemainingEmission:
    """Emission that is left after the cut, in gram: of candidates what is left and could be cut more, and the rest.

    in_grades_g: what could be cut more within the steps of grades.
    """

    traits: dict[str, dict[str, str]] = field(default_factory=dict)
    left_g: dict[str, float] = field(default_factory=dict)
    more_g: dict[str, float] = field(default_factory=dict)
    in_grades_g: float = 0.0
    not_ranked_g: dict[NotRanked, float] = field(default_factory=lambda: dict.fromkeys(NotRanked, 0.0))


def gap_document(replay: ScenarioReplay, *, pollutant: str, target_share: float | None = None) -> GapDocument:
    """The candidates that close the gap to a target share, by default to that of the level in force in each hour.

    Raises:
        InputError: the pollutant is not in the ledger, it has no target and none is given, or the target is no share.
        RefusedError: the scenario cannot be computed again.
    """
    require_pollutant(replay, pollutant)
    ledger, event = replay.ledger[pollutant], replay.event
    spans = _spans(replay, pollutant, target_share)
    plans = replay.plans(event.cuts.measures)
    replay.require_ledger(plans)
    steps = grade_steps(event.region)
    parts = [_TargetPart.of(span, plans, event.cuts, pollutant, steps) for span in spans]
    base, cut = (float(ledger[name]) / G_PER_KG for name in ("baseline_emission_g", "cut_emission_g"))
    gap, missing = (sum(getattr(part, name) for part in parts) for name in ("gap_kg", "missing_kg"))
    possible = sum(part.possible_kg for part in parts)
    in_grades = sum(part.remaining.in_grades_g for part in parts) / G_PER_KG
    wanted = sum((part.span.target_share or 0.0) * part.base_kg for part in parts)
    given = spans[0].target_share if len(spans) == 1 else None
    return {
        "region": replay.event.region.region_id,
        "scenario": replay.lake.scenario_id,
        "pollutant": pollutant,
        "baseline_kg": base,
        "cut_kg": cut,
        "cut_share": cut / base if base > 0 else 0.0,
        "target_share": given if given is not None else wanted / base,
        "gap_kg": gap,
        "is_closed": missing <= 0,
        "possible_kg": possible,
        "missing_kg": missing,
        "reachable_share": (cut + possible) / base if base > 0 else 0.0,
        "reachable_in_grades_share": (cut + in_grades) / base if base > 0 else 0.0,
        "candidates": len({source for part in parts for source in part.remaining.more_g}),
        "rows": rank_until_closed([(part.remaining, part.gap_kg) for part in parts]),
        "not_ranked_kg": {
            reason.value: sum(part.remaining.not_ranked_g[reason] for part in parts) / G_PER_KG for reason in NotRanked
        },
        "orders": [part.describe() for part in parts] if len(parts) > 1 else [],
    }


@dataclass(frozen=True)
class _TargetSpan:
    """Hours with one target: those of an order, or all; added_kg: what a detour adds in them, taken off the cut."""

    number: int
    level: str
    window: Window
    target_share: float | None
    added_kg: float


@dataclass(frozen=True)
class _TargetPart:
    """The hours of a span: base, cut, and what is left."""

    span: _TargetSpan
    base_kg: float
    cut_kg: float
    remaining: RemainingEmission

    @classmethod
    def of(
        cls, span: _TargetSpan, plans: Sequence[DayPlan], cuts: MeasureCuts, pollutant: str, steps: GradeSteps
    ) -> "_TargetPart":
        place, base, cut = list(schema.codes()["pollutant"]).index(pollutant), 0.0, 0.0
        for plan in plans:
            is_in = segments_between(plan, span.window.from_utc, span.window.to_utc)
            base += float(plan.totals.baseline_g[:, place, is_in].sum())
            cut += float(plan.totals.cut_g[:, place, is_in].sum())
        remaining = remaining_emission(plans, cuts, pollutant, span.window, steps)
        return cls(span, base / G_PER_KG, cut / G_PER_KG, remaining)

    @property
    def gap_kg(self) -> float:
        return max((self.span.target_share or 0.0) * self.base_kg - (self.cut_kg - self.span.added_kg), 0.0)

    @property
    def possible_kg(self) -> float:
        return sum(self.remaining.more_g.values()) / G_PER_KG

    @property
    def missing_kg(self) -> float:
        return max(self.gap_kg - self.possible_kg, 0.0)

    def describe(self) -> GapOrder:
        return {
            "order": self.span.number,
            "level": self.span.level,
            "from_utc": self.span.window.from_utc.isoformat(),
            "to_utc": self.span.window.to_utc.isoformat(),
            "baseline_kg": self.base_kg,
            "cut_kg": self.cut_kg,
            "target_share": self.span.target_share,
            "gap_kg": self.gap_kg,
            "missing_kg": self.missing_kg,
        }


def _spans(replay: ScenarioReplay, pollutant: str, target_share: float | None) -> list[_TargetSpan]:
    """The hours of each target. A given one, and that of an event that does not change, is of all hours."""
    event = replay.event
    if target_share is not None and not 0 <= target_share <= 1:
        raise InputError(f"--target {target_share:g}: expected a share between 0 and 1", "write 0.3 for 30 %")
    if target_share is not None or not event.orders:
        target = replay.ledger[pollutant]["target_share"] if target_share is None else target_share
        spans = [_TargetSpan(1, event.level, event.window, target, _added_kg(replay.ledger[pollutant]))]
    else:
        rows = replay.lake.read("control_order", [replay.first_day]).to_pylist()
        added = {
            row["event_order_number"]: _added_kg(row)
            for row in rows
            if (row["scenario_id"], row["pollutant_code"]) == (replay.lake.scenario_id, pollutant)
        }
        spans = [
            _TargetSpan(
                number + 1,
                order.level,
                Window(order.from_utc, order_end(event, number)),
                target_shares(event.region, order.level).get(pollutant),
                added.get(number + 1, 0.0),
            )
            for number, order in enumerate(event.orders)
        ]
    if all(span.target_share is None for span in spans):
        levels = ", ".join(dict.fromkeys(span.level for span in spans))
        raise InputError(f"{pollutant} has no target at level {levels}", "give one: --target 0.2 for 20 %")
    return spans


def _added_kg(row: Mapping[str, Any]) -> float:
    """What a detour adds, of a row of the ledger or of an order."""
    return float(row.get("added_emission_g") or 0.0) / G_PER_KG


def rank_until_closed(parts: Sequence[tuple[RemainingEmission, float]]) -> list[GapRow]:
    """The candidates by possible cut, until they close every gap or there are no more.

    parts: what is left in hours with one target, and the gap in kg; what could be cut in hours without a gap is left
    out.
    """
    rows: list[GapRow] = []
    cumulative, open_kg = 0.0, [gap for _, gap in parts]
    traits_of: dict[str, dict[str, str]] = {}
    left_g, more_g = dict[str, float](), dict[str, float]()
    for remaining, gap in parts:
        if gap > 0:
            traits_of |= remaining.traits
            for sums, own in ((left_g, remaining.left_g), (more_g, remaining.more_g)):
                for source, grams in own.items():
                    sums[source] = sums.get(source, 0.0) + grams
    for source, grams in sorted(more_g.items(), key=lambda item: (-item[1], item[0])):
        if all(gap <= 0 for gap in open_kg):
            break
        open_kg = [
            gap - remaining.more_g.get(source, 0.0) / G_PER_KG
            for gap, (remaining, _) in zip(open_kg, parts, strict=True)
        ]
        cumulative += grams / G_PER_KG
        traits = traits_of[source]
        rows.append(
            {
                "rank": len(rows) + 1,
                "source": source,
                "sector": traits["sector_code"],
                "industry": traits["industry_code"],
                "grade": traits["grade_code"],
                "county": traits["county_id"],
                "left_kg": left_g[source] / G_PER_KG,
                "more_kg": grams / G_PER_KG,
                "cumulative_kg": cumulative,
            }
        )
    return rows


def remaining_emission(
    plans: Sequence[DayPlan],
    cuts: MeasureCuts,
    pollutant: str,
    window: Window | None = None,
    steps: GradeSteps | None = None,
) -> RemainingEmission:
    """What is left of a pollutant in planned and cut days, or in hours of them, and how much of it could be cut.

        more = base × (1 − least load − ordered share)

    The least load is that of the process, also where a measure names the line. Not ranked are traffic, areas, supply of
    power and heat that is guaranteed, and hours in which an exemption applies. steps: of grades, beyond which no more
    than the list is ordered of a plant.
    """
    remaining = RemainingEmission()
    place = list(schema.codes()["pollutant"]).index(pollutant)
    for plan in plans:
        is_in = slice(None) if window is None else segments_between(plan, window.from_utc, window.to_utc)
        base, cut = plan.totals.baseline_g[:, place, is_in], plan.totals.cut_g[:, place, is_in]
        winners = plan.cuts.winners[:, place][plan.cuts.kind_of_source]
        winners = winners[:, plan.cuts.variant_of_hour[plan.segments[is_in]]]
        left, more = base - cut, _possible_g(plan, cuts, winners, base)
        in_grades = _within_grades_g(plan, cuts, winners, base, steps or {})
        is_free = np.ones(base.shape, dtype=bool)
        for reason, flags in _not_ranked(plan, cuts, winners):
            remaining.not_ranked_g[reason] += float(left[is_free & flags].sum())
            is_free &= ~flags
        more = np.where(is_free, np.minimum(more, left), 0.0)
        remaining.in_grades_g += float(np.minimum(in_grades, more).sum())
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


def _within_grades_g(plan: DayPlan, cuts: MeasureCuts, winners: Positions, base: Floats, steps: GradeSteps) -> Floats:
    """What could be cut more if each source were ordered the largest step of its grade, as an optimisation may."""
    ordered = np.array([*map(cuts.ordered_share, cuts.measures), 0.0])[winners]
    grades = [grade or "" for grade in plan.sources["grade_code"].to_pylist()]
    industries = [plan.cuts.kinds[kind][1] for kind in plan.cuts.kind_of_source]
    pairs = list(zip(grades, industries, strict=True))
    largest = {
        (grade, industry): max(
            allowed_shares(steps.get(grade, {}), 0.0, cuts.limits.get(industry, UNLIMITED)), default=0
        )
        for grade, industry in set(pairs)
    }
    of_source = np.array([largest[pair] for pair in pairs], dtype=float)[:, None]
    possible: Floats = base * np.maximum(of_source - ordered, 0.0)
    return possible


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
