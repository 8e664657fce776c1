"""Particles that are dust, which is outside the plans, by ratio, wind and the word of an operator.

Belongs here: which hours are dust, and what remains of their particles. Does not: indices, levels.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from bigdata_emis import reference
from bigdata_emis.arrays import Flags, Floats


class DustWord(StrEnum):
    """What an operator says about the particles; auto leaves it to ratio and wind."""

    AUTO = "auto"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class DustRule:
    """When an hour is dust: least PM10, ratios of PM2.5 to PM10, and wind."""

    least_pm10_ug_per_m3: float
    dust_ratio_share: float
    mixed_ratio_share: float
    dust_wind_m_per_s: float


def read_dust_rule(region_folder: Path | None = None) -> DustRule:
    """The rule of reference table alert_dust."""
    row = reference.read("alert_dust", region_folder).to_pylist()[0]
    return DustRule(*(row[name] for name in DustRule.__dataclass_fields__))


def find_dust(
    pm25: Floats, pm10: Floats, wind_m_per_s: Floats, *, rule: DustRule, word: str = DustWord.AUTO
) -> tuple[Flags, Flags]:
    """The hours whose particles are dust, and those whose coarse part alone is.

    Of the first kind nothing counts for the plan; of the second PM2.5 does. Without PM2.5 only the wind can say so, and
    without wind (NaN) no hour is of the second kind. The word yes makes every hour dust, and no makes none.
    """
    if word == DustWord.YES:
        return np.isfinite(pm25) | np.isfinite(pm10), np.zeros(len(pm10), bool)
    if word == DustWord.NO:
        return np.zeros(len(pm10), bool), np.zeros(len(pm10), bool)
    is_high = pm10 >= rule.least_pm10_ug_per_m3
    is_dust: Flags = is_high & (pm25 <= rule.dust_ratio_share * pm10)
    is_mixed: Flags = is_high & ~is_dust & ((pm25 <= rule.mixed_ratio_share * pm10) | np.isnan(pm25))
    return is_dust, is_mixed & (wind_m_per_s >= rule.dust_wind_m_per_s)
