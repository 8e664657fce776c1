"""Files of a road counter with simulated hours."""

from pathlib import Path

import numpy as np
import pandas as pd

FIRST = "2015-01-05"
"""A Monday, the first day of 2015-W02."""


def counter_table(weeks: int, *, first: str = FIRST, noise: float = 60.0) -> pd.DataFrame:
    """Counts that follow the hour of the week; rain lowers them by a fifth, holidays by half."""
    times = pd.date_range(first, periods=weeks * 168, freq="h")
    rng = np.random.default_rng(5)
    hour, is_weekend = times.hour.to_numpy(), times.dayofweek.to_numpy() > 4
    is_wet = (rng.random(weeks * 14) < 0.2).repeat(12)
    is_holiday = (times.month == 1) & (times.day == 19) | (times.month == 2) & (times.day == 16)
    volume = (3000 + 2000 * np.sin((hour - 8) / 24 * 2 * np.pi)) * np.where(is_weekend, 0.7, 1.0)
    volume = volume * np.where(is_wet, 0.8, 1.0) * np.where(is_holiday, 0.5, 1.0) + rng.normal(0, noise, len(times))
    names = np.where(is_holiday & (hour == 0), "Some Holiday", "None")
    return pd.DataFrame(
        {
            "holiday": names,
            "temp": 280.0 + 5 * np.sin(hour / 24 * 2 * np.pi),
            "rain_1h": np.where(is_wet, 2.0, 0.0),
            "snow_1h": 0.0,
            "clouds_all": np.where(is_wet, 90, 20),
            "weather_main": np.where(is_wet, "Rain", "Clear"),
            "weather_description": np.where(is_wet, "light rain", "sky is clear"),
            "date_time": times.strftime("%Y-%m-%d %H:%M:%S"),
            "traffic_volume": volume.round(),
        }
    )


def write_counter(folder: Path, table: pd.DataFrame) -> Path:
    """Write the file of the counter below `folder`, which is returned."""
    (folder / "uci_metro_interstate_traffic").mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "uci_metro_interstate_traffic" / "Metro_Interstate_Traffic_Volume.csv.gz", index=False)
    return folder
