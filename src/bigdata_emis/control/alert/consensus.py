"""One level from the levels of several members, with their spread; damping against a level that comes and goes.

Belongs here: which member decides. Does not: the level of one member (level), forecasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bigdata_emis.control.alert.alert_rules import alert_levels
from bigdata_emis.control.alert.level import AlertDecision


class Damping(StrEnum):
    """When a level that members call for is taken: at once, when called twice, or when most members call it."""

    NONE = "none"
    TWICE = "twice"
    MOST = "most"


@dataclass(frozen=True)
class Spread:
    """How many members there are, and what share of them calls for each level or a higher one."""

    member_count: int
    lowest_level: str
    highest_level: str
    call_share: dict[str, float]


def measure_spread(decisions: Sequence[AlertDecision]) -> Spread:
    """The spread of the levels of the members."""
    order = alert_levels()
    ranks = sorted(order.index(decision.level) for decision in decisions)
    shares = {level: sum(rank >= order.index(level) for rank in ranks) / len(ranks) for level in order[1:]}
    return Spread(len(ranks), order[ranks[0]], order[ranks[-1]], shares)


def decide_together(
    decisions: Sequence[AlertDecision], *, damping: str = Damping.NONE, before: Sequence[AlertDecision] = ()
) -> AlertDecision:
    """The decision of the member whose level at least half of all call for; the first of equal ones.

    With damping `most`, more than half must. With `twice`, the level must also be called by the decisions `before`, of
    the forecasts without their newest issue: the lower of both is taken.
    """
    chosen = _at_rank(decisions, _rank(decisions, is_strict=damping == Damping.MOST))
    if damping != Damping.TWICE or not before:
        return chosen
    order = alert_levels()
    earlier = _at_rank(before, _rank(before, is_strict=False))
    return min(chosen, earlier, key=lambda decision: order.index(decision.level))


def _rank(decisions: Sequence[AlertDecision], *, is_strict: bool) -> int:
    """The highest level, as its rank, that at least half (or more than half) of the members call for."""
    ranks = sorted((alert_levels().index(decision.level) for decision in decisions), reverse=True)
    return ranks[len(ranks) // 2 if is_strict else (len(ranks) - 1) // 2]


def _at_rank(decisions: Sequence[AlertDecision], rank: int) -> AlertDecision:
    return next(decision for decision in decisions if alert_levels().index(decision.level) == rank)
