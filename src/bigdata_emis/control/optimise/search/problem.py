"""The least-cost problem as data: candidate steps of sources, base and targets of a region, bounds between districts.

Belongs here: what a problem holds, and what makes it illegal. Does not: solving it (least_cost), building it from an
inventory (candidates).
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError, shorten

WHOLE_REGION = ""
"""The district of a step that acts in the whole region, such as a vehicle ban."""


@dataclass(frozen=True)
class CandidateStep:
    """One thing that can be ordered of one source: at most one step of a source is chosen.

    step_share: the ordered cut of activity; cut_kg: what it cuts in the window, by pollutant; cost: of the window.
    """

    source_id: str
    step_share: float
    cost: float
    cut_kg: Mapping[str, float]
    district_id: str = WHOLE_REGION
    label: str = ""

    @property
    def key(self) -> tuple[str, float, str]:
        """The identity of the step, by which steps are ordered."""
        return self.source_id, self.step_share, self.label


@dataclass(frozen=True)
class FairnessBound:
    """How far a district's share of the burden may exceed its share of the base, in share of the whole.

        burden of district ÷ burden of all districts ≤ base of district ÷ base of all districts + margin

    is_of_cost: the burden is the cost, and the base is the mean over the pollutants with a target; else the burden is
    the cut of each pollutant with a target. Steps of the whole region count for no district.
    """

    margin_share: float
    is_of_cost: bool = False


@dataclass(frozen=True)
class OptimisationProblem:
    """Candidate steps, base and targets of one region and window.

    base_kg: emission of the whole region, controlled or not; district_base_kg: of each district, by pollutant;
    required_sources: sources of which a step must be chosen.

    Raises:
        InputError: a number is not finite or negative, a cut is larger than the base, a step is repeated, a target has
            no base, or a required source has no step.
    """

    steps: tuple[CandidateStep, ...]
    base_kg: Mapping[str, float]
    target_shares: Mapping[str, float]
    fairness: FairnessBound | None = None
    district_base_kg: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    required_sources: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(sorted(self.steps, key=lambda step: step.key)))
        _check_steps(self.steps)
        _check_amounts("base", self.base_kg.items())
        for district, base in self.district_base_kg.items():
            _check_amounts(f"base of district {district}", base.items())
        _check_targets(self.target_shares, self.base_kg)
        if self.fairness:
            _check_share("margin between districts", self.fairness.margin_share)
        without = sorted(self.required_sources - {step.source_id for step in self.steps})
        if without:
            raise InputError(
                f"source {shorten(without[0])} is required and has no step that can be ordered",
                "remove it from the required sources, or allow it a step",
            )

    @cached_property
    def pollutants(self) -> tuple[str, ...]:
        """The pollutants with a target above zero, in alphabetical order."""
        return tuple(sorted(code for code, share in self.target_shares.items() if share > 0))

    @cached_property
    def costs(self) -> Floats:
        """The cost of each step, (steps,)."""
        return np.array([step.cost for step in self.steps], dtype=float)

    @cached_property
    def share_matrix(self) -> Floats:
        """What each step cuts, as a share of the base of the region, (pollutants, steps)."""
        rows = [[step.cut_kg.get(p, 0.0) / self.base_kg[p] for step in self.steps] for p in self.pollutants]
        return np.array(rows, dtype=float).reshape(len(self.pollutants), len(self.steps))

    @cached_property
    def positions_by_source(self) -> dict[str, list[int]]:
        """The steps of each source, smallest cut first."""
        positions: dict[str, list[int]] = {}
        for position, step in enumerate(self.steps):
            positions.setdefault(step.source_id, []).append(position)
        return positions

    @cached_property
    def cut_kg(self) -> dict[str, Floats]:
        """What each step cuts, (steps,), by pollutant with a base."""
        codes = [code for code, base in sorted(self.base_kg.items()) if base > 0]
        return {code: np.array([step.cut_kg.get(code, 0.0) for step in self.steps], dtype=float) for code in codes}

    @cached_property
    def equal_sources(self) -> list[list[str]]:
        """The sources with equal steps, in order of identifier; a source that is like no other is alone."""
        groups: dict[object, list[str]] = {}
        for source_id, positions in sorted(self.positions_by_source.items()):
            steps = [self.steps[position] for position in positions]
            equal = tuple((s.step_share, s.cost, tuple(sorted(s.cut_kg.items())), s.district_id) for s in steps)
            groups.setdefault((equal, source_id in self.required_sources), []).append(source_id)
        return list(groups.values())

    def total_shares(self, chosen: Iterable[int]) -> dict[str, float]:
        """What the chosen steps cut, as a share of the base, by pollutant with a base; sums are exactly rounded."""
        positions = np.fromiter(chosen, dtype=np.intp)
        return {code: math.fsum(kg[positions].tolist()) / self.base_kg[code] for code, kg in self.cut_kg.items()}

    def total_cost(self, chosen: Iterable[int]) -> float:
        """The cost of the chosen steps."""
        return math.fsum(self.steps[position].cost for position in chosen)


def _check_steps(steps: tuple[CandidateStep, ...]) -> None:
    for step in steps:
        where = f"step {step.step_share:g} of source {shorten(step.source_id)}"
        _check_share(where, step.step_share)
        _check_amounts(where, [("cost", step.cost), *((f"cut of {p}", kg) for p, kg in step.cut_kg.items())])
    for step, following in itertools.pairwise(steps):
        if step.key == following.key:
            what = f"step {step.step_share:g} of source {shorten(step.source_id)} is repeated"
            raise InputError(what, "keep one of the two")


def _check_amounts(where: str, amounts: Iterable[tuple[str, float]]) -> None:
    for name, amount in amounts:
        if not (math.isfinite(amount) and amount >= 0):
            raise InputError(f"{where}, {name} = {amount}: expected a number that is not negative", "correct it")


def _check_share(where: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise InputError(f"{where} = {share}: expected a share between 0 and 1", "write for instance 0.3 for 30 %")


def _check_targets(target_shares: Mapping[str, float], base_kg: Mapping[str, float]) -> None:
    for code, share in target_shares.items():
        _check_share(f"target of {code}", share)
        if share > 0 and not base_kg.get(code, 0.0) > 0:
            what = f"{code} has a target of {share:g} and no emission in the window"
            raise InputError(what, "remove the target, or choose another window")
