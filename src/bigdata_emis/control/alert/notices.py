"""Notices of pollution outside the plans: dust, ozone and other gases, with the index that they would have had.

Belongs here: which hours get a notice. Does not: levels (level).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from bigdata_emis.arrays import Flags
from bigdata_emis.control.alert.forecast_index import IndexSeries
from bigdata_emis.control.alert.plan_air import DAY_H, PARTICLES
from bigdata_emis.window import HOUR

POLLUTED_AQI = 100
"""The index above which a day is polluted (HJ 633: category 3 and above)."""


class PollutionCause(StrEnum):
    """What is outside the plans of alerts."""

    DUST = "dust"
    OZONE = "ozone"
    GAS = "gas"


CAUSE_TITLES_ZH = {PollutionCause.DUST: "沙尘", PollutionCause.OZONE: "臭氧", PollutionCause.GAS: "其他气态污染物"}


@dataclass(frozen=True)
class Notice:
    """Pollution that calls for advice and not for the measures of a plan."""

    cause: str
    index_aqi: int
    from_utc: datetime
    to_utc: datetime


def find_notices(series: IndexSeries) -> list[Notice]:
    """One notice for each cause whose index is above that of the plan and above the limit of a polluted day."""
    is_outside = (series.all_aqi > POLLUTED_AQI) & ~(series.aqi >= series.all_aqi)
    is_outside[: series.now] = False
    notices = []
    for cause in PollutionCause:
        of_cause = is_outside & np.array([cause in _causes(primary) for primary in series.all_primary])
        if of_cause.any():
            notices.append(_make_notice(cause, of_cause, series))
    return notices


def _causes(primary: tuple[str, ...]) -> set[PollutionCause]:
    """The causes of primary pollutants."""
    gases = {pollutant: PollutionCause.GAS for pollutant in primary}
    particles = dict.fromkeys(PARTICLES, PollutionCause.DUST)
    return {{**gases, **particles, "O3": PollutionCause.OZONE}[pollutant] for pollutant in primary}


def _make_notice(cause: PollutionCause, of_cause: Flags, series: IndexSeries) -> Notice:
    """The hours of the notice: those of dust, else all hours of the days with the index."""
    covered = np.zeros(len(of_cause), bool)
    for k in np.flatnonzero(of_cause):
        covered[max(k - DAY_H + 1, 0) : k + 1] = True
    if cause == PollutionCause.DUST and (covered & series.is_dust).any():
        covered &= series.is_dust
    known = np.flatnonzero(covered)
    known = known[(known >= series.now) & (known < series.now + series.hours_ahead)]
    first, last = (int(known[0]), int(known[-1])) if known.size else (series.now, series.now)
    peak = int(np.nanmax(np.where(of_cause, series.all_aqi, np.nan)))
    return Notice(cause.value, peak, series.hours[first], series.hours[last] + HOUR)
