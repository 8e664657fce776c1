"""The grid of an export as files need it, from a document such as the grid.json with which the day was published.

Belongs here: shape, I/O API parameters, coordinates of cells. Does not: how grid.json is made (reader_files).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.manifest_files import PublishedDay


@dataclass(frozen=True)
class ExportGrid:
    """The published grid: counts, sides in units of its axes, projection, and the parameters of I/O API."""

    name: str
    rows: int
    columns: int
    x_side: float
    y_side: float
    cell_size: float
    crs: pyproj.CRS
    grid_mapping: dict[str, Any]
    ioapi: dict[str, float] | None

    @property
    def parameters(self) -> dict[str, float]:
        """GDTYP, P_ALP … NROWS. Raises InputError when I/O API has no type for the projection."""
        if self.ioapi is None:
            raise InputError(
                f"I/O API has no type for the projection of grid {self.name}", "use --format hemco, which regrids"
            )
        return self.ioapi

    @property
    def x_sides(self) -> Floats:
        """The x of the sides of the columns, west to east."""
        return self.x_side + np.arange(self.columns + 1, dtype=np.float64) * self.cell_size

    @property
    def y_sides(self) -> Floats:
        """The y of the sides of the rows, south to north."""
        return self.y_side + np.arange(self.rows + 1, dtype=np.float64) * self.cell_size

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude in WGS84 of points of the plane."""
        if self.crs.is_geographic:
            return x, y
        to_plane = pyproj.Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
        longitude, latitude = to_plane.transform(x, y, direction=pyproj.enums.TransformDirection.INVERSE)
        return longitude, latitude

    def plane(self, longitude_deg: Floats, latitude_deg: Floats) -> tuple[Floats, Floats]:
        """Points of the plane by longitude and latitude in WGS84."""
        if self.crs.is_geographic:
            return longitude_deg, latitude_deg
        x, y = pyproj.Transformer.from_crs("EPSG:4326", self.crs, always_xy=True).transform(longitude_deg, latitude_deg)
        return x, y

    def cells_of(self, longitude_deg: Floats, latitude_deg: Floats) -> tuple[Floats, Floats]:
        """Row and column of points; NaN beyond the grid. A cell includes its western and southern side."""
        x, y = self.plane(longitude_deg, latitude_deg)
        column = np.floor((x - self.x_side) / self.cell_size)
        row = np.floor((y - self.y_side) / self.cell_size)
        is_inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(is_inside, row, np.nan), np.where(is_inside, column, np.nan)


def read_grid(day: PublishedDay) -> ExportGrid:
    """The grid with which a day was published."""
    document = day.grid_document()
    return grid_of_document(document, f"{document['region'].upper()}_GRID"[:16])


def grid_of_document(document: Mapping[str, Any], name: str) -> ExportGrid:
    """The grid that a document of the form of grid.json describes."""
    x, y = document["x_axis"], document["y_axis"]
    return ExportGrid(
        name=name,
        rows=y["count"],
        columns=x["count"],
        x_side=x["first_side"],
        y_side=y["first_side"],
        cell_size=x["cell_size"],
        crs=pyproj.CRS(document["wkt2"]),
        grid_mapping=document["grid_mapping"],
        ioapi=document["ioapi"]["parameters"],
    )
