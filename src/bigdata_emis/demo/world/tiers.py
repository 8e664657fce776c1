"""How well each enterprise is watched: by a stack monitor, by meters only, or not at all; and under which total of the power bureau it falls.

Belongs here: the draw of tiers and districts. Does not: meters (power), stacks (industry_truth) or totals (bureau).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags
from bigdata_emis.demo.plan import lognormal, stream

MONITOR, METER, NONE = "monitor", "meter", "none"
UNWATCHED_AT_MOST_SHARE = 0.6
"""Chance that the smallest enterprise without a monitor has no meter either; it falls to nothing for the largest."""
UNWATCHED_REFERENCE_SD = 0.25
"""Relative error of the normal energy in the register of lines that nobody ever metered."""
LEAST_CUSTOMERS = 3
"""A trade with fewer enterprises in a county is reported with the rest of its city."""


def with_tiers(seed: int, lines: pd.DataFrame, stacks: pd.DataFrame) -> pd.DataFrame:
    """The lines with their tier; small drawn enterprises without a monitor may have no meter, and their normal energy is a guess."""
    random = stream(seed, "tiers")
    has_stack = np.zeros(len(lines), dtype=bool)
    has_stack[stacks["line_row"].to_numpy()] = True
    unwatched = _unwatched(random, lines, has_stack)
    tiered = lines.copy()
    tiered["tier"] = np.select([has_stack, unwatched], [MONITOR, NONE], METER)
    error = lognormal(random, UNWATCHED_REFERENCE_SD, len(lines))
    tiered["reference_energy_kwh"] *= np.where(unwatched, error, 1.0)
    return tiered


def _unwatched(random: np.random.Generator, lines: pd.DataFrame, has_stack: Flags) -> Flags:
    size = lines.groupby("enterprise_id")["reference_energy_kwh"].sum()
    watched = set(lines["enterprise_id"].to_numpy()[has_stack]) | set(lines["enterprise_id"][lines["is_real"]])
    small = size[~size.index.isin(watched)].sort_values(kind="stable")
    chance = UNWATCHED_AT_MOST_SHARE * (1 - np.arange(len(small)) / max(len(small), 1))
    chosen = small.index[random.random(len(small)) < chance]
    return np.asarray(lines["enterprise_id"].isin(chosen))


def with_districts(enterprise: pd.DataFrame) -> pd.DataFrame:
    """The enterprises with the power bureau's district: their county, or their city where the county has few of their trade."""
    customers = enterprise.groupby(["county_id", "industry_code"])["enterprise_id"].transform("size")
    return enterprise.assign(
        district_id=np.where(customers >= LEAST_CUSTOMERS, enterprise["county_id"], enterprise["city_name"])
    )
