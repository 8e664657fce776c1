"""How far the prior of a line is from its activity, learnt on the day from lines that have a model of their own.

Belongs here: the spread by day, and that of a line by its power elasticity. Does not: the prior or the models
(estimate_activity).
"""

from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.codes import Rating

PRIOR_RATING, WIDEST_RATING = Rating.C, Rating.E
RATED_COUNT = 1.0
"""Weight of the rating, in industries of many measured lines (own judgement)."""
LINE_COUNT = 1.0
"""Lines of an industry at which it has half the weight of one of many lines (own judgement)."""
HOUR_SPREAD = pa.schema([("hour_utc", pa.timestamp("us", tz="UTC")), ("working_power_log_sd", pa.float64())])


class RatedSpread(NamedTuple):
    """Standard deviations of ln (activity ÷ prior): without any measured line, and the largest that is claimed."""

    prior: float
    widest: float

    @classmethod
    def read(cls, uncertainty_rating: pa.Table) -> "RatedSpread":
        """From the rating of the prior and the worst rating."""
        share = {row["rating_code"]: row["relative_sd_share"] for row in uncertainty_rating.to_pylist()}
        return cls(*(float(np.sqrt(np.log1p(share[rating] ** 2))) for rating in (PRIOR_RATING, WIDEST_RATING)))


def learn_hour_spread(hours: pa.Table, rated: RatedSpread, time_zone: str) -> pa.Table:
    """The spread of the prior at power elasticity 1 in each hour that has measured lines (HOUR_SPREAD).

        u = ε ln (A_model ÷ A_prior),   s_line² = Σ A_prior u² ÷ Σ A_prior
        s² = (s_rating² + Σ c s_industry²) ÷ (1 + Σ c),   c = n ÷ (n + 1)

    over the hours of a local day. hours: source_id, hour_utc, industry_code, power_elasticity, prior_activity, activity
    by a model of the line itself. n: lines of the industry, whose mean square is s_industry². The rating counts as one
    industry, since a prior that holds in the measured industries may not in others.
    """
    frame = hours.to_pandas()
    frame = frame[(frame["activity"] > 0) & (frame["prior_activity"] > 0)]
    if frame.empty:
        return HOUR_SPREAD.empty_table()
    zone = ZoneInfo(time_zone)
    frame = frame.assign(day=[hour.astimezone(zone).date() for hour in frame["hour_utc"]])
    rows = [
        {"hour_utc": hour.to_pydatetime(), "working_power_log_sd": _day_spread(of_day, rated)}
        for _, of_day in frame.groupby("day", sort=True)
        for hour in sorted(of_day["hour_utc"].unique())
    ]
    return pa.Table.from_pylist(rows, HOUR_SPREAD)


def _day_spread(hours: pd.DataFrame, rated: RatedSpread) -> float:
    weight = hours["prior_activity"]
    error = hours["power_elasticity"] * np.log(hours["activity"] / weight)
    sums = hours.assign(weighted=weight * error**2, weight=weight).groupby(["industry_code", "source_id"], sort=True)
    of_line = sums[["weighted", "weight"]].sum()
    by_industry = (
        (of_line["weighted"] / of_line["weight"]).groupby(level="industry_code", sort=True).agg(["mean", "size"])
    )
    trust = by_industry["size"] / (by_industry["size"] + LINE_COUNT)
    pooled = RATED_COUNT * rated.prior**2 + float((trust * by_industry["mean"]).sum())
    return float(np.sqrt(pooled / (RATED_COUNT + float(trust.sum()))))
