"""Whether the totals of the power bureau that were planted wrong were told from those that hold.

Belongs here: planted contradictions against those found. Does not: how well sums agree (score_tiers), the plant itself (bureau).
"""

from pathlib import Path

import pandas as pd

from bigdata_emis.demo.plan import TIME_ZONE, days
from bigdata_emis.demo.truth.score_tiers import CONTRADICTED
from bigdata_emis.demo.truth.truth import read_miscounted_totals
from bigdata_emis.storage.lake import Store

CELL_DAY = ["day", "district_id", "industry_code"]
FOUND_SHARE = 0.5
"""A planted total counts as found when this share of its hours is said to contradict the meters."""


def planted_scores(home: Path, store: Store) -> dict[str, float | int | None]:
    """Over the simulated days that are reconciled: totals planted wrong for a day, the share of them found, and hours called wrong elsewhere.

    What is small beside what nobody meters cannot be found: there total and meters do not contradict each other.
    """
    made = [day for day in days() if day in set(store.days("energy_balance_hourly"))]
    balance = store.read(
        "energy_balance_hourly", made, columns=["district_id", "industry_code", "hour_utc", "balance_code"]
    ).to_pandas()
    return planted_and_found(balance, read_miscounted_totals(home).to_pandas())


def planted_and_found(balance: pd.DataFrame, planted: pd.DataFrame) -> dict[str, float | int | None]:
    """The measures from the account of each cell and hour (many) and the planted cells and days (one a cell and day)."""
    told = balance.assign(
        day=balance["hour_utc"].dt.tz_convert(TIME_ZONE).dt.date.astype(str),
        is_wrong=balance["balance_code"].isin(CONTRADICTED).astype(float),
    )
    told = told.merge(planted[CELL_DAY].assign(is_planted=1.0), on=CELL_DAY, how="left", validate="many_to_one")
    is_planted = told["is_planted"].notna()
    by_cell = told[is_planted].groupby(CELL_DAY)["is_wrong"].mean()
    elsewhere = told.loc[~is_planted, "is_wrong"]
    return {
        "planted_cell_days": len(by_cell),
        "planted_found_share": float((by_cell >= FOUND_SHARE).mean()) if len(by_cell) else None,
        "contradicted_elsewhere_share": float(elsewhere.mean()) if len(elsewhere) else None,
    }
