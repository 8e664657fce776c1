"""The user's own grid for an export: published sources allocated to its cells, and the mass that lies beyond it.

Belongs here: what makes such a grid unusable, its cells as numbers. Does not: the geometry (gridding), files (formats).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import scipy.sparse
import shapely

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.gridding.source_weights import cells_of_grid, source_weights
from bigdata_emis.publish.export.export_grid import ExportGrid, grid_of_document
from bigdata_emis.publish.export.export_hours import ExportHours
from bigdata_emis.publish.export.export_masses import (
    AREA,
    LINE,
    LINK,
    NOWHERE,
    SOURCE_TABLES,
    CellMasses,
    CellRows,
    cell_index,
    encode_values,
)
from bigdata_emis.publish.export.manifest_files import PublishedDay
from bigdata_emis.publish.reader_files.grid_mapping import grid_document
from bigdata_emis.region import Grid, Region, load_grid

DEFAULT_OUTSIDE_SHARE = 0.01
"""The largest share of a pollutant that may lie beyond the user's grid when nothing else is said."""
BALANCE_SHARE = 1e-9
SAME_PLACE_DEG = 1e-6
METRE = "metre"
KG_PER_G = 1e-3


@dataclass(frozen=True)
class OutsideMass:
    """The mass of one pollutant beyond a grid, and its share of all that is published."""

    pollutant: str
    outside_kg: float
    outside_share: float


@dataclass(frozen=True)
class UserGrid:
    """A grid read from a file, in a plane in metres, with the share of mass that may lie beyond it."""

    file: Path
    name: str
    grid: Grid
    allowed_share: float

    def export_grid(self, region: Region) -> ExportGrid:
        """The grid as files need it."""
        return grid_of_document(grid_document(replace(region, grid=self.grid)), self.name)

    @cached_property
    def area_km2(self) -> Floats:
        """The true area of each cell, shape (rows, columns)."""
        area: Floats = cells_of_grid(self.grid)["area_km2"].to_numpy().reshape(self.grid.rows, self.grid.columns)
        return area

    def require_inside(self, cells: CellMasses) -> None:
        """Raise InputError when nothing lies in the grid, or more of a pollutant beyond it than is allowed."""
        masses = outside_masses(cells)
        beyond = [row for row in masses if row.outside_share > self.allowed_share]
        if beyond:
            listed = ", ".join(f"{r.pollutant} {r.outside_kg:,.1f} kg ({r.outside_share:.2%})" for r in beyond)
            needed = np.ceil(max(row.outside_share for row in beyond) * 1000) / 1000
            raise InputError(
                f"beyond grid {self.name} lie {listed}: expected at most {self.allowed_share:.2%} of each pollutant",
                f"use a larger grid, or accept the loss with --allow-outside {needed:g}",
            )
        if all(row.outside_share == 1.0 for row in masses):
            raise InputError(
                f"{self.file}: no published emission lies in grid {self.name}",
                "correct projection, x_origin_m and y_origin_m",
            )


def read_user_grid(file: Path | None, allowed_share: float | None) -> UserGrid | None:
    """The grid of a file; None without one.

    Raises InputError when the file or its projection cannot be read, the plane is not in metres, its cells have no
    place on the Earth, or the allowed share is no share or has no grid.
    """
    if allowed_share is not None and not 0 <= allowed_share <= 1:
        raise InputError(f"--allow-outside {allowed_share:g}: expected a share from 0 to 1", "write 0.3 for 30 %")
    if file is None:
        if allowed_share is not None:
            raise InputError("--allow-outside is about a grid of your own: expected --grid", "give --grid, or leave it")
        return None
    name, grid = load_grid(file)
    _require_place_of_sides(file, grid, _metric_plane(file, grid))
    return UserGrid(file, name, grid, DEFAULT_OUTSIDE_SHARE if allowed_share is None else allowed_share)


def allocate_to_grid(hours: ExportHours, user: UserGrid) -> CellMasses:
    """The published emission of sources in the cells of the user's grid, with the hour after the last.

    Weights are those that the region's grid has: a line is at its enterprise, links by length, areas by area. A source
    that the registry does not name is beyond the grid.
    Raises InputError when the projection does not cover a source; RefusedError when cells and sources differ.
    """
    day, grid = hours.days[0], user.grid
    table = hours.rows(
        "emission_hourly", ["source_id", "sector_code", "pollutant_code", "emission_g"], is_with_following=True
    )
    source, sources = encode_values(table["source_id"])
    sector, sectors = encode_values(table["sector_code"])
    pollutant, pollutants = encode_values(table["pollutant_code"])
    weights = _weight_matrix(_weights(day, user), sources, grid)
    hour, mass = hours.hour_numbers(table), table["emission_g"].to_numpy()
    by_pollutant = {}
    for number, name in enumerate(pollutants):
        chosen = np.flatnonzero(pollutant == number)
        key = hour[chosen] * len(sectors) + sector[chosen]
        rows = _spread(weights, source[chosen], key, mass[chosen], len(sectors))
        _require_balance(name, float(mass[chosen].sum()), float(rows.emission_g.sum()))
        by_pollutant[name] = rows
    return CellMasses(hours, grid.rows, grid.columns, tuple(sectors), dict(sorted(by_pollutant.items())))


def outside_masses(cells: CellMasses) -> list[OutsideMass]:
    """Mass and share beyond the grid of each pollutant that emits anything, during the hours of the day."""
    masses = []
    for name in cells.by_pollutant:
        outside_g, inside_g = cells.outside_g(name), sum(cells.inside_g(name).values())
        if outside_g + inside_g > 0:
            masses.append(OutsideMass(name, outside_g * KG_PER_G, outside_g / (outside_g + inside_g)))
    return masses


def _metric_plane(file: Path, grid: Grid) -> pyproj.Transformer:
    """From longitude and latitude to the plane of a grid, whose axes are in metres."""
    try:
        crs = pyproj.CRS(grid.projection)
        to_plane = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    except pyproj.exceptions.CRSError as unknown:
        problem = f"{shorten(str(unknown).splitlines()[0])}: expected a projection"
    except pyproj.exceptions.ProjError:
        problem = f"{shorten(grid.projection)} cannot be reached from WGS84: expected a projection of the Earth"
    else:
        if crs.is_projected and crs.axis_info[0].unit_name == METRE:
            return to_plane
        unit = crs.axis_info[0].unit_name if crs.axis_info else "no unit"
        problem = f"{shorten(crs.name)} has axes in {unit}: expected a plane in metres"
    raise InputError(f"{file}, grid.projection: {problem}", 'write a PROJ text or for instance "EPSG:32650"')


def _require_place_of_sides(file: Path, grid: Grid, to_plane: pyproj.Transformer) -> None:
    """Refuse a grid whose outer sides have no longitude and latitude in its projection."""
    x, y = (
        origin + np.arange(count + 1) * grid.cell_m
        for origin, count in ((grid.x_origin_m, grid.columns), (grid.y_origin_m, grid.rows))
    )
    sides = [(x, np.full_like(x, end)) for end in y[[0, -1]]] + [(np.full_like(y, end), y) for end in x[[0, -1]]]
    xy = np.concatenate([np.column_stack(side) for side in sides])
    degrees = to_plane.transform(xy[:, 0], xy[:, 1], direction=pyproj.enums.TransformDirection.INVERSE)
    if not np.isfinite(degrees).all():
        what = f"{file}: sides of the grid have no longitude and latitude in its projection"
        raise InputError(what, "correct x_origin_m, y_origin_m, cell_m, columns and rows")


def _weights(day: PublishedDay, user: UserGrid) -> pa.Table:
    """The weights of the published sources, once the projection covers all of them."""
    enterprise = day.region_table("enterprise", ["enterprise_id", "longitude_deg", "latitude_deg"])
    line = day.region_table(LINE, [SOURCE_TABLES[LINE], "enterprise_id"])
    link, area = (day.region_table(name, [SOURCE_TABLES[name], "geometry_wkt"]) for name in (LINK, AREA))
    to_plane = _metric_plane(user.file, user.grid)
    places = np.column_stack([enterprise[name].to_numpy() for name in ("longitude_deg", "latitude_deg")])
    _require_cover(user, to_plane, places, np.arange(len(places)), enterprise["enterprise_id"])
    for table, name in ((link, SOURCE_TABLES[LINK]), (area, SOURCE_TABLES[AREA])):
        geometries = shapely.from_wkt(np.array(table["geometry_wkt"].to_pylist(), dtype=object))
        degrees, owner = shapely.get_coordinates(geometries, return_index=True)
        _require_cover(user, to_plane, degrees, owner, table[name])
    return source_weights(enterprise, line, link, area, grid=user.grid)


def _require_cover(
    user: UserGrid, to_plane: pyproj.Transformer, degrees: Floats, owner: Integers, names: pa.ChunkedArray
) -> None:
    """Refuse a projection in which a place has no point, or a point that is another place."""
    x, y = to_plane.transform(degrees[:, 0], degrees[:, 1])
    back = to_plane.transform(x, y, direction=pyproj.enums.TransformDirection.INVERSE)
    is_covered = (np.abs(np.column_stack(back) - degrees) <= SAME_PLACE_DEG).all(axis=1) & np.isfinite(x + y)
    if not is_covered.all():
        first = int(np.flatnonzero(~is_covered)[0])
        place = f"{names[int(owner[first])].as_py()} at {degrees[first, 0]:.4f}, {degrees[first, 1]:.4f}"
        raise InputError(
            f"{user.file}, grid.projection does not cover source {place}: expected one that covers all sources",
            "write the projection of the region or of its surroundings",
        )


def _weight_matrix(weights: pa.Table, sources: list[str], grid: Grid) -> scipy.sparse.csr_matrix:
    """Shares, shape (cells + 1, sources); the last row is beyond the grid, and has sources without weights."""
    size = grid.rows * grid.columns
    source = pc.index_in(weights["source_id"], pa.array(sources, pa.string()))
    known = weights.filter(pc.is_valid(source))
    source = pc.drop_null(source).to_numpy().astype(np.int64)
    number, names = encode_values(known["cell_id"])
    cell_of_name = np.array([cell_index(name, grid.rows, grid.columns) for name in names] or [0], dtype=np.int64)
    unknown = np.setdiff1d(np.arange(len(sources)), source)
    cell = np.append(cell_of_name[number], np.full(len(unknown), NOWHERE))
    share = np.append(known["weight_share"].to_numpy(), np.ones(len(unknown)))
    place = (np.where(cell == NOWHERE, size, cell), np.append(source, unknown))
    return scipy.sparse.csr_matrix((share, place), shape=(size + 1, len(sources)))


def _spread(
    weights: scipy.sparse.csr_matrix, source: Integers, key: Integers, mass_g: Floats, sector_count: int
) -> CellRows:
    """Emission by cell from emission by source, where `key` is hour × sectors + sector."""
    shape = (weights.shape[1], int(key.max(initial=0)) + 1)
    by_cell = (weights @ scipy.sparse.csr_matrix((mass_g, (source, key)), shape=shape)).tocoo()
    cell = np.where(by_cell.row == weights.shape[0] - 1, NOWHERE, by_cell.row).astype(np.int64)
    hour, sector = np.divmod(by_cell.col.astype(np.int64), sector_count)
    return CellRows(hour, cell, sector, by_cell.data)


def _require_balance(pollutant: str, sources_g: float, cells_g: float) -> None:
    """Refuse cells that hold another mass than the sources."""
    if abs(sources_g - cells_g) > BALANCE_SHARE * abs(sources_g):
        raise RefusedError(
            f"the cells hold {cells_g:.6g} g of {pollutant} and the sources {sources_g:.6g} g: expected the same mass"
            f" to {BALANCE_SHARE:g}",
            "nothing was written; report it with the date and the version of the code",
        )
