"""The JSON document of `emis optimise`, as typed dictionaries.

Belongs here: the keys and types on which other programs rely, and filling them from a problem and its answer. Does not:
computing the answer (least_cost, alternatives, reach).
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TypedDict

from bigdata_emis.control.optimise.search.alternatives import (
    find_binding,
    find_next_steps,
    price_one_more_point,
    trace_curve,
)
from bigdata_emis.control.optimise.search.constraints import TOLERANCE_SHARE, district_shares
from bigdata_emis.control.optimise.search.least_cost import LeastCostSet
from bigdata_emis.control.optimise.search.least_margin import find_least_margin
from bigdata_emis.control.optimise.search.problem import CandidateStep, OptimisationProblem
from bigdata_emis.control.optimise.search.reach import find_joint_reach, find_reach
from bigdata_emis.control.scenario.ledger import judge_target

OPTIMAL, INFEASIBLE = "least_cost", "infeasible"


class StepRow(TypedDict):
    """A step: what is ordered of a source. `measure` names the bans of vehicles."""

    source: str
    step_share: float
    measure: str
    district: str
    cost: float
    cut_kg: dict[str, float]


class TargetRow(TypedDict):
    """A pollutant: base, target and cut of the set; largest_share: what all candidates together could cut."""

    pollutant: str
    base_kg: float
    target_share: float | None
    cut_kg: float | None
    cut_share: float | None
    met: bool | None
    largest_share: float | None
    missing_share: float | None


class BindingRow(TypedDict):
    """A binding constraint with its shadow price: of one hundredth of the base, or of one more step of a source."""

    constraint: str
    name: str
    cost_per_point: float


class PointRow(TypedDict):
    """What one more hundredth of the base of a pollutant costs, and which steps change."""

    pollutant: str
    additional_cost: float | None
    added: list[StepRow]
    removed: list[StepRow]


class NextStepRow(TypedDict):
    """A step that is not chosen, with its additional cost and cut."""

    pollutant: str
    source: str
    step_share: float
    measure: str
    additional_cost: float
    additional_kg: float
    cost_per_kg: float


class CurveRow(TypedDict):
    """The least cost of all targets times a factor; cost is empty where no set reaches them."""

    target_scale: float
    cost: float | None
    cut_shares: dict[str, float]


class MarginRow(TypedDict):
    """The bound between districts of an infeasible problem, and the least margin with which a set was found.

    least_margin_share: empty where no set exists even without a bound. is_proven_below: no smaller one would do, by a
    thousandth.
    """

    margin_share: float
    least_margin_share: float | None
    is_proven_below: bool


class OptimisationAnswer(TypedDict):
    """The part of the document that follows from the problem alone.

    unjudged: the pollutants with a target of which nobody can say whether it is met. gap_share: how much cheaper a set
    could be at most. joint_target_part: the largest part of all targets together that
    one set reaches. one_more_point, next_steps and curve are empty for an infeasible problem, district_margin for
    any other.
    """

    status: str
    cost: float | None
    gap_share: float | None
    steps: list[StepRow]
    targets: list[TargetRow]
    unjudged: list[str]
    joint_target_part: float
    binding: list[BindingRow]
    one_more_point: list[PointRow]
    next_steps: list[NextStepRow]
    curve: list[CurveRow]
    district_cut_shares: dict[str, dict[str, float]]
    district_margin: MarginRow | None


class OptimisationFacts(TypedDict):
    """What the problem was built from; inputs: the version of each input table by local day.

    projected_days: days after the last published one, projected from recent ones, whose versions are among the inputs.
    """

    region: str
    level: str
    from_utc: str
    to_utc: str
    cost_source_code: str
    cost_unit: str
    candidate_steps: int
    candidate_sources: int
    sources_without_cost: list[str]
    days_without_inventory: list[str]
    projected_days: list[str]
    inputs: dict[str, dict[str, str]]


class OptimisationDocument(OptimisationAnswer, OptimisationFacts):
    """The whole document of the command. measure_rows: of the set, written to the file of --out.

    base_source: what the emission without measures rests on, as in a ledger. in_force: the scenarios that were in force
    in hours of the window.
    """

    seconds: float
    base_source: str
    in_force: list[str]
    measure_rows: int
    out: str | None


def describe_answer(
    problem: OptimisationProblem, best: LeastCostSet | None, codes: Iterable[str], *, unjudged: Collection[str] = ()
) -> OptimisationAnswer:
    """The answer with what is around it; of an infeasible problem what is missing.

    codes: pollutants in the order in which they are listed; unjudged: those whose base is not known well enough to say
    whether a target is met.
    """
    reach = {one.pollutant_code: one for one in find_reach(problem)}
    shares = None if best is None else problem.total_shares(best.chosen)
    listed = [code for code in codes if problem.base_kg.get(code, 0.0) > 0]
    largest = {code: (one.largest_share, one.missing_share) for code, one in reach.items()}
    return {
        "status": INFEASIBLE if best is None else OPTIMAL,
        "cost": None if best is None else best.cost,
        "gap_share": None if best is None else best.gap_share,
        "steps": [] if best is None else [_step(problem.steps[position]) for position in best.chosen],
        "targets": [_target(code, problem, shares, largest, is_known=code not in unjudged) for code in listed],
        "unjudged": [code for code in listed if code in unjudged and code in problem.target_shares],
        "joint_target_part": min(find_joint_reach(problem), 1.0),
        "binding": [
            {"constraint": one.kind, "name": one.name, "cost_per_point": one.cost_per_point}
            for one in find_binding(problem)
        ],
        "one_more_point": [] if best is None else _points(problem, best),
        "next_steps": [] if best is None else _next_steps(problem, best),
        "curve": [] if best is None else _curve(problem, best),
        "district_cut_shares": {} if best is None else district_shares(problem, best.chosen),
        "district_margin": _margin(problem) if best is None else None,
    }


def describe_missing(answer: OptimisationAnswer) -> str:
    """In one line what an infeasible problem lacks."""
    missing = [
        f"{row['pollutant']} {row['largest_share']:.2%} of {row['target_share']:.2%}"
        for row in answer["targets"]
        if row["missing_share"] and row["largest_share"] is not None and row["target_share"] is not None
    ]
    alone = f"at most {', '.join(missing)}" if missing else "each alone could be reached"
    return f"{alone}; together {answer['joint_target_part']:.1%} of the targets{_margin_in_words(answer)}"


def _margin_in_words(answer: OptimisationAnswer) -> str:
    margin = answer["district_margin"]
    if margin is None:
        return ""
    if margin["least_margin_share"] is None:
        return "; not by the bound between districts: without it no set reaches them either"
    least = f"{margin['least_margin_share']:.1%} instead of {margin['margin_share']:.1%}"
    proof = "no less would do" if margin["is_proven_below"] else "perhaps with less"
    return f"; with a margin between districts of {least} a set exists ({proof})"


def _margin(problem: OptimisationProblem) -> MarginRow | None:
    least = find_least_margin(problem)
    if least is None or problem.fairness is None:
        return None
    return {
        "margin_share": problem.fairness.margin_share,
        "least_margin_share": least.margin_share,
        "is_proven_below": least.is_proven_below,
    }


def _target(
    code: str,
    problem: OptimisationProblem,
    shares: Mapping[str, float] | None,
    largest: Mapping[str, tuple[float, float]],
    *,
    is_known: bool,
) -> TargetRow:
    target, share = problem.target_shares.get(code), None if shares is None else shares[code]
    largest_share, missing_share = largest.get(code, (None, None))
    least = None if target is None else target * (1 - TOLERANCE_SHARE)
    return {
        "pollutant": code,
        "base_kg": problem.base_kg[code],
        "target_share": target,
        "cut_kg": None if share is None else share * problem.base_kg[code],
        "cut_share": share,
        "met": None if share is None or target is None else judge_target(share, least, is_known=is_known),
        "largest_share": largest_share,
        "missing_share": missing_share,
    }


def _step(step: CandidateStep) -> StepRow:
    return {
        "source": step.source_id,
        "step_share": step.step_share,
        "measure": step.label,
        "district": step.district_id,
        "cost": step.cost,
        "cut_kg": dict(sorted(step.cut_kg.items())),
    }


def _points(problem: OptimisationProblem, best: LeastCostSet) -> list[PointRow]:
    return [
        {
            "pollutant": one.pollutant_code,
            "additional_cost": one.additional_cost,
            "added": [_step(problem.steps[position]) for position in one.added],
            "removed": [_step(problem.steps[position]) for position in one.removed],
        }
        for one in price_one_more_point(problem, best)
    ]


def _next_steps(problem: OptimisationProblem, best: LeastCostSet) -> list[NextStepRow]:
    return [
        {
            "pollutant": one.pollutant_code,
            "source": problem.steps[one.position].source_id,
            "step_share": problem.steps[one.position].step_share,
            "measure": problem.steps[one.position].label,
            "additional_cost": one.additional_cost,
            "additional_kg": one.additional_kg,
            "cost_per_kg": one.cost_per_kg,
        }
        for one in find_next_steps(problem, best)
    ]


def _curve(problem: OptimisationProblem, best: LeastCostSet) -> list[CurveRow]:
    return [
        {"target_scale": one.target_scale, "cost": one.cost, "cut_shares": one.cut_shares}
        for one in trace_curve(problem, best)
    ]
