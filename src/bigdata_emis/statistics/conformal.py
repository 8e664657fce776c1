"""Conformal quantiles: order statistics that also hold for the next, unseen value.

Belongs here: ranks and quantiles of one sample of scores. Does not: which scores are ranked, or weighted quantiles.
"""

import numpy as np

from bigdata_emis.arrays import Floats


def conformal_rank(count: int, coverage_share: float) -> int:
    """Rank (from 1) of the score that a further score stays below with this probability.

        rank = ceil(coverage × (n + 1))

    It assumes that the further score is exchangeable with the `count` known ones. A rank above `count` means that
    there are too few scores for this coverage.

    Source: Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, Springer, chapter 2.
    """
    return int(np.ceil(coverage_share * (count + 1)))


def upper_conformal_quantile(scores: Floats, coverage_share: float) -> float:
    """Score that a further score stays below with this probability.

    If there are too few scores, it is the largest of them.

    Source: as for conformal_rank.

    Raises:
        ValueError: there are no scores.
    """
    ordered = _ordered(scores)
    rank = conformal_rank(len(ordered), coverage_share)
    return float(ordered[min(max(rank, 1), len(ordered)) - 1])


def lower_conformal_quantile(scores: Floats, below_share: float) -> float:
    """Score that a further score falls below with this probability.

        rank = floor(below × (n + 1))

    If there are too few scores, it is the smallest of them.

    Source: as for conformal_rank.

    Raises:
        ValueError: there are no scores.
    """
    ordered = _ordered(scores)
    rank = int(np.floor(below_share * (len(ordered) + 1)))
    return float(ordered[max(rank - 1, 0)])


def scaled_conformal_bounds(
    value: Floats, spread: Floats, scores: Floats, *, coverage_share: float = 0.9
) -> tuple[Floats, Floats]:
    """Lower and upper bound of estimates whose errors grow with an expected spread.

        scores = (truth − estimate) / spread of calibration rows
        bounds = value + spread × quantiles of the scores

    Both tails are cut alike.

    Source: Lei et al. (2018), J. Am. Stat. Assoc. 113, 1094, section 5.2, doi:10.1080/01621459.2017.1307116.

    Raises:
        ValueError: there are no scores.
    """
    tail = (1 - coverage_share) / 2
    low, high = lower_conformal_quantile(scores, tail), upper_conformal_quantile(scores, 1 - tail)
    return value + spread * low, value + spread * high


def _ordered(scores: Floats) -> Floats:
    if not len(scores):
        raise ValueError("a conformal quantile of no scores: expected at least one - check the sample before")
    return np.sort(scores)
