"""At which share of its normal energy a line without a meter works, when a total tells its kilowatt hours but nobody its normal energy.

Belongs here: what a total says of the pace of a line, apart from what it says of its size. Does not: totals (district_balance), or the
prior of such lines (line_known).
"""

from collections.abc import Mapping

import numpy as np

from bigdata_emis.clean.line_known import Known
from bigdata_emis.clean.line_meters import Flags, Floats


def paced(
    known: Known, energy_kwh: Floats, variance: Floats, *, is_metered: Flags, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:  # fmt: skip
    """The energy that goes with the pace of each line, were its normal energy as registered, and its variance.

    Before the total is looked at a line without a meter has P = normal energy × pace, both uncertain: V = V_pace + V_normal. What the
    total moves it by is shared as the variances are: pace takes V_pace / V of it, and keeps V_pace (1 − V_pace / V × (1 − V_after / V)). A
    metered line goes as it is.

    Source: conditional mean and variance of jointly normal variables.
    """
    before = known.own_variance
    of_pace = np.maximum(before - (parameters["reference_relative_sd"] * np.nan_to_num(known.energy_kwh)) ** 2, 0.0)
    part, left = (np.divide(one, before, out=np.zeros_like(before), where=before > 0) for one in (of_pace, variance))
    moved = known.energy_kwh + part * (energy_kwh - known.energy_kwh)
    kept = of_pace * (1 - part * (1 - np.minimum(left, 1.0)))
    metered = is_metered[:, None]
    return np.where(metered, energy_kwh, moved), np.where(metered, variance, kept)
