"""Small files in the two layouts of observed air, for the tests of the backtest."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.validate.beijing.data import FILE, FOLDER, POLLUTANTS, WEATHER


def write_stations(
    data: Path, pm25: dict[str, list[float]], *, start: datetime, pm10: Sequence[float] | None = None
) -> None:
    """Hours of stations; other pollutants and the weather are constant."""
    rows = [(name, k, value) for name, values in pm25.items() for k, value in enumerate(values)]
    columns = {name: pa.array([1.0] * len(rows)) for name in (*POLLUTANTS, *WEATHER)}
    columns["PM2.5"] = pa.array([value for _, _, value in rows])
    columns["PM10"] = pa.array([pm10[k] if pm10 else value * 1.3 for _, k, value in rows])
    columns["station"] = pa.array([name for name, _, _ in rows])
    columns["ts_beijing"] = pa.array(
        [(start + timedelta(hours=k)).replace(tzinfo=None) for _, k, _ in rows], pa.timestamp("us")
    )
    columns["wd"] = pa.array(["N"] * len(rows))
    (data / FOLDER).mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), data / FOLDER / FILE)


def write_city(data: Path, city: str, hours: Sequence[tuple[float | None, float | None]]) -> Path:
    """Hours of one city from 2015-12-01 on, as two columns."""
    lines = ["year,month,day,hour,PM_One,PM_Two"]
    for k, values in enumerate(hours):
        at = datetime(2015, 12, 1, tzinfo=UTC) + timedelta(hours=k)
        texts = ["NA" if value is None else str(value) for value in values]
        lines.append(",".join(map(str, (at.year, at.month, at.day, at.hour, *texts))))
    folder = data / "uci_five_cities_pm25"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{city}PM_2013_2015.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path
