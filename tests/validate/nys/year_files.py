"""Files of New York units with simulated hours."""

from pathlib import Path

import numpy as np
import pandas as pd


def write_year(folder: Path, year: int, *, noise_mmbtu: float = 1.0, drop: str = "") -> None:
    """Ten days of two units: One runs by day with linear heat input, Idle never runs; some rows are unusable."""
    rng = np.random.default_rng(year)
    hours = pd.date_range(f"{year}-03-01", periods=240, freq="h")
    load = np.where(hours.hour < 6, 0.0, 100.0 + 20 * rng.integers(0, 5, len(hours)))
    heat = np.where(load > 0, 200 + 8 * load + rng.normal(0, noise_mmbtu, len(hours)), 0.0)
    unit = pd.DataFrame(
        {"ts_local": hours, "unit_name": "One", "ptid": 7, "gross_load_mw": load, "heat_input_mmbtu": heat}
    )
    idle = unit.assign(unit_name="Idle", gross_load_mw=0.0, heat_input_mmbtu=0.0)
    without_time = unit.head(1).assign(ts_local=pd.NaT)
    table = pd.concat([unit, idle, without_time, unit.tail(2)]).drop(columns=drop or [])
    table.to_parquet(folder / f"thermal_hourly_{year}.parquet", index=False)
