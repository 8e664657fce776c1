"""The grid of a region, and the share of each source that lies in each of its cells.

Belongs here: projecting registry geometries and naming cells and sources. Does not: the cutting itself (shares), or any emission.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely
from numpy.typing import NDArray

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.gridding.cell_ids import cell_ids
from bigdata_emis.inventory.gridding.cell_shares import Shares, area_shares, line_shares, point_shares
from bigdata_emis.region import Grid

M2_PER_KM2 = 1e6
POINTS = (shapely.GeometryType.POINT,)
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
WEIGHT_COLUMNS = ["source_id", "cell_id", "weight_share"]
SHARES = pa.schema([("geometry_number", pa.int64()), ("cell_id", pa.string()), ("weight_share", pa.float64())])


def grid(
    enterprise: pa.Table, production_line: pa.Table, road_link: pa.Table, activity_area: pa.Table, *, context: Context
) -> dict[str, pa.Table]:
    """The cells of the region's grid, and the weight of every production line, road link and activity area in them.

    A production line lies where its enterprise lies; a link is spread by length, an activity area by area, in the plane of the
    grid's projection. What lies beyond the grid is in the cell named outside. Weights of a source sum to 1.

    Raises:
        InputError: the projection cannot be read, a geometry is empty, broken or of a kind that has no cells, an enterprise of a
            line is unknown, or two sources share an identifier.
    """
    region_grid = context.region.grid
    to_plane = _transformer(region_grid)
    lines = _line_weights(enterprise, production_line, to_plane, region_grid)
    links = _geometry_weights(road_link, "link_id", to_plane, region_grid)
    areas = _geometry_weights(activity_area, "activity_area_id", to_plane, region_grid)
    _check_distinct(production_line["production_line_id"], road_link["link_id"], activity_area["activity_area_id"])
    return {"grid": _cells(region_grid, to_plane), "grid_weight": pa.concat_tables([lines, links, areas])}


def _transformer(region_grid: Grid) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs("EPSG:4326", region_grid.projection, always_xy=True)
    except pyproj.exceptions.CRSError as problem:
        raise InputError(
            f"region.toml [grid] projection: {str(problem).splitlines()[0]}", "give a PROJ string or EPSG:number"
        ) from None


def _cells(region_grid: Grid, to_plane: pyproj.Transformer) -> pa.Table:
    """Every cell with its centre and its true area (the nominal area divided by the projection's areal scale)."""
    row, column = (index.ravel() for index in np.indices((region_grid.rows, region_grid.columns)))
    x_m = region_grid.x_origin_m + (column + 0.5) * region_grid.cell_m
    y_m = region_grid.y_origin_m + (row + 0.5) * region_grid.cell_m
    longitude, latitude = to_plane.transform(x_m, y_m, direction=pyproj.enums.TransformDirection.INVERSE)
    scale = pyproj.Proj(region_grid.projection).get_factors(longitude, latitude).areal_scale
    return pa.table(
        {
            "cell_id": cell_ids(row, column, rows=region_grid.rows, columns=region_grid.columns),
            "row_index": row,
            "column_index": column,
            "x_m": x_m,
            "y_m": y_m,
            "longitude_deg": longitude,
            "latitude_deg": latitude,
            "area_km2": region_grid.cell_m**2 / M2_PER_KM2 / scale,
        }
    )


def _line_weights(
    enterprise: pa.Table, production_line: pa.Table, to_plane: pyproj.Transformer, region_grid: Grid
) -> pa.Table:
    """Many production lines to one enterprise: each weighs 1 in the cell of its enterprise."""
    places = _in_cells(
        np.column_stack([enterprise[name].to_numpy() for name in ("longitude_deg", "latitude_deg")]),
        to_plane,
        region_grid,
    )
    cells = (
        _table(point_shares(places), region_grid)
        .append_column("enterprise_id", enterprise["enterprise_id"])
        .drop(["geometry_number"])
    )
    lines = production_line.select(["production_line_id", "enterprise_id"]).join(
        cells, "enterprise_id", join_type="left outer", use_threads=False
    )
    if lines["cell_id"].null_count:
        unknown = lines.filter(pc.is_null(lines["cell_id"]))["enterprise_id"][0]
        raise InputError(
            f"table production_line: enterprise {unknown} is not in the table enterprise",
            "add it or mend enterprise_id",
        )
    return lines.rename_columns({"production_line_id": "source_id"}).select(WEIGHT_COLUMNS)


def _geometry_weights(sources: pa.Table, id_name: str, to_plane: pyproj.Transformer, region_grid: Grid) -> pa.Table:
    """Each distinct geometry is cut once, then many sources to one geometry."""
    encoded = sources["geometry_wkt"].combine_chunks().dictionary_encode()
    number = encoded.indices.cast(pa.int64())
    cut_once = pa.concat_tables(
        [SHARES.empty_table(), *_shares(_parsed(encoded.dictionary, sources[id_name], number), to_plane, region_grid)]
    )
    by_cell = cut_once.group_by(["geometry_number", "cell_id"], use_threads=False).aggregate([("weight_share", "sum")])
    rounded = pc.min_element_wise(by_cell["weight_share_sum"], 1.0)  # a sum of shares may pass 1 by its rounding
    by_cell = by_cell.drop(["weight_share_sum"]).append_column("weight_share", rounded)
    named = pa.table({"source_id": sources[id_name], "geometry_number": number})
    return named.join(by_cell, "geometry_number", use_threads=False).select(WEIGHT_COLUMNS)


def _parsed(texts: pa.Array, ids: pa.ChunkedArray, number: pa.Array) -> NDArray[np.object_]:
    """The geometries of WKT texts. Raises InputError naming the first source whose geometry is of no use."""
    geometries: NDArray[np.object_] = shapely.from_wkt(np.array(texts.to_pylist(), dtype=object), on_invalid="ignore")
    is_usable = np.isin(shapely.get_type_id(geometries), [*POINTS, *LINES, *AREAS]) & ~shapely.is_empty(geometries)
    is_usable &= shapely.is_valid(geometries)
    if not is_usable.all():
        bad = int(np.flatnonzero(~is_usable)[0])
        source = ids[pc.index(number, bad).as_py()].as_py()
        reason = shapely.is_valid_reason(geometries[bad]) or "not WKT"
        raise InputError(
            f"geometry_wkt of {source} cannot be used ({reason})",
            "give a valid, not empty POINT, LINESTRING or POLYGON",
        )
    return geometries


def _shares(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> list[pa.Table]:
    """Shares of the geometries by cell; each kind of geometry has its way."""
    kind = shapely.get_type_id(geometries)
    found = []
    for kinds, way in ((POINTS, _of_points), (LINES, _of_lines), (AREAS, _of_areas)):
        number = np.flatnonzero(np.isin(kind, kinds))
        if len(number):
            shares = way(geometries[number], to_plane, region_grid)
            found.append(_table(replace(shares, source=number[shares.source]), region_grid))
    return found


def _of_points(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> Shares:
    return point_shares(_in_cells(shapely.get_coordinates(geometries), to_plane, region_grid))


def _of_lines(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> Shares:
    parts, owner = shapely.get_parts(geometries, return_index=True)
    return line_shares(*_edges(parts, owner, to_plane, region_grid))


def _of_areas(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> Shares:
    """Normalised, shells turn one way and holes the other, which is what the cutting asks for."""
    parts, owner = shapely.get_parts(shapely.normalize(geometries), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return area_shares(
        *_edges(rings, owner[part], to_plane, region_grid), rows=region_grid.rows, columns=region_grid.columns
    )


def _edges(
    lines: NDArray[np.object_], owner: Integers, to_plane: pyproj.Transformer, region_grid: Grid
) -> tuple[Floats, Floats, Integers]:
    """Start, end and owner of each edge of lines or rings."""
    degrees, line = shapely.get_coordinates(lines, return_index=True)
    xy = _in_cells(degrees, to_plane, region_grid)
    is_edge = line[1:] == line[:-1]
    return xy[:-1][is_edge], xy[1:][is_edge], owner[line[1:][is_edge]]


def _in_cells(degrees: Floats, to_plane: pyproj.Transformer, region_grid: Grid) -> Floats:
    """Longitude and latitude in units of cells from the south-west corner of the grid."""
    x_m, y_m = to_plane.transform(degrees[:, 0], degrees[:, 1])
    origin = (region_grid.x_origin_m, region_grid.y_origin_m)
    return (np.column_stack([x_m, y_m]) - origin) / region_grid.cell_m


def _table(shares: Shares, region_grid: Grid) -> pa.Table:
    cells = cell_ids(shares.row, shares.column, rows=region_grid.rows, columns=region_grid.columns)
    return pa.table([shares.source, cells, shares.share], schema=SHARES)


def _check_distinct(*identifiers: pa.ChunkedArray) -> None:
    """A source's identifier is unique over lines, links and areas together."""
    counts = pc.value_counts(
        pa.chunked_array([chunk for column in identifiers for chunk in column.chunks], type=pa.string())
    )
    repeated = counts.filter(pc.greater(counts.field("counts"), 1))
    if len(repeated):
        source = repeated.field("values")[0].as_py()
        raise InputError(
            f"source {source} is named twice among production lines, links and activity areas", "rename one of them"
        )
