"""Files of the hidden truth of the simulated region, outside the lake and the region folder, where no stage reads.

Belongs here: their place, how they are written and read. Does not: any comparison (score).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.demo.plan import REGION_ID, day_start_us
from bigdata_emis.errors import InputError
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

FOLDER = Path("truth") / REGION_ID
COLUMNS = ("source_id", "sector_code", "pollutant_code")


@dataclass(frozen=True)
class TruthFiles:
    """Writer of the hidden truth below one folder."""

    folder: Path

    def write_emission(self, day: date, parts: list[tuple[pd.DataFrame, "np.typing.NDArray[np.float32]"]]) -> None:
        """Write the true emission of a day.

        parts: frames of the rows (source_id, sector_code, pollutant_code), each with grams, `(rows, hours)`.
        """
        path = self.folder / "emission_hourly" / f"{day}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        tables = [_to_long_table(day, keys, grams) for keys, grams in parts]
        pq.write_table(pa.concat_tables(tables), path, compression="zstd", use_dictionary=list(COLUMNS))

    def write_activity(
        self, day: date, line_id: "np.typing.NDArray[np.object_]", activity: "np.typing.NDArray[np.float32]"
    ) -> None:
        """Write the true activity of a day, `(lines, hours)`."""
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

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write a small table of the truth, such as compliance or the injected faults."""
        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")


def read_true_emission(home: Path, day: date) -> pa.Table:
    """Read the true emission of a local day. Raises InputError when there is none."""
    path = home / FOLDER / "emission_hourly" / f"{day}.parquet"
    if not path.is_file():
        raise InputError(f"{path} is missing", "run `emis demo` first; the truth covers the simulated days only")
    return pq.read_table(path)


def read_true_lines(home: Path) -> pa.Table:
    """Read the truth of each production line. Raises InputError when there is none."""
    return _read_frame(home, "line")


def read_miscounted_totals(home: Path) -> pa.Table:
    """Read the wrong totals of the power bureau: day, district_id, industry_code.

    Raises InputError when the demonstration was not generated here.
    """
    return _read_frame(home, "miscounted_total")


def read_untreated_hours(home: Path) -> pa.Table:
    """Read the hours in which the treatment of a line was off: production_line_id, hour_utc.

    Raises InputError when the demonstration was not generated here.
    """
    return _read_frame(home, "untreated_hour")


def _read_frame(home: Path, name: str) -> pa.Table:
    path = home / FOLDER / f"{name}.parquet"
    if not path.is_file():
        raise InputError(f"{path} is missing", "run `emis demo` first")
    return pq.read_table(path)


def _to_long_table(day: date, keys: pd.DataFrame, grams: "np.typing.NDArray[np.float32]") -> pa.Table:
    rows = pa.array(np.repeat(np.arange(len(keys)), HOURS_PER_DAY))
    hours = np.tile(day_start_us(day) + np.arange(HOURS_PER_DAY) * HOUR_US, len(keys))
    columns = {name: pa.array(keys[name].astype(str), pa.string()).take(rows) for name in COLUMNS}
    hour = pa.array(hours).cast(pa.timestamp("us", tz="UTC"))
    return pa.table({**columns, "hour_utc": hour, "truth_emission_g": grams.ravel().astype(float)})
