"""Sequential tests of a model in service: has it broken its promised error rate, and does another model beat it?

Belongs here: tests on daily outcomes, pure arithmetic. Does not: what follows from a test (relate/models).
"""

from math import comb

import numpy as np

from bigdata_emis.arrays import Floats, Integers

STAKES = (0.5, 1.0, 2.0, 4.0)
"""Stakes of the bet; the mean over stakes is itself a valid bet, so the data need not choose one."""
DAY_H = 24


def betting_capital(outcome_shares: Floats, promised_share: float) -> float:
    """Largest capital reached by betting, day by day, that outcomes exceed the promised mean.

        capital = mean over stakes of Π (1 + stake × (outcome − promised))

    It starts at 1. As long as the expected outcome of each day, given all days before, does not exceed the promise,
    the capital ever reaches c with a probability of at most 1 / c. This holds however often one looks, and for any
    dependence between the hours of a day. `outcome_shares` is `(days,)`; outcomes and promise lie in 0–1.

    Source: Waudby-Smith and Ramdas (2024), J. R. Stat. Soc. B 86, 1, section 4; Ville's inequality.
    """
    if not len(outcome_shares):
        return 1.0
    steps = 1 + np.asarray(STAKES)[:, None] * (outcome_shares[None, :] - promised_share)
    return max(1.0, float(np.cumprod(steps, axis=1).mean(axis=0).max()))


def sign_test_p_value(wins: int, days: int) -> float:
    """Probability of at least so many wins if neither model is better (one-sided sign test)."""
    return sum(comb(days, k) for k in range(wins, days + 1)) / 2**days if days else 1.0


def daily_means(value: Floats, hour_number: Integers) -> Floats:
    """Mean of each UTC day that has values, in order of time."""
    _, day = np.unique(hour_number // DAY_H, return_inverse=True)
    return (
        np.asarray(np.bincount(day, weights=value) / np.maximum(np.bincount(day), 1), dtype=np.float64)
        if len(value)
        else np.empty(0)
    )
