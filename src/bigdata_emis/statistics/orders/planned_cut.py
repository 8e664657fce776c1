"""The planned cut of one base, from the planned cut of another: an order is a share, whatever it is a share of.

Belongs here: arrays. Does not: which base is right (control, report), the shares of a measure (control/scenario).
"""

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.equations.control import cut_emission_g, cut_share


def plan_without_control(cut: Floats, base: Floats, without_control: Floats, series: Integers) -> Floats:
    """Planned cut of the emission without control, (rows,).

        planned = cut ÷ base × E_without

    The base of a plan that was computed from an inventory may contain the order already. In an hour without emission
    the share is that of the hour before, else of the first one after it: a line that has stopped has no cut, and its
    order is still to stop. A series that emits nothing in all hours shows no share: its planned cut is 0.

    cut, base, without_control: (rows,), in order of series and time. series: number of the series of each row, (rows,).
    """
    has_base = base > 0
    share = np.where(has_base, np.minimum(cut_share(cut, np.where(has_base, base, 1.0)), 1.0), np.nan)
    planned: Floats = np.nan_to_num(cut_emission_g(without_control, _carried(share, series)))
    return planned


def _carried(share: Floats, series: Integers) -> Floats:
    """Each missing share replaced by the one before it of its series, else by the first one after it."""
    places = np.arange(len(share))
    is_known = np.isfinite(share)
    before = np.maximum.accumulate(np.where(is_known, places, -1))
    after = np.minimum.accumulate(np.where(is_known, places, len(share))[::-1])[::-1]
    source = np.where((before >= 0) & (series[np.maximum(before, 0)] == series), before, after)
    inside = np.clip(source, 0, max(len(share) - 1, 0))
    is_own = (source >= 0) & (source < len(share)) & (series[inside] == series)
    carried: Floats = np.where(is_own, share[inside], np.nan)
    return carried
