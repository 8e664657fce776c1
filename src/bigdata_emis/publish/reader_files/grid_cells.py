"""The cells of a region's grid as rows: number, centre, corners and area.

Belongs here: the rows of grid.parquet, and whether the registered grid is that of the region. Does not: how the
projection is named (grid_mapping).
"""

import numpy as np
import pyarrow as pa
import pyproj

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.publish.reader_files.grid_mapping import grid_edges, parse_projection
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import conform

SAME_PLACE_DEG = 1e-9
CORNERS = {"south_west": (0, 0), "south_east": (0, 1), "north_east": (1, 1), "north_west": (1, 0)}
"""Each corner of a cell, as steps to the north and to the east from its south-west corner."""


def grid_cells(registered: pa.Table, region: Region) -> pa.Table:
    """The cells with their corners, in order of row and column; x_m and y_m are empty where the axes are in degrees.

    registered: the table `grid` of the registry, by which the published cells were computed.

    Raises:
        InputError: the registered grid is not the one of region.toml.
    """
    grid, crs = region.grid, parse_projection(region.grid)
    ordered = registered.sort_by([("row_index", "ascending"), ("column_index", "ascending")])
    x, y = grid_edges(grid)
    row, column = (index.ravel() for index in np.indices((grid.rows, grid.columns)))
    centre = _degrees(crs, (x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2)
    _check_registered(ordered, [part.ravel() for part in centre], region)
    longitude, latitude = _degrees(crs, x, y)
    corners = {
        f"{name}_{axis}_deg": degrees[row + north, column + east]
        for name, (north, east) in CORNERS.items()
        for axis, degrees in (("longitude", longitude), ("latitude", latitude))
    }
    metres = 1.0 if crs.is_geographic else crs.axis_info[0].unit_conversion_factor
    plane = {name: pa.array(ordered[name].to_numpy() * metres) for name in ("x_m", "y_m")}
    kept = ("cell_id", "row_index", "column_index", "longitude_deg", "latitude_deg", "area_km2")
    nowhere = pa.nulls(ordered.num_rows, pa.float64())
    columns = {
        **{name: ordered[name] for name in kept},
        **{name: nowhere if crs.is_geographic else values for name, values in plane.items()},
        **corners,
    }
    return conform(pa.table(columns), schema.table("published_grid"))


def _degrees(crs: pyproj.CRS, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude in WGS84 of each pair of y and x (rows, columns)."""
    x_of_cell, y_of_cell = np.meshgrid(x, y)
    # The same transformation as that of the sources, taken backwards: PROJ may prefer another one for the way back.
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    backwards = pyproj.enums.TransformDirection.INVERSE
    longitude, latitude = to_plane.transform(x_of_cell, y_of_cell, direction=backwards)
    return longitude, latitude


def _check_registered(ordered: pa.Table, centre: list[Floats], region: Region) -> None:
    """Refuse a registry whose cells are not those of region.toml: grid.json would place the published cells wrongly."""
    names = ("longitude_deg", "latitude_deg")
    if ordered.num_rows == len(centre[0]) and all(
        np.allclose(ordered[name].to_numpy(), degrees, rtol=0.0, atol=SAME_PLACE_DEG, equal_nan=True)
        for name, degrees in zip(names, centre, strict=True)
    ):
        return
    raise InputError(
        f"table grid of region {region.region_id} has {ordered.num_rows} cells that are not those of region.toml [grid]"
        f" ({region.grid.rows} rows, {region.grid.columns} columns): expected the same grid",
        "run the whole day again (emis day), which registers the grid and allocates the emission to it",
    )
