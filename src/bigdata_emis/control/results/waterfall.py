"""The waterfall of a scenario: what each measure adds to the cut when it is applied after those before it.

Belongs here: the steps, their order and what they add. Does not: the cut itself (scenario/cut_hours).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from bigdata_emis.codes import MovedKind, MovedOutcome
from bigdata_emis.control.results.scenario_replay import ScenarioReplay, cut_by_pollutant
from bigdata_emis.control.results.step_cuts import StepCuts
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.control.scenario.measures import Measure, levels_up_to
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.schema.mass_units import G_PER_KG

MOST_STEPS = 200
"""A waterfall of more steps is not read by anybody."""
LINE_MEASURES = "(measures of single lines)"
ORDER_LIST, ORDER_CUT = "list", "cut"
MOVED_STEPS = {MovedKind.DETOUR: "(detour)", MovedKind.REBOUND: "(rebound)"}
"""The last steps: a detour is in the hours of the scenario, a rebound after them."""


class WaterfallRow(TypedDict):
    """What a step adds of one pollutant; below zero where it exempts, replaces a larger cut, or emission is moved.

    added_share: of the emission without measures; share_of_cut: of the cut of the scenario, empty without one. own_kg:
    the cut of what the measure applies to when the whole list is in force, as on the page of a day; in no order.
    """

    step: int
    measure: str
    measure_count: int
    pollutant: str
    added_kg: float
    added_share: float
    share_of_cut: float | None
    cumulative_kg: float
    own_kg: float


class WaterfallDocument(TypedDict):
    """The answer of `emis scenario waterfall`: rows by pollutant in order of step, which add up to its cut.

    Rows of a detour and a rebound follow, with what they add in the region: a negative cut.

    without_effect: by pollutant the measures that cut nothing of it when all are in force, in any order of steps.
    """

    region: str
    scenario: str
    level: str
    from_utc: str
    to_utc: str
    order: str
    cut_kg: dict[str, float]
    rows: list[WaterfallRow]
    without_effect: dict[str, list[str]]


@dataclass(frozen=True)
class WaterfallStep:
    """Measures that are applied together: one with its rows at all levels, or those of single lines of a long list."""

    name: str
    measures: Sequence[Measure]

    @property
    def measure_ids(self) -> set[str]:
        """The measures of the step."""
        return {measure.measure_id for measure in self.measures}


def waterfall_document(
    replay: ScenarioReplay,
    *,
    pollutant: str = "",
    order: str = ORDER_LIST,
    progress: Callable[[str, int, int], object] = lambda what, done, total: None,
) -> WaterfallDocument:
    """The waterfall of a scenario, of one pollutant or of all of which something is cut.

        added(k) = cut of the first k steps − cut of the first k − 1

    The measures of the first k steps are a list of their own: in it the most specific one wins, as in any list. So a
    measure that replaces a broader one adds the difference, and an exemption takes back what it exempts. The additions
    of a pollutant add up to its cut in the ledger, in any order of steps.

    order: `list` is the order of the stored measures, by measure_id; `cut` begins with what the measure that applies
    cuts most of the pollutant, by table control_account. progress: is given the step, its number and the count.

    Raises:
        InputError: the order or the pollutant is unknown, or the order `cut` is asked without a pollutant.
        RefusedError: the list has too many measures, or the scenario cannot be computed again.
    """
    _check_request(replay, pollutant, order)
    steps = join_steps(replay.event.cuts.measures, replay.event.level)
    account = _account_cuts(replay)
    if order == ORDER_CUT:
        own = account[pollutant]
        steps.sort(key=lambda step: (-sum(own.get(one, 0.0) for one in step.measure_ids), step.name))
    cumulative, plans, cuts = [dict[str, float]()], list[DayPlan](), StepCuts(replay)
    for number, step in enumerate(steps):
        progress(step.name, number, len(steps))
        plans = cuts.add_step(step.measures)
        cumulative.append(cut_by_pollutant(plans))
    replay.require_ledger(plans)
    codes = [pollutant] if pollutant else [code for code, row in replay.ledger.items() if row["cut_emission_g"] > 0]
    base = {code: float(replay.ledger[code]["baseline_emission_g"]) for code in codes}
    rows = {code: waterfall_rows(code, steps, cumulative, base[code], account[code]) for code in codes}
    idle = {code: [row["measure"] for row in rows[code] if not row["own_kg"]] for code in codes}
    moved = added_by_kind(replay)
    for code in codes:
        rows[code] += moved_rows(code, moved, rows[code], base[code])
    window = replay.event.window
    return {
        "region": replay.event.region.region_id,
        "scenario": replay.lake.scenario_id,
        "level": replay.event.level,
        "from_utc": window.from_utc.isoformat(),
        "to_utc": window.to_utc.isoformat(),
        "order": order,
        "cut_kg": {code: cumulative[-1][code] / G_PER_KG for code in codes},
        "rows": [row for of_pollutant in rows.values() for row in of_pollutant],
        "without_effect": idle,
    }


def join_steps(measures: Sequence[Measure], level: str) -> list[WaterfallStep]:
    """The steps of a list up to a level; in a long list the measures of single lines are one step.

    Raises:
        RefusedError: even then there are too many.
    """
    by_id: dict[str, list[Measure]] = {}
    for measure in measures:
        if measure.alert_level_code in levels_up_to(level):
            by_id.setdefault(measure.measure_id, []).append(measure)
    of_lines = {name for name, rows in by_id.items() if all(row.production_line_id for row in rows)}
    if len(by_id) <= MOST_STEPS:
        return [WaterfallStep(name, rows) for name, rows in by_id.items()]
    if len(by_id) - len(of_lines) >= MOST_STEPS:
        raise RefusedError(
            f"the list has {len(by_id) - len(of_lines)} measures that name no line: expected fewer than {MOST_STEPS}",
            "read table control_account, which has the cut of each measure that applies",
        )
    steps = [WaterfallStep(name, rows) for name, rows in by_id.items() if name not in of_lines]
    lines = [row for name, rows in by_id.items() if name in of_lines for row in rows]
    return [*steps, WaterfallStep(LINE_MEASURES, lines)]


def waterfall_rows(
    pollutant: str,
    steps: Sequence[WaterfallStep],
    cumulative_g: Sequence[Mapping[str, float]],
    baseline_g: float,
    own_g: Mapping[str, float],
) -> list[WaterfallRow]:
    """What each step adds of a pollutant, from the cuts of the first 0, 1, 2, … steps.

    own_g: the cut of each measure that applies, by measure_id.
    """
    cuts = [cut.get(pollutant, 0.0) for cut in cumulative_g]
    return [
        {
            "step": number,
            "measure": step.name,
            "measure_count": len(step.measure_ids),
            "pollutant": pollutant,
            "added_kg": (after - before) / G_PER_KG,
            "added_share": (after - before) / baseline_g if baseline_g > 0 else 0.0,
            "share_of_cut": (after - before) / cuts[-1] if cuts[-1] > 0 else None,
            "cumulative_kg": after / G_PER_KG,
            "own_kg": sum(own_g.get(name, 0.0) for name in sorted(step.measure_ids)) / G_PER_KG,
        }
        for number, (step, before, after) in enumerate(zip(steps, cuts[:-1], cuts[1:], strict=True), start=1)
    ]


def added_by_kind(replay: ScenarioReplay) -> dict[MovedKind, dict[str, float]]:
    """What rebound and detour of a scenario add in the region, in gram by pollutant."""
    added: dict[MovedKind, dict[str, float]] = {}
    for row in replay.lake.read("control_moved", [replay.first_day]).to_pylist():
        is_own = row["scenario_id"] == replay.lake.scenario_id
        if is_own and row["moved_outcome_code"] == MovedOutcome.ADDED:
            added.setdefault(MovedKind(row["moved_kind_code"]), {})[row["pollutant_code"]] = row["moved_emission_g"]
    return added


def moved_rows(
    pollutant: str,
    added_g: Mapping[MovedKind, Mapping[str, float]],
    measures: Sequence[WaterfallRow],
    baseline_g: float,
) -> list[WaterfallRow]:
    """The steps after those of the measures: emission that is moved within the region, a negative cut."""
    cut_kg = measures[-1]["cumulative_kg"] if measures else 0.0
    rows, left_kg = list[WaterfallRow](), cut_kg
    for kind, name in MOVED_STEPS.items():
        added_kg = added_g.get(kind, {}).get(pollutant, 0.0) / G_PER_KG
        if not added_kg:
            continue
        left_kg -= added_kg
        rows.append(
            {
                "step": len(measures) + len(rows) + 1,
                "measure": name,
                "measure_count": 0,
                "pollutant": pollutant,
                "added_kg": -added_kg,
                "added_share": -added_kg * G_PER_KG / baseline_g if baseline_g > 0 else 0.0,
                "share_of_cut": -added_kg / cut_kg if cut_kg > 0 else None,
                "cumulative_kg": left_kg,
                "own_kg": -added_kg,
            }
        )
    return rows


def require_pollutant(replay: ScenarioReplay, pollutant: str) -> None:
    """Refuse a pollutant that the ledger of the scenario does not have.

    Raises:
        InputError: with those that it has.
    """
    if pollutant not in replay.ledger:
        raise InputError(
            f"pollutant '{shorten(pollutant)}' is not in the ledger of scenario {replay.lake.scenario_id}",
            f"use one of {', '.join(sorted(replay.ledger))}",
        )


def _check_request(replay: ScenarioReplay, pollutant: str, order: str) -> None:
    if order not in (ORDER_LIST, ORDER_CUT):
        raise InputError(f"--order '{shorten(order)}' is unknown", f"use {ORDER_LIST} or {ORDER_CUT}")
    if order == ORDER_CUT and not pollutant:
        raise InputError("--order cut needs the pollutant whose cut decides", "give it, for instance --pollutant NOx")
    if pollutant:
        require_pollutant(replay, pollutant)


def _account_cuts(replay: ScenarioReplay) -> dict[str, dict[str, float]]:
    """The cut of each measure that applies, in gram by pollutant and measure_id; of no pollutant without one."""
    cuts: dict[str, dict[str, float]] = defaultdict(dict)
    for row in replay.lake.read("control_account", [replay.first_day]).to_pylist():
        if row["scenario_id"] == replay.lake.scenario_id:
            of_pollutant = cuts[row["pollutant_code"]]
            of_pollutant[row["measure_id"]] = of_pollutant.get(row["measure_id"], 0.0) + row["cut_emission_g"]
    return cuts
