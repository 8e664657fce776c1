"""Detection score of the wrong totals of the power bureau that the simulation planted.

Belongs here: planted against detected contradictions. Does not: agreement of sums (score_tiers), the planting (bureau).
"""

from pathlib import Path

import pandas as pd

from bigdata_emis.demo.plan import TIME_ZONE, simulated_days
from bigdata_emis.demo.truth.score_tiers import CONTRADICTED
from bigdata_emis.demo.truth.truth import read_miscounted_totals
from bigdata_emis.storage.lake import Store

CELL_DAY = ["day", "district_id", "industry_code"]
DETECTED_SHARE = 0.5
"""A planted total counts as detected when this share of its hours is reported to contradict the meters."""


def score_planted_totals(home: Path, store: Store) -> dict[str, float | int | None]:
    """Score the detection of planted totals over the simulated days that are reconciled.

    An error that is small against the unmetered energy cannot be detected: the total does not contradict the meters.
    """
    reconciled = [day for day in simulated_days() if day in set(store.days("energy_balance_hourly"))]
    balance = store.read(
        "energy_balance_hourly", reconciled, columns=["district_id", "industry_code", "hour_utc", "balance_code"]
    ).to_pandas()
    return compare_planted_with_detected(balance, read_miscounted_totals(home).to_pandas())


def compare_planted_with_detected(balance: pd.DataFrame, planted: pd.DataFrame) -> dict[str, float | int | None]:
    """Compare the balance of each cell and hour with the planted cells and days.

    planted_cell_days: planted totals. planted_found_share: detected share of them.
    contradicted_elsewhere_share: share of the other hours that are reported as contradiction, that is false alarms.
    Join: many hours to one cell and day.
    """
    hours = balance.assign(
        day=balance["hour_utc"].dt.tz_convert(TIME_ZONE).dt.date.astype(str),
        is_wrong=balance["balance_code"].isin(CONTRADICTED).astype(float),
    )
    hours = hours.merge(planted[CELL_DAY].assign(is_planted=1.0), on=CELL_DAY, how="left", validate="many_to_one")
    is_planted = hours["is_planted"].notna()
    by_cell = hours[is_planted].groupby(CELL_DAY)["is_wrong"].mean()
    elsewhere = hours.loc[~is_planted, "is_wrong"]
    return {
        "planted_cell_days": len(by_cell),
        "planted_found_share": float((by_cell >= DETECTED_SHARE).mean()) if len(by_cell) else None,
        "contradicted_elsewhere_share": float(elsewhere.mean()) if len(elsewhere) else None,
    }
