"""Plan of the demonstration: its size, its days, its random number streams and the tables that ship with it.

Belongs here: what every part of the generator shares. Does not: the draws of a single feed.
"""

import gzip
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.errors import InputError
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY, day_window

GENERATOR_VERSION = "17"
REGION_ID = "jjj"
TIME_ZONE = "Asia/Shanghai"
FIRST_DAY = date(2015, 12, 13)
LAST_DAY = date(2015, 12, 22)
HTTP_FROM = date(2015, 12, 20)
RED_ALERT_FROM = datetime(2015, 12, 18, 23, tzinfo=UTC)  # 07:00 local on 19 December
SHIPPED = Path(__file__).parent / "data"
QUARTERS_PER_HOUR = 4


@dataclass(frozen=True)
class Size:
    """How large the simulated region is.

    interval_min: interval of the road speeds. drop_suffix: suffix of the dropped feed files. cell_m: width of a cell.
    link_detail: "vehicle" stores the emission of a link by vehicle class, fuel and stage, "link" for its whole fleet.
    """

    name: str
    enterprises: int
    meters: int
    links: int
    cells: int
    workshops: int
    interval_min: int
    drop_suffix: str
    link_detail: str
    cell_m: float


SIZES = {
    "tiny": Size("tiny", 150, 300, 60, 60, 6, 60, "csv.gz", "vehicle", 12_000.0),
    "small": Size("small", 300, 900, 1_000, 400, 30, 15, "csv.gz", "vehicle", 3_000.0),
    "city": Size("city", 2_000, 6_000, 8_000, 3_000, 200, 15, "csv.gz", "link", 3_000.0),
    "province": Size("province", 10_000, 30_000, 50_000, 12_000, 1_000, 60, "parquet", "link", 3_000.0),
}


def find_size(name: str) -> Size:
    """Return the size with this name. Raises InputError when there is none."""
    if name not in SIZES:
        raise InputError(f"size '{name}' of the demonstration is unknown", f"use one of {', '.join(SIZES)}")
    return SIZES[name]


def simulated_days() -> list[date]:
    """Return the local days for which feeds are simulated."""
    return [FIRST_DAY + timedelta(days=i) for i in range((LAST_DAY - FIRST_DAY).days + 1)]


def day_start_us(day: date) -> int:
    """Return the first instant of a local day in microseconds since 1970."""
    return int(day_window(day, TIME_ZONE).from_utc.timestamp()) * 1_000_000


def random_stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one part of the region.

    They depend on the seed and on the name of the part only, so the parts can be drawn in any order.
    """
    return np.random.default_rng([seed, crc32(name.encode())])


def read_shipped(name: str) -> pd.DataFrame:
    """Read a table of demo/data as a copy that the caller may change; identifiers stay text."""
    return _cached_table(name).copy()


@cache
def _cached_table(name: str) -> pd.DataFrame:
    raw = (SHIPPED / name).read_bytes()
    text = gzip.decompress(raw) if name.endswith(".gz") else raw
    return pd.read_csv(io.BytesIO(text), comment="#", dtype={"county_id": str})


def alert_hours() -> Flags:
    """Flag each simulated hour in which the red alert of 19 to 22 December 2015 is in force."""
    start = int((RED_ALERT_FROM.timestamp() * 1_000_000 - day_start_us(FIRST_DAY)) // HOUR_US)
    return np.arange(len(simulated_days()) * HOURS_PER_DAY) >= start


def draw_autocorrelated(
    random: np.random.Generator, count: int, *, steps: int, persistence_share: float
) -> npt.NDArray[np.float32]:
    """Draw standard normal series with first-order autocorrelation, `(count, steps)`.

        x(t) = r × x(t − 1) + sqrt(1 − r²) × e(t)

    r: `persistence_share`. e: independent standard normal numbers.
    """
    series = random.standard_normal((count, steps), dtype=np.float32)
    innovation = np.float32(np.sqrt(1 - persistence_share**2))
    for step in range(1, steps):
        series[:, step] = np.float32(persistence_share) * series[:, step - 1] + innovation * series[:, step]
    return series


def draw_lognormal(random: np.random.Generator, relative_sd: Floats | float, count: int) -> Floats:
    """Draw lognormal factors with mean 1 and the given relative standard deviation, `(count,)`."""
    variance = np.log1p(np.square(np.broadcast_to(np.asarray(relative_sd, dtype=float), (count,))))
    return np.asarray(np.exp(random.standard_normal(count) * np.sqrt(variance) - variance / 2))
