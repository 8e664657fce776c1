"""File of a steel plant with simulated electricity."""

from pathlib import Path

import numpy as np
import pandas as pd

from bigdata_emis.validate.steel.data import NAME, POWER

LABELS = np.array(["Light_Load", "Medium_Load", "Maximum_Load"])


def write_plant(folder: Path, *, days: int = 59, drop: str = "", label: str = "") -> None:
    """Light load by night and on Sundays, medium by day, maximum in the morning; power follows the load type."""
    stamp = pd.date_range("2018-01-01 00:15", periods=days * 96, freq="15min")
    start = stamp - pd.Timedelta(minutes=15)
    works = (start.dayofweek < 6).astype(int)
    state = (
        works
        * ((start.hour >= 8).astype(int) + ((start.hour >= 9) & (start.hour < 12)).astype(int))
        * (start.hour < 22)
    )
    energy = np.array([3.0, 40, 60])[state] * np.exp(np.random.default_rng(1).normal(0, 0.3, len(start)))
    # The file writes the last quarter of a day as 00:00 of that same day.
    rows = pd.DataFrame(
        {"date": [f"{s:%d-%m-%Y} {e:%H:%M}" for s, e in zip(start, stamp, strict=True)], "Load_Type": LABELS[state]}
    )
    rows = rows.assign(**{name: energy for name in POWER}).drop(columns=[drop] if drop else [])
    if label:
        rows.loc[0, "Load_Type"] = label
    rows.to_csv(folder / NAME, index=False)
