"""The plain script for exports: pandas and netCDF4, without our stages, one variable for each species.

Belongs here: what an analyst would write for one file. Does not: the headers of I/O API, the closing, the checksums.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import netCDF4
import numpy as np
import pandas as pd


def export_plainly(
    frame: pd.DataFrame,
    amounts: Mapping[tuple[str, str], Mapping[str, float]],
    start_utc: datetime,
    shape: tuple[int, int, int],
    path: Path,
) -> dict[str, float]:
    """Write the rates of each species and return its amount (mol or g) over all hours.

    amounts: by gram of a pollutant of a sector. shape: hours, rows, columns.
    """
    shares = pd.DataFrame(
        [(p, s, name, value) for (p, s), by_name in amounts.items() for name, value in by_name.items()],
        columns=["pollutant_code", "sector_code", "species", "amount"],
    )
    place = frame["cell_id"].str.extract(r"r(\d+)c(\d+)").astype(int)
    hour = ((frame["hour_utc"] - pd.Timestamp(start_utc)) // pd.Timedelta(hours=1)).astype(int)
    numbered = frame.assign(hour=hour, row=place[0], column=place[1])
    merged = numbered.merge(shares, on=["pollutant_code", "sector_code"])
    merged["rate"] = merged["emission_g"] * merged["amount"] / 3600
    totals = {}
    with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as file:
        for name, size in zip(("time", "row", "column"), shape, strict=True):
            file.createDimension(name, size)
        for species, rows in merged.groupby("species"):
            field = np.zeros(shape)
            np.add.at(field, (rows["hour"], rows["row"], rows["column"]), rows["rate"])
            file.createVariable(str(species), "f4", ("time", "row", "column"))[:] = field
            totals[str(species)] = float(field.sum()) * 3600
    return totals
