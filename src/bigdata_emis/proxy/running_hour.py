"""The hour that is still running, of which no later load is known: how much a model loses that was taught by days that are over.

Belongs here: a series without what comes after each hour. Does not: models, or what is known before.
"""

from dataclasses import replace

import numpy as np

from bigdata_emis.proxy.series import AHEAD_H, LineSeries


def without_later(series: LineSeries) -> LineSeries:
    """Each hour as if it were the last one known: later loads are its own, a stop or start to come is beyond the horizon."""
    beyond = np.full(len(series.energy_kwh), float(AHEAD_H))
    later = np.repeat(series.energy_kwh[:, None], series.later_kwh.shape[1], axis=1)
    return replace(series, next_kwh=series.energy_kwh, later_kwh=later, hours_to_stop=beyond, hours_to_start=beyond)
