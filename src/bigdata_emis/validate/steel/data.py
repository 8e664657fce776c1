"""Fifteen-minute electricity of a steel plant with its load type.

Belongs here: the layout of the file and its traps, and the inputs of a quarter. Does not: models or scores.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.validate.data_files import require_file, unreadable_file

FOLDER, NAME = "uci_steel_industry_energy", "Steel_industry_data.csv.gz"
POWER = (
    "Usage_kWh",
    "Lagging_Current_Reactive_Power_kVarh",
    "Leading_Current_Reactive_Power_kVarh",
    "Lagging_Current_Power_Factor",
    "Leading_Current_Power_Factor",
)
CLASSES = ("Light_Load", "Medium_Load", "Maximum_Load")
QUARTERS_A_DAY, MINUTES = 96, 15
LAGS = (1, 2, 4, -1, -2, -4)
WINDOWS = (5, 13, 49)
"""Widths, in quarters, of the centred means of power: about one, three and twelve hours."""
DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Quarters:
    """Quarters of an hour in order of time: label and inputs.

    `power` and `clock` have the shape (quarters, inputs).
    """

    day: Integers
    month: Integers
    quarter: Integers
    weekday: Integers
    label: Integers
    energy_kwh: Floats
    power: Floats
    clock: Floats

    def where(self, chosen: Flags) -> "Quarters":
        """The chosen quarters; inputs taken from neighbouring quarters are unchanged."""
        return Quarters(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def read_quarters(data: Path) -> Quarters:
    """All labelled quarters of the file.

    A time stamp is the end of its quarter; 00:00 ends the day of its date.

    Raises InputError when the file is missing or unreadable, lacks a column, or holds an unknown label or time stamp.
    """
    path = require_file(data, FOLDER, NAME)
    try:
        raw = pd.read_csv(path)
        rows = _parse_rows(raw)
    except KeyError as problem:
        raise InputError(
            f"{path}: column {problem} is missing", f"it must have date, Load_Type, {', '.join(POWER)}"
        ) from None
    except (OSError, EOFError, ValueError) as problem:
        raise unreadable_file(path, problem, "give a complete CSV file of 15-minute rows") from None
    return _arrange_quarters(rows)


def _parse_rows(raw: pd.DataFrame) -> pd.DataFrame:
    stamp = pd.to_datetime(raw["date"], format="%d-%m-%Y %H:%M")
    minute = (stamp.dt.hour * 60 + stamp.dt.minute - MINUTES) % (QUARTERS_A_DAY * MINUTES)
    unknown = sorted(set(raw["Load_Type"]) - set(CLASSES))
    if unknown:
        raise ValueError(f"load type '{unknown[0]}' is unknown")
    columns: dict[str, Any] = {name: raw[name].astype(float) for name in POWER}
    return pd.DataFrame(
        {
            "start": stamp.dt.normalize() + pd.to_timedelta(minute, unit="min"),
            "label": raw["Load_Type"].map(CLASSES.index),
            **columns,
        }
    )


def _arrange_quarters(rows: pd.DataFrame) -> Quarters:
    """Quarters on a grid without gaps, so that neighbours are neighbours in time.

    Quarters without a row are dropped at the end.
    """
    unique = rows.drop_duplicates("start").set_index("start").sort_index()
    whole = pd.date_range(
        unique.index[0].normalize(), unique.index[-1].normalize() + pd.Timedelta(days=1), freq="15min", inclusive="left"
    )
    grid = unique.reindex(whole)
    day = np.arange(len(grid)) // QUARTERS_A_DAY
    quarter = np.arange(len(grid)) % QUARTERS_A_DAY
    energy = grid["Usage_kWh"].to_numpy(dtype=np.float64)
    times = pd.DatetimeIndex(grid.index)
    is_labelled = grid["label"].notna().to_numpy() & np.isfinite(energy)
    quarters = Quarters(
        day=day,
        month=times.month.to_numpy(np.int64),
        quarter=quarter,
        weekday=times.dayofweek.to_numpy(np.int64),
        label=grid["label"].fillna(-1).to_numpy(np.int64),
        energy_kwh=energy,
        power=_power_inputs(grid, energy),
        clock=_clock_inputs(times, energy, quarter),
    )
    return quarters.where(is_labelled)


def _power_inputs(grid: pd.DataFrame, energy: Floats) -> Floats:
    """Electricity of the quarter and its neighbours, and the means around it; nothing of the clock."""
    series = pd.Series(energy)
    columns = [grid[name].to_numpy(dtype=np.float64) for name in POWER]
    columns += [series.shift(lag).to_numpy() for lag in LAGS]
    return np.column_stack(
        [*columns, *(series.rolling(width, center=True, min_periods=1).mean().to_numpy() for width in WINDOWS)]
    )


def _clock_inputs(times: pd.DatetimeIndex, energy: Floats, quarter: Integers) -> Floats:
    """Quarter of the day, day of the week, days from the turn of the year (season), and three values of the whole day.

    The last three are mean power, mean power in daylight hours, and the share of quarters above twice the 10th
    percentile of the day. They are known when the day is over.
    """
    daily = pd.DataFrame(energy.reshape(-1, QUARTERS_A_DAY))
    by_day = np.column_stack(
        [
            daily.mean(axis=1),
            daily.iloc[:, 36:80].mean(axis=1),
            daily.gt(2 * daily.quantile(0.1, axis=1), axis=0).mean(axis=1),
        ]
    )
    of_year = times.dayofyear.to_numpy(dtype=np.float64)
    calendar = np.column_stack([quarter, times.dayofweek, np.minimum(of_year, DAYS_A_YEAR - of_year)])
    return np.hstack([calendar, np.repeat(by_day, QUARTERS_A_DAY, axis=0)])
