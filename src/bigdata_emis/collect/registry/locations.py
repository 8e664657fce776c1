"""Where registered sources lie: each in the grid of its region, else it is refused with the likely repair.

Belongs here: the projection of a region, and coordinates against its grid. Does not: single values (register), or the
shares of cells (inventory/grid).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Grid, Region

POINT_TABLES = ("enterprise", "stack", "station")
GEOMETRY_TABLES = ("road_link", "activity_area")
STATION = "station"
FARTHEST_STATION_M = 300_000.0
"""A station may lie outside the grid, as those of a neighbouring city do, but not in another part of the world."""
DEGREES = ("longitude_deg", "latitude_deg")
METRE = "metre"


@dataclass(frozen=True)
class _Plane:
    """The rectangle of a grid in its projected plane, widened by `margin_m` on each side."""

    to_plane: pyproj.Transformer
    grid: Grid
    margin_m: float = 0.0

    def is_inside(self, low: Floats, high: Floats) -> Flags:
        """Whether boxes with these corners (boxes, 2) in degrees, as projected, touch the rectangle."""
        south_west = np.array([self.grid.x_origin_m, self.grid.y_origin_m]) - self.margin_m
        size_m = np.array([self.grid.columns, self.grid.rows]) * self.grid.cell_m + 2 * self.margin_m
        touches: Flags = np.all((high >= south_west) & (low <= south_west + size_m), axis=1)
        return touches

    def project(self, degrees: Floats) -> Floats:
        """Longitude and latitude (points, 2) as easting and northing; infinite where the projection has no value."""
        return np.column_stack(self.to_plane.transform(degrees[:, 0], degrees[:, 1]))

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether a single point lies in the rectangle."""
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            return False
        xy = self.project(np.array([[longitude, latitude]]))
        return bool(self.is_inside(xy, xy)[0])


def check_locations(frames: Mapping[str, pa.Table], region: Region) -> None:
    """Refuse the first source that lies outside the grid of the region, and a grid that lies nowhere on Earth.

    A road or an area is refused when no part of it lies in the grid.

    Raises:
        InputError: with table, identifier, coordinates and the likely repair.
    """
    to_plane = _transformer(region)
    _check_corners(to_plane, region)
    for name in POINT_TABLES:
        margin_m = FARTHEST_STATION_M if name == STATION else 0.0
        _check_points(frames[name], name, _Plane(to_plane, region.grid, margin_m))
    for name in GEOMETRY_TABLES:
        _check_geometries(frames[name], name, _Plane(to_plane, region.grid))


def _transformer(region: Region) -> pyproj.Transformer:
    """From degrees to the plane of the region. Raises InputError when its projection is none, or not in metres."""
    where = f'{region.folder / "region.toml"}, grid.projection = "{shorten(region.grid.projection)}"'
    remedy = 'write a projection in metres, for instance projection = "EPSG:32650"'
    try:
        projection = pyproj.CRS.from_user_input(region.grid.projection)
        to_plane = pyproj.Transformer.from_crs("EPSG:4326", projection, always_xy=True)
    except pyproj.exceptions.ProjError as problem:
        raise InputError(f"{where}: {shorten(problem)}", remedy) from None
    units = {axis.unit_name for axis in projection.axis_info}
    if not projection.is_projected or units != {METRE}:
        found = ", ".join(sorted(units)) or "no units"
        raise InputError(f"{where}: expected a projected plane in metres, it has {found}", remedy)
    return to_plane


def _check_corners(to_plane: pyproj.Transformer, region: Region) -> None:
    """Refuse a grid with a corner that has no longitude and latitude, or that comes back elsewhere."""
    grid = region.grid
    x_m = grid.x_origin_m + np.array([0, 1, 0, 1]) * grid.columns * grid.cell_m
    y_m = grid.y_origin_m + np.array([0, 0, 1, 1]) * grid.rows * grid.cell_m
    degrees = to_plane.transform(x_m, y_m, direction="INVERSE")
    again = np.array(to_plane.transform(*degrees))
    if not np.allclose(again, [x_m, y_m], rtol=0, atol=grid.cell_m):
        what = f"{region.folder / 'region.toml'}, [grid]: a corner of the grid has no place on Earth in its projection"
        raise InputError(what, "correct x_origin_m and y_origin_m (metres in that projection), cell_m, columns or rows")


def _check_points(frame: pa.Table, table_name: str, plane: _Plane) -> None:
    degrees = np.column_stack([frame[name].to_numpy() for name in DEGREES]).astype(float)
    is_given = ~np.isnan(degrees).any(axis=1)
    xy = plane.project(np.where(is_given[:, None], degrees, 0.0))
    outside = np.flatnonzero(is_given & ~plane.is_inside(xy, xy))
    if len(outside):
        row = int(outside[0])
        raise _refusal(frame, table_name, row, (degrees[row, 0], degrees[row, 1]), plane)


def _check_geometries(frame: pa.Table, table_name: str, plane: _Plane) -> None:
    texts = np.array(frame["geometry_wkt"].to_pylist(), dtype=object)
    with np.errstate(over="ignore", invalid="ignore"):
        geometries = shapely.from_wkt(texts, on_invalid="ignore")
        is_usable = shapely.is_valid(geometries) & ~shapely.is_empty(geometries)
    if not is_usable.all():
        row = int(np.flatnonzero(~is_usable)[0])
        reason = shapely.is_valid_reason(geometries[row]) or "not WKT"
        reason = "empty" if geometries[row] is not None and geometries[row].is_empty else reason
        what = f"{_source_name(frame, table_name, row)}, geometry_wkt '{shorten(texts[row])}' is not usable ({reason})"
        raise InputError(what, "write a valid, non-empty POINT, LINESTRING or POLYGON in degrees east and north")
    degrees, owner = shapely.get_coordinates(geometries, return_index=True)
    if not len(degrees):
        return
    xy = plane.project(degrees)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    low, high = np.minimum.reduceat(xy, first), np.maximum.reduceat(xy, first)
    outside = np.flatnonzero(~plane.is_inside(low, high))
    if len(outside):
        start = int(first[outside[0]])
        row = int(owner[start])
        raise _refusal(frame, table_name, row, (degrees[start, 0], degrees[start, 1]), plane)


def _refusal(frame: pa.Table, table_name: str, row: int, at: tuple[float, float], plane: _Plane) -> InputError:
    what = f"{_source_name(frame, table_name, row)}: longitude {at[0]:g}, latitude {at[1]:g} lies outside the grid"
    return InputError(f"{what} of the region", _likely_repair(at, plane))


def _source_name(frame: pa.Table, table_name: str, row: int) -> str:
    key = schema.table(table_name).key[0]
    return f"table {table_name}, {key} {shorten(frame[key][row].as_py())}"


def _likely_repair(at: tuple[float, float], plane: _Plane) -> str:
    if at == (0.0, 0.0):
        return "0, 0 is what an empty cell becomes: enter the coordinates"
    for words, (longitude, latitude) in _candidates(at):
        if plane.holds(longitude, latitude):
            return f"{words}: write longitude {longitude:g}, latitude {latitude:g}"
    return "correct the coordinates (degrees east and north), enlarge the grid in region.toml, or remove the source"


def _candidates(at: tuple[float, float]) -> Iterator[tuple[str, tuple[float, float]]]:
    longitude, latitude = at
    yield "longitude and latitude are probably swapped", (latitude, longitude)
    yield "the sign of the longitude is probably wrong", (-longitude, latitude)
    yield "the sign of the latitude is probably wrong", (longitude, -latitude)
    yield "both signs are probably wrong", (-longitude, -latitude)
    yield "longitude and latitude are probably swapped, and a sign is wrong", (-latitude, longitude)
    yield "longitude and latitude are probably swapped, and a sign is wrong", (latitude, -longitude)
