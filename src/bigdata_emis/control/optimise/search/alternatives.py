"""What lies around the least-cost set: binding constraints, the cost of one more point, the next steps, the curve.

Belongs here: what helps a person to judge a set. Does not: the set itself (least_cost), what cannot be reached (reach).
"""

from dataclasses import dataclass

from bigdata_emis.control.optimise.search.binary_search import relax
from bigdata_emis.control.optimise.search.constraints import constraint_rows
from bigdata_emis.control.optimise.search.least_cost import (
    LeastCostSearch,
    LeastCostSet,
    cost_scale,
    scale_targets,
    source_numbers,
)
from bigdata_emis.control.optimise.search.problem import OptimisationProblem

POINT_SHARE = 0.01
CURVE_SCALES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0)
GAP_OF_ALTERNATIVES_SHARE = 3e-3
"""Alternatives are for orientation: a third of a percent is enough."""
NEXT_STEPS = 3
SMALLEST_PRICE = 1e-9
"""Shadow prices below this, in units of a typical cost, are rounding."""


@dataclass(frozen=True)
class BindingConstraint:
    """A constraint whose relaxation would lower the cost, and by how much.

    kind: target, source (one step of it at most) or district; cost_per_point: of a target or district, one hundredth
    of its base; of a source, the value of one more whole step.
    """

    kind: str
    name: str
    cost_per_point: float


@dataclass(frozen=True)
class OneMorePoint:
    """What one more hundredth of the base costs of one pollutant; additional_cost is empty when it cannot be reached.

    added, removed: positions of the steps by which the two sets differ.
    """

    pollutant_code: str
    additional_cost: float | None
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True)
class NextStep:
    """A step that is not chosen, with its cost for each kilogram that it adds to what its source cuts already."""

    pollutant_code: str
    position: int
    additional_cost: float
    additional_kg: float

    @property
    def cost_per_kg(self) -> float:
        """Additional cost ÷ additional cut."""
        return self.additional_cost / self.additional_kg


@dataclass(frozen=True)
class CurvePoint:
    """The least cost of all targets times a factor; empty when that cannot be reached."""

    target_scale: float
    cost: float | None
    cut_shares: dict[str, float]


def find_binding(problem: OptimisationProblem) -> list[BindingConstraint]:
    """The constraints that set the cost, by the shadow prices of the linear relaxation, the most expensive first.

    Source: duality of linear programmes; prices of the relaxation approximate those of the integer programme.
    """
    wanted = scale_targets(problem, 1.0)
    if not problem.steps or not wanted:
        return []
    rows = constraint_rows(problem, wanted)
    scale = cost_scale(problem)
    relaxed = relax(problem.costs / scale, rows, groups=source_numbers(problem))
    if relaxed is None:
        return []
    binding = [
        BindingConstraint(kind, name, float(price) * scale * _units_per_point(problem, kind, name))
        for (kind, name), price in zip(rows.names, relaxed.prices, strict=True)
        if price > SMALLEST_PRICE
    ]
    return sorted(binding, key=lambda one: (-one.cost_per_point, one.kind, one.name))


def price_one_more_point(problem: OptimisationProblem, best: LeastCostSet) -> list[OneMorePoint]:
    """For each pollutant with a target: the least-cost set when its target alone is one hundredth higher."""
    search, points = LeastCostSearch(problem), []
    for code in problem.pollutants:
        targets = {one: problem.target_shares[one] for one in problem.pollutants}
        higher = {**targets, code: targets[code] + POINT_SHARE}
        answer = search.find(higher, gap_share=GAP_OF_ALTERNATIVES_SHARE)
        if answer is None:
            points.append(OneMorePoint(code, None))
            continue
        before, after = set(best.chosen), set(answer.chosen)
        additional = max(answer.cost - best.cost, 0.0)
        points.append(OneMorePoint(code, additional, tuple(sorted(after - before)), tuple(sorted(before - after))))
    return points


def find_next_steps(problem: OptimisationProblem, best: LeastCostSet) -> list[NextStep]:
    """For each pollutant with a target, the steps above the chosen ones that cost least for each kilogram."""
    current = {problem.steps[position].source_id: position for position in best.chosen}
    return [
        step
        for number, code in enumerate(problem.pollutants)
        for step in _cheapest_steps(problem, current, number, code)[:NEXT_STEPS]
    ]


def trace_curve(problem: OptimisationProblem, best: LeastCostSet) -> list[CurvePoint]:
    """The least cost at ten multiples of the targets, from a fifth of them to twice them."""
    search, points = LeastCostSearch(problem), []
    for scale in CURVE_SCALES:
        answer: LeastCostSet | None = best
        if scale != 1:
            wanted = scale_targets(problem, scale)
            answer = None
            if wanted is not None:
                answer = search.find(wanted, gap_share=GAP_OF_ALTERNATIVES_SHARE)
        if answer is None:
            points.append(CurvePoint(scale, None, {}))
            continue
        shares = problem.total_shares(answer.chosen)
        points.append(CurvePoint(scale, answer.cost, {code: shares[code] for code in problem.pollutants}))
    return points


def _cheapest_steps(problem: OptimisationProblem, current: dict[str, int], number: int, code: str) -> list[NextStep]:
    shares, steps = problem.share_matrix[number], []
    for position, step in enumerate(problem.steps):
        at = current.get(step.source_id)
        share = shares[position] - (0.0 if at is None else shares[at])
        cost = step.cost - (0.0 if at is None else problem.steps[at].cost)
        if position != at and share > 0 and cost >= 0:
            steps.append(NextStep(code, position, cost, float(share) * problem.base_kg[code]))
    return sorted(steps, key=lambda one: (one.cost_per_kg, problem.steps[one.position].key))


def _units_per_point(problem: OptimisationProblem, kind: str, name: str) -> float:
    """How many units of its row one hundredth of the base is."""
    if kind == "target":
        return POINT_SHARE / problem.target_shares[name]
    return POINT_SHARE if kind == "district" else 1.0
