"""How sure one may be that a model breaks its promise, or that one model beats another.

Belongs here: tests on daily outcomes, pure arithmetic. Does not: what is done about it (relate).
"""

from math import comb

import numpy as np

from bigdata_emis.arrays import Floats, Integers

STAKES = (0.5, 1.0, 2.0, 4.0)
"""Stakes of the bet; their mean is a bet of its own, so none needs to be chosen by the data."""
DAY_H = 24


def betting_capital(outcome_shares: Floats, promised_share: float) -> float:
    """The largest capital ever reached by betting, day after day, that outcomes exceed the promised mean; 1 is where it starts.

    capital = mean over stakes of prod (1 + stake × (outcome - promised)). While the expected outcome of each day, given all
    before, keeps to the promise, the capital reaches c with a probability of at most 1 / c, however often one looks and
    however the hours of a day hang together. Outcomes and promise lie in 0 to 1.

    Source: Waudby-Smith & Ramdas 2024, J. R. Stat. Soc. B 86, 1, section 4; Ville's inequality.
    """
    if not len(outcome_shares):
        return 1.0
    steps = 1 + np.asarray(STAKES)[:, None] * (outcome_shares[None, :] - promised_share)
    return max(1.0, float(np.cumprod(steps, axis=1).mean(axis=0).max()))


def chance_of_wins(wins: int, days: int) -> float:
    """The probability of at least so many wins in so many days when neither is better (one-sided sign test)."""
    return sum(comb(days, k) for k in range(wins, days + 1)) / 2**days if days else 1.0


def daily_means(value: Floats, hour_number: Integers) -> Floats:
    """The mean of each day (UTC) that has values, in order of time."""
    _, at = np.unique(hour_number // DAY_H, return_inverse=True)
    return (
        np.asarray(np.bincount(at, weights=value) / np.maximum(np.bincount(at), 1), dtype=np.float64)
        if len(value)
        else np.empty(0)
    )
