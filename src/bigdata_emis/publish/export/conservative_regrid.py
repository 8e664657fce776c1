"""Conservative regridding: the share of each published cell in the cells of a longitude-latitude grid, by intersection.

Belongs here: the target grid, shares that sum to 1, areas. Does not: species, files (formats.hemco).

Latitude is replaced by its sine, in which equal areas of the sphere are equal areas of the plane and a cell of the
target grid is a rectangle; sides of published cells are straight between their corners.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import shapely

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_grid import ExportGrid

EARTH_RADIUS_M = 6_371_007.2
"""Radius of the sphere with the area of the Earth (GRS 80, Moritz 2000, doi:10.1007/s001900050278)."""
M2_PER_KM2 = 1e6
SMALLEST_CELL_DEG, LARGEST_CELL_DEG = 0.005, 10.0
WHOLE_NUMBER_TOLERANCE = 1e-6
MOST_CELLS = 5_000_000
HALF_CIRCLE_DEG = 180.0


@dataclass(frozen=True)
class DegreeGrid:
    """A regular grid of longitude and latitude; its sides are whole multiples of the cell from 180° W and 90° S."""

    west_deg: float
    south_deg: float
    cell_deg: float
    columns: int
    rows: int

    @property
    def longitude_deg(self) -> Floats:
        """The centres of the columns."""
        centres: Floats = self.west_deg + (np.arange(self.columns, dtype=np.float64) + 0.5) * self.cell_deg
        return centres

    @property
    def latitude_deg(self) -> Floats:
        """The centres of the rows."""
        centres: Floats = self.south_deg + (np.arange(self.rows, dtype=np.float64) + 0.5) * self.cell_deg
        return centres

    @property
    def area_m2(self) -> Floats:
        """The area of each cell on the sphere, shape (rows, columns)."""
        sides = np.sin(np.radians(self.south_deg + np.arange(self.rows + 1) * self.cell_deg))
        strip = EARTH_RADIUS_M**2 * np.radians(self.cell_deg) * np.diff(sides)
        area: Floats = np.repeat(strip[:, np.newaxis], self.columns, axis=1)
        return area


def degree_grid_around(grid: ExportGrid, cell_deg: float) -> DegreeGrid:
    """The smallest grid of such cells that holds every published cell.

    Raises InputError when the cells do not divide the globe, are too many, or the published grid crosses 180° E.
    """
    if not SMALLEST_CELL_DEG <= cell_deg <= LARGEST_CELL_DEG:
        raise InputError(
            f"--cell-deg {cell_deg:g}: expected {SMALLEST_CELL_DEG:g} to {LARGEST_CELL_DEG:g} degrees", "correct it"
        )
    count = HALF_CIRCLE_DEG / cell_deg
    if abs(count - round(count)) > WHOLE_NUMBER_TOLERANCE:
        raise InputError(f"--cell-deg {cell_deg:g} does not divide 180 degrees", "give for instance 0.1 or 0.25")
    longitude, latitude = corners(grid)
    if longitude.max() - longitude.min() > HALF_CIRCLE_DEG:
        raise InputError("the grid crosses 180 degrees east, which regridding does not support", "use --format ioapi")
    west, south = (np.floor((part.min() + start) / cell_deg) for part, start in ((longitude, 180), (latitude, 90)))
    east, north = (np.ceil((part.max() + start) / cell_deg) for part, start in ((longitude, 180), (latitude, 90)))
    if (east - west) * (north - south) > MOST_CELLS:
        raise InputError(f"--cell-deg {cell_deg:g} gives more than {MOST_CELLS:,} cells", "use larger cells")
    return DegreeGrid(west * cell_deg - 180, south * cell_deg - 90, cell_deg, int(east - west), int(north - south))


def corners(grid: ExportGrid) -> tuple[Floats, Floats]:
    """Longitude and latitude of the corners of all cells, shape (rows + 1, columns + 1)."""
    x, y = np.meshgrid(grid.x_sides, grid.y_sides)
    return grid.degrees(x, y)


def cell_shares(grid: ExportGrid, target: DegreeGrid) -> scipy.sparse.csr_matrix:
    """The share of each published cell in each target cell, shape (target cells, published cells); columns sum to 1."""
    published = _polygons(grid)
    row, column = (part.ravel() for part in np.indices((target.rows, target.columns), dtype=np.float64))
    boxes = _boxes(target, row, column)
    source, box = shapely.STRtree(boxes).query(published, predicate="intersects")
    area = shapely.area(shapely.intersection(published[source], boxes[box]))
    total = np.bincount(source, weights=area, minlength=len(published))
    shape = (len(boxes), len(published))
    return scipy.sparse.csr_matrix((area / total[source], (box, source)), shape=shape)


def _polygons(grid: ExportGrid) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The published cells as quadrilaterals of longitude and sine of latitude, row by row."""
    longitude, latitude = corners(grid)
    points = np.stack([longitude, np.sin(np.radians(latitude))], axis=-1)
    ring = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2)
    polygons: np.ndarray[tuple[int], np.dtype[np.object_]] = shapely.polygons(ring.reshape(-1, 4, 2))
    return polygons


def _boxes(target: DegreeGrid, row: Floats, column: Floats) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    west = target.west_deg + column * target.cell_deg
    south = target.south_deg + row * target.cell_deg
    low, high = (np.sin(np.radians(side)) for side in (south, south + target.cell_deg))
    boxes: np.ndarray[tuple[int], np.dtype[np.object_]] = shapely.box(west, low, west + target.cell_deg, high)
    return boxes
