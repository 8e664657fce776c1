"""Power units by bin of regional load, from AVERT regional data files.

Belongs here: the layout of the files and its traps. Does not: models, scores, characteristics of plants without monitor
(traits).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.validate.data_files import GIVE_FOLDER_OR_YEARS, find_file, require_file, unreadable_file
from bigdata_emis.validate.nys.data import GJ_PER_MMBTU, KWH_PER_MWH

FOLDER = "cems_us_avert"
G_PER_LB = 453.59237
G_PER_SHORT_TON = 907184.74
"""International avoirdupois pound and short ton; NIST SP 811, appendix B.8."""
POLLUTANTS = {"NOx": ("nox_lb", G_PER_LB), "SO2": ("so2_lb", G_PER_LB), "CO2": ("co2_ton", G_PER_SHORT_TON)}
SEASONS = ("oz", "non")
OZONE_MONTHS = (5, 9)
"""First and last month of the season that columns call _oz."""
KEYS = ("region", "state", "lat", "lon", "fuel_type", "orispl_code", "unit_code", "full_name", "load_bin_mw", "gen_mw")
TEXTS = ("region", "state", "fuel_type", "unit_code", "full_name")
HOURS_A_YEAR = 8760.0
BIN_VALUES = (
    "values are EPA's means over the hours of a regional-load bin; generation has no season of its own; "
    "weights are the hours of each bin"
)


@dataclass(frozen=True)
class UnitYear:
    """One year of all units, in arrays (units, bins).

    `unit` has one row per unit. Values are zero where a region has fewer bins.

    `hours[season]`: hours of the year in the bin. `energy_kwh`, `heat_gj[season]` and `emission_g[pollutant,
    season]`: means of one hour in the bin.
    """

    year: int
    unit: pd.DataFrame
    hours: dict[str, Floats]
    energy_kwh: Floats
    heat_gj: dict[str, Floats]
    emission_g: dict[tuple[str, str], Floats]
    has_regional_load: bool

    def mean(self, by_season: dict[str, Floats]) -> Floats:
        """Mean of one hour of a bin over the year, weighted by the hours of each season."""
        whole = self.hours["oz"] + self.hours["non"]
        summed = by_season["oz"] * self.hours["oz"] + by_season["non"] * self.hours["non"]
        return np.asarray(np.divide(summed, whole, out=np.zeros_like(summed), where=whole > 0))

    def emission(self, pollutant: str) -> Floats:
        """Mean emission of one hour of a bin over the year."""
        return self.mean({season: self.emission_g[pollutant, season] for season in SEASONS})

    @property
    def weight_h(self) -> Floats:
        """Hours of the year in each bin."""
        return self.hours["oz"] + self.hours["non"]


def years_present(data: Path) -> tuple[int, ...]:
    """The years that have a file, in order. Raises InputError when there is none."""
    years = {
        int(path.stem.rsplit("_", 1)[1])
        for folder in (data / FOLDER, data)
        for path in folder.glob("unit_by_load_bin_[0-9]*.parquet")
    }
    if not years:
        raise InputError(
            f"{data / FOLDER} holds no unit_by_load_bin_<year>.parquet", "give --data the folder that holds them"
        )
    return tuple(sorted(years))


def read_year(data: Path, year: int) -> UnitYear:
    """All units of a year.

    Raises InputError when the file is missing or unreadable, or lacks a column.
    """
    rows = _read(
        data,
        f"unit_by_load_bin_{year}.parquet",
        (*KEYS, *(f"{name}_{s}" for name in _measured_columns() for s in SEASONS)),
    )
    rows["fuel_type"] = rows["fuel_type"].str.capitalize()
    rows["bin"] = rows.groupby("region")["load_bin_mw"].rank(method="dense").astype(int) - 1
    rows = rows.sort_values(["orispl_code", "unit_code", "bin"]).drop_duplicates(["orispl_code", "unit_code", "bin"])
    unit = rows.drop_duplicates(["orispl_code", "unit_code"])[list(KEYS[:8])].reset_index(drop=True)
    unit_row = np.asarray(rows.groupby(["orispl_code", "unit_code"], sort=True).ngroup(), dtype=np.int64)
    shape = (len(unit), int(rows["bin"].max()) + 1)

    def dense(name: str, factor: float) -> Floats:
        grid = np.zeros(shape)
        grid[unit_row, rows["bin"].to_numpy()] = np.maximum(
            rows[name].fillna(0.0).to_numpy(dtype=np.float64) * factor, 0.0
        )
        return grid

    hours, has_load = _bin_hours(data, year, rows)
    return UnitYear(
        year,
        unit,
        {s: _spread_hours(hours[s], unit_row, rows, shape) for s in SEASONS},
        dense("gen_mw", KWH_PER_MWH),
        {s: dense(f"heat_mmbtu_{s}", GJ_PER_MMBTU) for s in SEASONS},
        {(p, s): dense(f"{name}_{s}", factor) for p, (name, factor) in POLLUTANTS.items() for s in SEASONS},
        has_load,
    )


def _spread_hours(hours: pd.Series, unit_row: Integers, rows: pd.DataFrame, shape: tuple[int, int]) -> Floats:
    """The hours of each unit's bins, which are those of its region."""
    grid = np.zeros(shape)
    key = pd.MultiIndex.from_arrays([rows["region"], rows["bin"]])
    grid[unit_row, rows["bin"].to_numpy()] = hours.reindex(key).fillna(0.0).to_numpy()
    return grid


def _measured_columns() -> tuple[str, ...]:
    return (*(name for name, _ in POLLUTANTS.values()), "heat_mmbtu")


def _read(data: Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    path = require_file(data, FOLDER, name, remedy=GIVE_FOLDER_OR_YEARS)
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as problem:
        raise unreadable_file(path, problem, "give a complete Parquet file") from None
    missing = [column for column in columns if column not in table]
    if missing:
        raise InputError(f"{path}: column '{missing[0]}' is missing", f"it must have {', '.join(columns)}")
    try:
        return pd.DataFrame({c: table[c].astype(str) if c in TEXTS else pd.to_numeric(table[c]) for c in columns})
    except (ValueError, TypeError) as problem:
        raise unreadable_file(path, problem, "give texts and numbers") from None


def _bin_hours(data: Path, year: int, rows: pd.DataFrame) -> tuple[dict[str, pd.Series], bool]:
    """Hours by region and bin, and whether the load file exists.

    Each hour of the fossil load of the region counts for its nearest bin.

    Without the file, or for a region that it lacks, all bins have equal hours.
    """
    bins = rows.groupby("region")["load_bin_mw"].apply(lambda b: np.sort(b.unique()))
    name = f"regional_load_hourly_{year}.parquet"
    has_load = find_file(data, FOLDER, name) is not None
    columns = ("region", "month", "regional_load_mw")
    load = _read(data, name, columns).dropna() if has_load else pd.DataFrame({c: [] for c in columns})
    is_ozone = load["month"].between(*OZONE_MONTHS)
    counts: dict[str, pd.Series] = {}
    for season, chosen in (("oz", is_ozone), ("non", ~is_ozone)):
        part = load[chosen]
        counts[season] = pd.concat(
            {
                r: _count_hours(part.loc[part["region"] == r, "regional_load_mw"].to_numpy(np.float64), b)
                for r, b in bins.items()
            }
        )
    return counts, has_load


def _count_hours(load_mw: Floats, bin_mw: Floats) -> pd.Series:
    if not len(load_mw):
        return pd.Series(HOURS_A_YEAR / len(SEASONS) / len(bin_mw), index=range(len(bin_mw)))
    nearest = np.searchsorted((bin_mw[1:] + bin_mw[:-1]) / 2, load_mw)
    return pd.Series(np.bincount(nearest, minlength=len(bin_mw)).astype(float))
