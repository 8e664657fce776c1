"""Tables of annual or monthly statistics: energy, emission, activity and air, read from a folder and checked.

Belongs here: the files, their columns and what is wrong with them. Does not: any analysis.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bigdata_emis.errors import InputError, shorten
from bigdata_emis.text_file import read_csv_rows

PERIOD = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2]))?")
MONTHS = 12
COLUMNS = {
    "energy": ("period", "sector", "fuel", "energy_tj"),
    "emission": ("period", "sector", "fuel", "pollutant", "emission_t"),
    "activity": ("period", "sector", "activity"),
    "air": ("period", "target", "value"),
}
"""Keys, then the value. Periods are years (2015) or months (2015-01)."""
LEAST_AMOUNT, LARGEST_AMOUNT = 1e-9, 1e15
"""No year of a country has smaller or larger amounts in the units of these tables: such a value has another unit."""
REQUIRED = ("energy", "emission")
Key = tuple[str, ...]


@dataclass(frozen=True)
class AnnualTables:
    """Values by key: period, sector and fuel (and pollutant) · period and sector · period and target."""

    energy_tj: Mapping[Key, float]
    emission_t: Mapping[Key, float]
    activity: Mapping[Key, float]
    air: Mapping[Key, float]


def read_annual_tables(folder: Path) -> AnnualTables:
    """The tables of a folder: energy.csv and emission.csv, and activity.csv and air.csv where they are.

    Raises:
        InputError: a file is missing or has other columns, a value is no number or below zero, a period is neither year
            nor month, a key occurs twice, or rows of one table lack those of another.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder", f"give one with {', '.join(f'{name}.csv' for name in COLUMNS)}")
    read = {name: _read_table(folder / f"{name}.csv", name) for name in COLUMNS}
    tables = AnnualTables(read["energy"], read["emission"], read["activity"], read["air"])
    _check_periods(folder, tables)
    _check_emission(folder, tables)
    _check_activity(folder, tables)
    return tables


def _read_table(path: Path, name: str) -> dict[Key, float]:
    if not path.is_file():
        if name in REQUIRED:
            raise InputError(f"{path} is missing", f"it has the columns {', '.join(COLUMNS[name])}")
        return {}
    given = read_csv_rows(path, remark="#", columns=COLUMNS[name])
    place = [given.header.index(column) for column in COLUMNS[name]]
    values: dict[Key, float] = {}
    for line, row in zip(given.lines, given.rows, strict=True):
        *texts, number = (row[at].strip() for at in place)
        where = f"{path}, row {line}"
        key = _checked_key(where, name, tuple(texts))
        if key in values:
            raise InputError(f"{where}: {' '.join(key)} occurs twice", "leave one of the rows out")
        values[key] = _checked_value(where, COLUMNS[name][-1], number)
    if not values:
        raise InputError(
            f"{path} has no rows", "add some, or leave the file out" if name not in REQUIRED else "add some"
        )
    return values


def _checked_key(where: str, name: str, texts: Key) -> Key:
    for column, text in zip(COLUMNS[name], texts, strict=False):
        if not text:
            raise InputError(f"{where}: {column} is empty", "name it in every row")
    if not PERIOD.fullmatch(texts[0]):
        raise InputError(f"{where}, period = {shorten(texts[0])}: expected a year or a month", "write 2015 or 2015-01")
    return texts


def _checked_value(where: str, column: str, text: str) -> float:
    try:
        value = math.nan if "_" in text else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise InputError(
            f"{where}, {column} = {shorten(text)}: expected a number of 0 or more",
            "write 0 where there is none, and a point for decimals",
        )
    if value and not LEAST_AMOUNT <= value <= LARGEST_AMOUNT:
        raise InputError(
            f"{where}, {column} = {shorten(text)}: expected 0, or a number from {LEAST_AMOUNT:g} to {LARGEST_AMOUNT:g}",
            f"check the unit of {column}",
        )
    return value


def _check_periods(folder: Path, tables: AnnualTables) -> None:
    """Refuse years beside months: they would be added to each other."""
    for name, values in (("energy", tables.energy_tj), ("emission", tables.emission_t), ("activity", tables.activity)):
        lengths = {len(key[0]): key[0] for key in values}
        energy_length = len(next(iter(tables.energy_tj))[0])
        if len(lengths) > 1 or (lengths and energy_length not in lengths):
            what = f"{folder / name}.csv has periods such as {', '.join(sorted(lengths.values()))}"
            raise InputError(what, "use either years or months in energy, emission and activity")


def _check_emission(folder: Path, tables: AnnualTables) -> None:
    """Each energy has an emission of every pollutant, and each emission an energy."""
    pollutants = sorted({key[3] for key in tables.emission_t})
    for *cell, pollutant in tables.emission_t:
        if tables.energy_tj.get(tuple(cell), 0.0) == 0 and tables.emission_t[(*cell, pollutant)] > 0:
            what = f"{folder}/emission.csv: {' '.join(cell)} emits {pollutant} but energy.csv has no energy for it"
            raise InputError(what, "add the energy, or leave the emission of other than fuels out")
    for cell_of_energy, energy_tj in tables.energy_tj.items():
        missing = [p for p in pollutants if (*cell_of_energy, p) not in tables.emission_t]
        if energy_tj > 0 and missing:
            what = f"{folder}/energy.csv: {' '.join(cell_of_energy)} has no {missing[0]} in emission.csv"
            raise InputError(what, "add the row, with 0 where the fuel emits none")


def _check_activity(folder: Path, tables: AnnualTables) -> None:
    if not tables.activity:
        return
    for (period, sector, _fuel), energy_tj in tables.energy_tj.items():
        if energy_tj > 0 and tables.activity.get((period, sector), 0.0) == 0:
            what = f"{folder}/activity.csv: {period} {sector} uses energy but has no activity"
            raise InputError(what, "add its activity above 0, or leave activity.csv out")
