"""The candidate steps of a region: what may be ordered of each plant and area, and of vehicles by combination of bans.

Belongs here: which steps there are, their cut and cost, and the measures that order them. Does not: the arithmetic of a
cut (inventory_probe), the choice (least_cost).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bigdata_emis.control.optimise.cost_table import WEIGHT_WITHOUT_GRADE, CostTable, allowed_shares, emission_index
from bigdata_emis.control.optimise.inventory_probe import InventoryProbe, KgBySource, total_kg
from bigdata_emis.control.optimise.search.problem import WHOLE_REGION, CandidateStep
from bigdata_emis.control.scenario.measures import Measure, levels_up_to
from bigdata_emis.control.scenario.process_limits import UNLIMITED, read_process_limits
from bigdata_emis.window import HOURS_PER_DAY

SHARE_DECIMALS = 6
MOST_COMBINED_BANS = 4
"""Vehicle bans that touch the same vehicles are one choice with every combination; above this number they are added in
order of identifier, since 2^n steps would be too many."""
VEHICLES = "vehicles"
PREFIX = "opt-"
SELECTORS = ("production_line_id", "industry_code", "grade_code", "sector_code")


@dataclass(frozen=True)
class Candidates:
    """The steps of a region, and the measures that order each of them.

    without_cost: sources that have emission and could be ordered a step, but no row of the cost table.
    """

    steps: tuple[CandidateStep, ...]
    measures: Mapping[tuple[str, float, str], tuple[Measure, ...]]
    without_cost: tuple[str, ...]


@dataclass(frozen=True)
class StepRules:
    """What decides on steps: the list of the region, the steps of grades with their weights, costs and districts."""

    listed: Sequence[Measure]
    grade_steps: Mapping[str, Mapping[float, float]]
    costs: CostTable
    district_of: Mapping[str, str]
    targets: Mapping[str, float]


@dataclass(frozen=True)
class _Option:
    """A step before its cut is computed."""

    source_id: str
    step_share: float
    label: str
    measures: tuple[Measure, ...]
    traits: Mapping[str, str]
    is_of_vehicles: bool = False


def build_candidates(
    probe: InventoryProbe, rules: StepRules, *, baseline_kg: KgBySource, base_kg: Mapping[str, float]
) -> Candidates:
    """The candidate steps of the window, with cut and cost.

    A plant has the steps of its grade and the share that the list of the region orders of it; an area has the latter.
    A source that the list exempts, one whose supply is guaranteed, and one that emits nothing has no step; a process
    that cannot stop has none below its least load. The cut of each step is what a
    recalculation with its measures cuts.
    """
    options = [*_source_options(probe, rules, baseline_kg), *_vehicle_options(rules.listed, probe.level)]
    cuts = _probe_options(probe, options)
    steps, without_cost = [], set()
    for option, cut in zip(options, cuts, strict=True):
        if not any(kg > 0 for kg in cut.values()):
            continue
        cost = _cost(option, cut, rules, base_kg, probe.window.hours)
        if cost is None:
            without_cost.add(option.source_id)
            continue
        district = rules.district_of.get(option.source_id, WHOLE_REGION)
        steps.append(CandidateStep(option.source_id, option.step_share, cost, cut, district, option.label))
    measures = {(o.source_id, o.step_share, o.label): o.measures for o in options}
    return Candidates(tuple(steps), measures, tuple(sorted(without_cost)))


def measures_of(candidates: Candidates, chosen: Sequence[CandidateStep]) -> list[Measure]:
    """The measures that order the chosen steps, in order of identifier."""
    measures = [measure for step in chosen for measure in candidates.measures[step.key]]
    return sorted(measures, key=lambda measure: measure.measure_id)


def _source_options(probe: InventoryProbe, rules: StepRules, baseline_kg: KgBySource) -> list[_Option]:
    listed_cut = probe.cut_kg([m for m in rules.listed if not m.is_for_vehicles_only])
    options, limits = [], read_process_limits(probe.region)
    for row in probe.sources().to_pylist():
        source_id = row["source_id"]
        if row["road_class_code"] is not None or source_id not in baseline_kg:
            continue
        traits = {name: row.get(name) or "" for name in SELECTORS} | {"production_line_id": source_id}
        listed = _listed_share(listed_cut.get(source_id, {}), baseline_kg[source_id])
        if listed == 0 and _is_exempt(traits, rules.listed, probe.level):
            continue
        limit = limits.get(traits["industry_code"], UNLIMITED)
        if limit.is_supply_guaranteed:
            continue
        allowed = allowed_shares(rules.grade_steps.get(traits["grade_code"], {}), listed, limit)
        options += [_source_option(source_id, share, traits, probe.level) for share in allowed]
    return options


def _source_option(source_id: str, share: float, traits: Mapping[str, str], level: str) -> _Option:
    measure = Measure(f"{PREFIX}{source_id}", level, production_line_id=source_id, cut_share=share)
    return _Option(source_id, share, "", (measure,), traits)


def _listed_share(cut_kg: Mapping[str, float], baseline_kg: Mapping[str, float]) -> float:
    """The share that the list of the region cuts of a source; of several pollutants the largest."""
    shares = [cut_kg.get(code, 0.0) / kg for code, kg in baseline_kg.items() if kg > 0]
    return min(round(max(shares, default=0.0), SHARE_DECIMALS), 1.0)


def _is_exempt(traits: Mapping[str, str], listed: Sequence[Measure], level: str) -> bool:
    """Whether a measure up to the level orders by intention that nothing is cut of a source with these traits."""
    levels = levels_up_to(level)
    exemptions = [m for m in listed if m.alert_level_code in levels and m.affected_share * m.cut_share == 0]
    return any(all(getattr(m, name) in ("", traits[name]) for name in SELECTORS) for m in exemptions)


def _vehicle_options(listed: Sequence[Measure], level: str) -> list[_Option]:
    """Every combination of the bans that touch the same vehicles, as one choice; other vehicles are another choice."""
    options = []
    for bans in _overlapping_bans(_bans_up_to(listed, level)):
        source_id = f"{VEHICLES}:{'+'.join(ban.measure_id for ban in bans)}"
        for combined in _combinations(bans):
            label = "+".join(ban.measure_id for ban in combined)
            share = round(len(combined) / len(bans), SHARE_DECIMALS)
            measures = tuple(replace(ban, alert_level_code=level) for ban in combined)
            options.append(_Option(source_id, share, label, measures, {}, is_of_vehicles=True))
    return options


def _bans_up_to(listed: Sequence[Measure], level: str) -> list[Measure]:
    """The bans of vehicles up to a level; of one that several levels list its row at the highest level."""
    by_id: dict[str, Measure] = {}
    for one in levels_up_to(level):
        for measure in listed:
            is_ban = measure.is_for_vehicles_only and measure.affected_share * measure.cut_share > 0
            if is_ban and measure.alert_level_code == one:
                by_id[measure.measure_id] = measure
    return [by_id[measure_id] for measure_id in sorted(by_id)]


def _overlapping_bans(bans: Sequence[Measure]) -> list[list[Measure]]:
    """The bans by vehicle class; a ban of all classes joins them."""
    classes = {ban.vehicle_class_code for ban in bans}
    if "" in classes:
        return [list(bans)]
    return [[ban for ban in bans if ban.vehicle_class_code == code] for code in sorted(classes)]


def _combinations(bans: Sequence[Measure]) -> list[tuple[Measure, ...]]:
    if len(bans) > MOST_COMBINED_BANS:
        return [tuple(bans[: count + 1]) for count in range(len(bans))]
    return [some for count in range(1, len(bans) + 1) for some in itertools.combinations(bans, count)]


def _probe_options(probe: InventoryProbe, options: Sequence[_Option]) -> list[dict[str, float]]:
    """What each option cuts: the n-th options of all sources are asked together, since sources do not interact."""
    rounds: list[dict[str, int]] = []
    for position, option in enumerate(options):
        number = next((n for n, taken in enumerate(rounds) if option.source_id not in taken), len(rounds))
        if number == len(rounds):
            rounds.append({})
        rounds[number][option.source_id] = position
    cuts: list[dict[str, float]] = [{} for _ in options]
    for taken in rounds:
        local = {s: p for s, p in taken.items() if not options[p].is_of_vehicles}
        by_source = probe.cut_kg([m for p in local.values() for m in options[p].measures]) if local else {}
        for source_id, position in local.items():
            cuts[position] = by_source.get(source_id, {})
    for position, option in enumerate(options):
        if option.is_of_vehicles:
            cuts[position] = total_kg(probe.cut_kg(option.measures))
    return cuts


def _cost(
    option: _Option, cut_kg: Mapping[str, float], rules: StepRules, base_kg: Mapping[str, float], hours: int
) -> float | None:
    """The cost of the window: of the user's table, per day and in proportion to the step; else the emission index."""
    if not rules.costs.costs:
        weights = rules.grade_steps.get(option.traits.get("grade_code", ""), {})
        weight = weights.get(option.step_share, max(weights.values(), default=WEIGHT_WITHOUT_GRADE))
        return weight * emission_index(cut_kg, base_kg, rules.targets)
    days = hours / HOURS_PER_DAY
    if option.is_of_vehicles:
        of_bans = [rules.costs.cost_per_d({"measure_id": ban.measure_id}) for ban in option.measures]
        return None if None in of_bans else days * sum(cost for cost in of_bans if cost is not None)
    cost = rules.costs.cost_per_d(option.traits)
    return None if cost is None else days * cost * option.step_share
