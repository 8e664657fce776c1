"""The hidden truth of the demonstration: written beside the lake and the region folder, where no stage looks.

Belongs here: where it lies, how it is written and read back. Does not: any comparison (score).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.demo.plan import HOUR_US, HOURS_PER_DAY, REGION_ID, day_start_us
from bigdata_emis.errors import InputError

FOLDER = Path("truth") / REGION_ID
COLUMNS = ("source_id", "sector_code", "pollutant_code")


@dataclass(frozen=True)
class TruthFiles:
    """Writes the truth below one folder."""

    folder: Path

    def emission(self, day: date, parts: list[tuple[pd.DataFrame, "np.typing.NDArray[np.float32]"]]) -> None:
        """True emission of a day: each part names its rows (source, sector, pollutant) and gives grams by row and hour."""
        path = self.folder / "emission_hourly" / f"{day}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        tables = [_long(day, keys, grams) for keys, grams in parts]
        pq.write_table(pa.concat_tables(tables), path, compression="zstd", use_dictionary=list(COLUMNS))

    def activity(
        self, day: date, line_id: "np.typing.NDArray[np.object_]", activity: "np.typing.NDArray[np.float32]"
    ) -> None:
        """True activity of the lines of a day, by line (row) and hour (column)."""
        path = self.folder / "activity_hourly" / f"{day}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        hours = day_start_us(day) + np.arange(HOURS_PER_DAY) * HOUR_US
        table = pa.table(
            {
                "production_line_id": pa.array(line_id.astype(str)).take(
                    pa.array(np.repeat(np.arange(len(line_id)), HOURS_PER_DAY))
                ),
                "hour_utc": pa.array(np.tile(hours, len(line_id))).cast(pa.timestamp("us", tz="UTC")),
                "activity": activity.ravel().astype(float),
            }
        )
        pq.write_table(table, path, compression="zstd", use_dictionary=["production_line_id"])

    def frame(self, name: str, frame: pd.DataFrame) -> None:
        """A small table of the truth, such as who complies and which faults were injected."""
        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")


def read_true_emission(home: Path, day: date) -> pa.Table:
    """The true emission of a local day. Raises InputError when the demonstration was not generated in this home."""
    path = home / FOLDER / "emission_hourly" / f"{day}.parquet"
    if not path.is_file():
        raise InputError(f"{path} is missing", "run `emis demo` first; the truth covers the simulated days only")
    return pq.read_table(path)


def read_true_lines(home: Path) -> pa.Table:
    """What is true of each production line. Raises InputError when the demonstration was not generated in this home."""
    return _read_frame(home, "line")


def read_miscounted_totals(home: Path) -> pa.Table:
    """The totals of the power bureau that were planted wrong (day, district_id, industry_code). Raises InputError as read_true_lines does."""
    return _read_frame(home, "miscounted_total")


def _read_frame(home: Path, name: str) -> pa.Table:
    path = home / FOLDER / f"{name}.parquet"
    if not path.is_file():
        raise InputError(f"{path} is missing", "run `emis demo` first")
    return pq.read_table(path)


def _long(day: date, keys: pd.DataFrame, grams: "np.typing.NDArray[np.float32]") -> pa.Table:
    rows = pa.array(np.repeat(np.arange(len(keys)), HOURS_PER_DAY))
    hours = np.tile(day_start_us(day) + np.arange(HOURS_PER_DAY) * HOUR_US, len(keys))
    columns = {name: pa.array(keys[name].astype(str), pa.string()).take(rows) for name in COLUMNS}
    hour = pa.array(hours).cast(pa.timestamp("us", tz="UTC"))
    return pa.table({**columns, "hour_utc": hour, "truth_emission_g": grams.ravel().astype(float)})
