"""Data tier of each simulated enterprise (stack monitor, meters only, none) and its district of the power bureau.

Belongs here: the draw of tiers and districts. Does not: meters (power_meters), stacks (industry_truth).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags
from bigdata_emis.demo.plan import draw_lognormal, random_stream

MONITOR, METER, NONE = "monitor", "meter", "none"
UNWATCHED_AT_MOST_SHARE = 0.6
"""Probability that the smallest enterprise without a monitor has no meter; it falls to zero for the largest."""
UNWATCHED_REFERENCE_SD = 0.25
"""Relative error of the registered reference energy of lines that were never metered."""
LEAST_CUSTOMERS = 3
"""An industry with fewer enterprises in a county is reported with the rest of its city."""


def assign_tiers(seed: int, lines: pd.DataFrame, stacks: pd.DataFrame) -> pd.DataFrame:
    """Draw the tier of each line.

    Small simulated enterprises without a monitor may have no meter; their reference energy has a large error.
    """
    random = random_stream(seed, "tiers")
    has_stack = np.zeros(len(lines), dtype=bool)
    has_stack[stacks["line_row"].to_numpy()] = True
    unwatched = _draw_unwatched(random, lines, has_stack)
    tiered = lines.copy()
    tiered["tier"] = np.select([has_stack, unwatched], [MONITOR, NONE], METER)
    error = draw_lognormal(random, UNWATCHED_REFERENCE_SD, len(lines))
    tiered["reference_energy_kwh"] *= np.where(unwatched, error, 1.0)
    return tiered


def _draw_unwatched(random: np.random.Generator, lines: pd.DataFrame, has_stack: Flags) -> Flags:
    size = lines.groupby("enterprise_id")["reference_energy_kwh"].sum()
    watched_ids = set(lines["enterprise_id"].to_numpy()[has_stack]) | set(lines["enterprise_id"][lines["is_real"]])
    by_size = size[~size.index.isin(watched_ids)].sort_values(kind="stable")
    probability = UNWATCHED_AT_MOST_SHARE * (1 - np.arange(len(by_size)) / max(len(by_size), 1))
    chosen = by_size.index[random.random(len(by_size)) < probability]
    return np.asarray(lines["enterprise_id"].isin(chosen))


def assign_districts(enterprise: pd.DataFrame) -> pd.DataFrame:
    """Assign the power bureau's district: the county, or the city if few customers are in it."""
    customers = enterprise.groupby(["county_id", "industry_code"])["enterprise_id"].transform("size")
    return enterprise.assign(
        district_id=np.where(customers >= LEAST_CUSTOMERS, enterprise["county_id"], enterprise["city_name"])
    )
