"""Files of I/O API 3.2 in netCDF classic (64-bit offset): header, time flags, and variables of 16-character names.

Belongs here: how such a file is written and read back. Does not: which species it holds (ioapi_gridded, cmaq_inline).

**Source**: I/O API 3.2 user manual, "Anatomy of a data file" and FDESC3 (attributes, widths, missing values).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np

NAME_WIDTH, LINE_WIDTH, LINES = 16, 80, 60
GRDDED3 = 1
MISSING_TYPE, MISSING_REAL = -9999, -9.999e36
HOURLY, NO_STEP = 10000, 0
FORMAT = "NETCDF3_64BIT_OFFSET"
"""Classic netCDF with 64-bit offsets, which I/O API reads and which holds files above 2 GB."""


class IoapiVariable(NamedTuple):
    """A variable: name, unit, description and whether it holds whole numbers."""

    name: str
    unit: str
    description: str
    is_integer: bool = False


@dataclass(frozen=True)
class IoapiHeader:
    """What the global attributes of a file say besides its variables.

    known_utc: the time stamp of the file; written is not now, so that the same inventory gives the same bytes.
    more: attributes of this project, which I/O API passes over.
    """

    grid: Mapping[str, float]
    grid_name: str
    start_utc: datetime
    steps: int
    step: int
    known_utc: datetime
    description: Sequence[str]
    more: Mapping[str, str]


Values = Iterable[tuple[str, Any]]


def write_ioapi(path: Path, header: IoapiHeader, variables: Sequence[IoapiVariable], values: Values) -> None:
    """Write a file; values gives each variable's array (steps, rows, columns) once, in any order.

    Each array is written as it comes, so that one field at a time is in memory.
    """
    with netCDF4.Dataset(path, "w", format=FORMAT) as file:
        file.set_fill_off()
        for name, size in _dimensions(header, len(variables)).items():
            file.createDimension(name, size)
        file.setncatts(_attributes(header, variables))
        flags = file.createVariable("TFLAG", "i4", ("TSTEP", "VAR", "DATE-TIME"))
        flags.setncatts(_names("TFLAG", "<YYYYDDD,HHMMSS>", "Timestep-valid flags:  (1) YYYYDDD or (2) HHMMSS"))
        for variable in variables:
            kind = "i4" if variable.is_integer else "f4"
            created = file.createVariable(variable.name, kind, ("TSTEP", "LAY", "ROW", "COL"))
            created.setncatts(_names(*variable[:3]))
        flags[:] = _time_flags(header, len(variables))
        for name, array in values:
            file.variables[name][:] = np.asarray(array)[:, np.newaxis]


def read_amounts(path: Path, *, steps: int, seconds: float) -> dict[str, float]:
    """The sum over the first steps of every real variable of a file, × seconds: from rates to amounts.

    It reads the file anew, in double precision, so that it also finds what was written wrongly.
    """
    with netCDF4.Dataset(path, "r") as file:
        file.set_auto_mask(False)
        return {
            name: float(np.sum(variable[:steps], dtype=np.float64)) * seconds
            for name, variable in file.variables.items()
            if name != "TFLAG" and variable.dtype.kind == "f"
        }


def fixed_text(text: str, width: int) -> str:
    """A text of exactly this width in ASCII, padded with blanks; other characters become question marks."""
    return text.encode("ascii", "replace").decode().ljust(width)[:width]


def date_number(at: datetime) -> int:
    """A day as YYYYDDD, as I/O API writes it."""
    return int(at.astimezone(UTC).strftime("%Y%j"))


def time_number(at: datetime) -> int:
    """A time of the day as HHMMSS, as I/O API writes it."""
    return int(at.astimezone(UTC).strftime("%H%M%S"))


def _dimensions(header: IoapiHeader, variable_count: int) -> dict[str, int | None]:
    return {
        "TSTEP": None,
        "DATE-TIME": 2,
        "LAY": 1,
        "VAR": variable_count,
        "ROW": int(header.grid["NROWS"]),
        "COL": int(header.grid["NCOLS"]),
    }


def _attributes(header: IoapiHeader, variables: Sequence[IoapiVariable]) -> dict[str, Any]:
    """The global attributes in the order in which I/O API writes them."""
    stamp_date, stamp_time = np.int32(date_number(header.known_utc)), np.int32(time_number(header.known_utc))
    first = header.start_utc
    timed = header.step != NO_STEP
    times = {
        "SDATE": np.int32(date_number(first) if timed else 0),
        "STIME": np.int32(time_number(first) if timed else 0),
        "TSTEP": np.int32(header.step),
    }
    return {
        "IOAPI_VERSION": fixed_text("written by bigdata_emis as I/O API 3.2", LINE_WIDTH),
        "EXEC_ID": fixed_text("bigdata_emis", LINE_WIDTH),
        "FTYPE": np.int32(GRDDED3),
        **{name: stamp_date for name in ("CDATE",)},
        **{"CTIME": stamp_time, "WDATE": stamp_date, "WTIME": stamp_time},
        **times,
        "NTHIK": np.int32(1),
        **_grid_attributes(header.grid, len(variables)),
        "VGTYP": np.int32(MISSING_TYPE),
        "VGTOP": np.float32(MISSING_REAL),
        "VGLVLS": np.zeros(2, dtype=np.float32),
        "GDNAM": fixed_text(header.grid_name, NAME_WIDTH),
        "UPNAM": fixed_text("BIGDATA_EMIS", NAME_WIDTH),
        "VAR-LIST": "".join(fixed_text(variable.name, NAME_WIDTH) for variable in variables),
        "FILEDESC": "".join(fixed_text(line, LINE_WIDTH) for line in list(header.description)[:LINES]),
        "HISTORY": fixed_text("", LINE_WIDTH),
        **{name: text.encode("ascii", "replace").decode() for name, text in header.more.items()},
    }


def _grid_attributes(grid: Mapping[str, float], variable_count: int) -> dict[str, Any]:
    counts = {"NCOLS": int(grid["NCOLS"]), "NROWS": int(grid["NROWS"]), "NLAYS": 1, "NVARS": variable_count}
    doubles = ("P_ALP", "P_BET", "P_GAM", "XCENT", "YCENT", "XORIG", "YORIG", "XCELL", "YCELL")
    return {
        **{name: np.int32(value) for name, value in counts.items()},
        "GDTYP": np.int32(grid["GDTYP"]),
        **{name: np.float64(grid[name]) for name in doubles},
    }


def _names(name: str, unit: str, description: str) -> dict[str, str]:
    return {
        "long_name": fixed_text(name, NAME_WIDTH),
        "units": fixed_text(unit, NAME_WIDTH),
        "var_desc": fixed_text(description, LINE_WIDTH),
    }


def _time_flags(header: IoapiHeader, variable_count: int) -> Any:
    """(steps, variables, 2): day and time of each step; zeros where the file is independent of time."""
    flags = np.zeros((header.steps, variable_count, 2), dtype=np.int32)
    if header.step != NO_STEP:
        for number in range(header.steps):
            at = header.start_utc + timedelta(hours=number)
            flags[number, :, 0], flags[number, :, 1] = date_number(at), time_number(at)
    return flags
