"""Hourly series of the next days from recent days: weights by age and day type, and intervals from earlier errors.

Belongs here: matrix arithmetic over (series, days, hours of the day). Does not: which days may be used (control).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.statistics.conformal import lower_conformal_quantile, upper_conformal_quantile

RECENCY_SHARE_OF_LEAD = 0.5
"""Age at which the weight of a day has fallen to 1 ÷ e, of the days ahead; chosen on New York units 2017 and 2018."""
OTHER_TYPE_WEIGHT = 0.5
"""Weight of a day of another type against one of the same type; chosen on the same years."""
TAIL_SHARE = 0.05
"""Part of the errors on either side of a 90 % interval."""

WeighDays = Callable[[Integers, Integers, int, int], Floats]
"""Weights of recent days from their numbers and types, the wanted type and the lead, as day_weights gives them."""


@dataclass(frozen=True)
class ProjectedSeries:
    """Series on days to come, (series, days, 24).

    NaN where nothing was measured; the bounds also where no earlier errors are known.
    """

    expected: Floats
    p05: Floats
    p95: Floats


def day_weights(day_numbers: Integers, day_types: Integers, wanted_type: int, lead_d: int) -> Floats:
    """Weight of each recent day for a day `lead_d` days after the newest, (days,).

        w_d = exp(−age ÷ (RECENCY_SHARE_OF_LEAD × lead)) × (1 for the same day type, else OTHER_TYPE_WEIGHT)

    The age counts from the newest day. The next day is much like the last one; further ahead more days count.

    Source: exponential smoothing, Gardner (2006), Int. J. Forecast. 22, 637, doi:10.1016/j.ijforecast.2006.03.005.
    """
    age_d = float(day_numbers.max()) - day_numbers
    weights: Floats = np.exp(-age_d / (RECENCY_SHARE_OF_LEAD * lead_d)) * np.where(
        day_types == wanted_type, 1.0, OTHER_TYPE_WEIGHT
    )
    return weights


def project_series(
    recent: Floats,
    day_numbers: Integers,
    day_types: Integers,
    *,
    wanted_numbers: Integers,
    wanted_types: Integers,
    weigh: WeighDays = day_weights,
) -> ProjectedSeries:
    """Project series to wanted days after the recent ones, with 90 % intervals.

        expected = Σ w_d x_d ÷ Σ w_d    over days d on which the hour was measured

    recent: (series, days, 24), in order of time, not negative. The bounds add conformal quantiles of the errors that
    the same rule made at the same lead on the recent days themselves.
    """
    leads_d = (wanted_numbers - day_numbers.max()).tolist()
    expected = np.stack(
        [
            _weighted_mean(recent, weigh(day_numbers, day_types, int(kind), lead_d))
            for kind, lead_d in zip(wanted_types, leads_d, strict=True)
        ],
        axis=1,
    )
    p05, p95 = (np.full_like(expected, np.nan) for _ in range(2))
    for column, lead_d in enumerate(leads_d):
        errors = _earlier_errors(recent, day_numbers, day_types, lead_d=lead_d, weigh=weigh)
        for row, of_series in enumerate(errors):
            present = of_series[np.isfinite(of_series)]
            if len(present):
                least = min(lower_conformal_quantile(present, TAIL_SHARE), 0.0)
                most = max(upper_conformal_quantile(present, 1 - TAIL_SHARE), 0.0)
                p05[row, column] = np.maximum(expected[row, column] + least, 0.0)
                p95[row, column] = expected[row, column] + most
    return ProjectedSeries(expected, p05, p95)


def _earlier_errors(
    recent: Floats, day_numbers: Integers, day_types: Integers, *, lead_d: int, weigh: WeighDays
) -> Floats:
    """Observed less projected at a lead, for every recent day with a day that long before it, (series, days, 24)."""
    errors = np.full_like(recent, np.nan)
    for position, number in enumerate(day_numbers):
        before = day_numbers <= number - lead_d
        if before.any():
            least_lead_d = int(number - day_numbers[before].max())
            weights = weigh(day_numbers[before], day_types[before], int(day_types[position]), least_lead_d)
            errors[:, position] = recent[:, position] - _weighted_mean(recent[:, before], weights)
    return errors


def _weighted_mean(days: Floats, weights: Floats) -> Floats:
    """Weighted mean over days, (series, 24); NaN where nothing was measured."""
    is_measured = np.isfinite(days)
    weight = (is_measured * weights[None, :, None]).sum(axis=1)
    total = (np.where(is_measured, days, 0.0) * weights[None, :, None]).sum(axis=1)
    mean: Floats = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
    return mean
