"""Files of Beijing stations with simulated air and weather."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.validate.beijing.data import FILE

START, HOURS = datetime(2014, 7, 1, tzinfo=UTC), 24 * 550


def station_table(name: str, seed: int, hours: int = HOURS) -> pa.Table:
    """PM2.5 falls with wind and O3 depends on the hour; other weather is noise, other pollutants are missing."""
    rng = np.random.default_rng(seed)
    wind = np.abs(np.convolve(rng.standard_normal(hours + 23), np.ones(24) / 5, "valid"))
    numbers = {
        "PM2.5": 150 - 30 * wind + 5 * rng.standard_normal(hours),
        "O3": 60 + 20 * np.sin(np.arange(hours) * 2 * np.pi / 24) + rng.standard_normal(hours),
        **{pollutant: [None] * hours for pollutant in ("PM10", "SO2", "NO2", "CO")},
        "WSPM": wind,
        **{variable: rng.standard_normal(hours) for variable in ("TEMP", "DEWP", "PRES", "RAIN")},
    }
    times = [(START + timedelta(hours=n)).replace(tzinfo=None) for n in range(hours)]
    return pa.table(
        {
            **{key: pa.array(value, pa.float64()) for key, value in numbers.items()},
            "station": [name] * hours,
            "wd": ["NNE", None] * (hours // 2),
            "ts_beijing": pa.array(times, pa.timestamp("us")),
        }
    )


def write_stations(folder: Path, *tables: pa.Table) -> None:
    pq.write_table(pa.concat_tables(tables), folder / FILE)
