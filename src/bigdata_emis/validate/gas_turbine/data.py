"""Hourly load, weather and stack concentrations of a gas turbine, in order of time.

Belongs here: the layout of the files and its traps. Does not: models or scores.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.validate.data_files import GIVE_FOLDER_OR_YEARS, require_file, unreadable_file

FOLDER = "uci_gas_turbine_cems"
INPUTS = ("TEY", "AT", "AP", "AH")
"""Energy yield (MWh), air temperature (degC), pressure (mbar) and humidity (%): what is known from outside the unit."""
TARGETS = {"NOx": "NOX", "CO": "CO"}
HOURS_A_YEAR = 8760
MIN_ROWS = 96
"""Rows of a year below which a quarter of them is less than a day."""


@dataclass(frozen=True)
class TurbineRows:
    """Rows in order of time.

    `inputs` (rows, 5): load, weather (3), and the change of load since the row before. `truth`: concentration in
    mg/m³ by pollutant, (rows,).
    """

    year: Integers
    hour_number: Integers
    inputs: Floats
    truth: dict[str, Floats]


def read_turbine(data: Path, years: tuple[int, ...]) -> TurbineRows:
    """The rows of some years, oldest first.

    Rows have no time stamp, and hours are missing without a trace: an hour is a row, so "a day" is 24 rows. Numbering
    continues from year to year; a year left out in between skips 8,760 numbers.

    Raises InputError when a file is missing, unreadable or short, lacks a column, or holds what is not a number.
    """
    tables = {year: _read_year(data, year) for year in sorted(years)}
    starts: dict[int, int] = {}
    following, previous = 0, min(tables)
    for year, table in tables.items():
        starts[year] = following + HOURS_A_YEAR * max(year - previous - 1, 0)
        following, previous = starts[year] + len(table), year
    whole = pd.concat(tables.values(), ignore_index=True)
    load_weather = whole[list(INPUTS)].to_numpy(dtype=np.float64)
    change = np.diff(load_weather[:, 0], prepend=load_weather[0, 0])
    return TurbineRows(
        year=np.concatenate([np.full(len(table), year, dtype=np.int64) for year, table in tables.items()]),
        hour_number=np.concatenate(
            [starts[year] + np.arange(len(table), dtype=np.int64) for year, table in tables.items()]
        ),
        inputs=np.column_stack([load_weather, change]),
        truth={name: whole[column].to_numpy(dtype=np.float64) for name, column in TARGETS.items()},
    )


def _read_year(data: Path, year: int) -> pd.DataFrame:
    path = require_file(data, FOLDER, f"gt_{year}.csv.gz", remedy=GIVE_FOLDER_OR_YEARS)
    try:
        # Some years have blanks in the header.
        table = pd.read_csv(path, skipinitialspace=True).rename(columns=str.strip)
        numbers = table[[*INPUTS, *TARGETS.values()]].astype(float)
    except KeyError as problem:
        raise InputError(
            f"{path}: column {problem} is missing", f"it must have {', '.join((*INPUTS, *TARGETS.values()))}"
        ) from None
    except (OSError, EOFError, ValueError) as problem:
        raise unreadable_file(path, problem, "give a complete CSV file of hourly rows") from None
    if len(numbers) < MIN_ROWS:
        raise InputError(
            f"{path}: {len(numbers)} rows are fewer than {MIN_ROWS}", "give a complete year of hourly rows"
        )
    return numbers
