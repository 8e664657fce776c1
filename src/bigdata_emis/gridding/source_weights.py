"""The cells of a grid, and the share of each source in each of them, from the geometries of the registry.

Belongs here: projecting geometries to the plane of a grid, identifiers of cells and sources. Does not: cutting
geometries at cells (cell_shares), which grid it is (inventory/grid, publish/export).
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely
from numpy.typing import NDArray

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.gridding.cell_ids import cell_ids
from bigdata_emis.gridding.cell_shares import CellShares, area_shares, line_shares, point_shares
from bigdata_emis.region import Grid

M2_PER_KM2 = 1e6
POINTS = (shapely.GeometryType.POINT,)
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
WEIGHT_COLUMNS = ["source_id", "cell_id", "weight_share"]
SHARES = pa.schema([("geometry_number", pa.int64()), ("cell_id", pa.string()), ("weight_share", pa.float64())])


def source_weights(
    enterprise: pa.Table, production_line: pa.Table, road_link: pa.Table, activity_area: pa.Table, *, grid: Grid
) -> pa.Table:
    """The weights of lines, road links and activity areas in the cells of a grid.

    A production line has the location of its enterprise; a link is spread by length, an activity area by area, in the
    plane of the grid's projection. The share beyond the grid is in the cell "outside". The weights of a source sum to
    1.

    Raises:
        InputError: the projection is not valid, a geometry is empty, invalid or of an unsupported type, the
            enterprise of a line is unknown, or two sources share an identifier.
    """
    to_plane = _transformer(grid)
    lines = _line_weights(enterprise, production_line, to_plane, grid)
    links = _geometry_weights(road_link, "link_id", to_plane, grid)
    areas = _geometry_weights(activity_area, "activity_area_id", to_plane, grid)
    _check_distinct(production_line["production_line_id"], road_link["link_id"], activity_area["activity_area_id"])
    return pa.concat_tables([lines, links, areas])


def cells_of_grid(region_grid: Grid) -> pa.Table:
    """Every cell with its centre and its true area: the nominal area divided by the areal scale of the projection."""
    to_plane = _transformer(region_grid)
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
            "area_km2": _side_m(region_grid) ** 2 / M2_PER_KM2 / scale,
        }
    )


def _transformer(region_grid: Grid) -> pyproj.Transformer:
    try:
        crs = pyproj.CRS(region_grid.projection)
        if crs.is_projected or crs.is_geographic:
            return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        problem = f"{crs.name} is neither a projection nor longitude and latitude"
    except pyproj.exceptions.CRSError as unknown:
        problem = str(unknown).splitlines()[0]
    raise InputError(f"region.toml [grid] projection: {problem}", "write a PROJ string or EPSG:number")


def _side_m(region_grid: Grid) -> float:
    """The side of a cell in metres; that of a grid in degrees along the equator, to which its areal scale refers."""
    crs = pyproj.CRS(region_grid.projection)
    per_unit = crs.axis_info[0].unit_conversion_factor
    radius_m = crs.ellipsoid.semi_major_metre if crs.is_geographic and crs.ellipsoid else 1.0
    return float(region_grid.cell_m * per_unit * radius_m)


def _line_weights(
    enterprise: pa.Table, production_line: pa.Table, to_plane: pyproj.Transformer, region_grid: Grid
) -> pa.Table:
    """Each production line with weight 1 in the cell of its enterprise; many lines to one enterprise."""
    degrees = np.column_stack([enterprise[name].to_numpy() for name in ("longitude_deg", "latitude_deg")])
    cells = (
        _share_table(point_shares(_to_cell_units(degrees, to_plane, region_grid)), region_grid)
        .append_column("enterprise_id", enterprise["enterprise_id"])
        .drop(["geometry_number"])
    )
    lines = production_line.select(["production_line_id", "enterprise_id"]).join(
        cells, "enterprise_id", join_type="left outer", use_threads=False
    )
    if lines["cell_id"].null_count:
        unknown = lines.filter(pc.is_null(lines["cell_id"]))["enterprise_id"][0]
        raise InputError(
            f"table production_line, enterprise_id {unknown}: expected an enterprise_id of table enterprise",
            "add the enterprise, or correct enterprise_id",
        )
    return lines.rename_columns({"production_line_id": "source_id"}).select(WEIGHT_COLUMNS)


def _geometry_weights(sources: pa.Table, id_name: str, to_plane: pyproj.Transformer, region_grid: Grid) -> pa.Table:
    """The weights of sources with a geometry; each distinct geometry is cut once, many sources to one geometry."""
    encoded = sources["geometry_wkt"].combine_chunks().dictionary_encode()
    number = encoded.indices.cast(pa.int64())
    geometries = _parse_geometries(encoded.dictionary, sources[id_name], number)
    shares = pa.concat_tables([SHARES.empty_table(), *_shares_by_type(geometries, to_plane, region_grid)])
    by_cell = shares.group_by(["geometry_number", "cell_id"], use_threads=False).aggregate([("weight_share", "sum")])
    weight_share = pc.min_element_wise(by_cell["weight_share_sum"], 1.0)  # rounding can lift a sum of shares above 1
    by_cell = by_cell.drop(["weight_share_sum"]).append_column("weight_share", weight_share)
    numbered = pa.table({"source_id": sources[id_name], "geometry_number": number})
    return numbered.join(by_cell, "geometry_number", use_threads=False).select(WEIGHT_COLUMNS)


def _parse_geometries(texts: pa.Array, ids: pa.ChunkedArray, number: pa.Array) -> NDArray[np.object_]:
    """The geometries of WKT texts.

    Raises:
        InputError: a geometry is not usable; the message names the first source that has it.
    """
    geometries: NDArray[np.object_] = shapely.from_wkt(np.array(texts.to_pylist(), dtype=object), on_invalid="ignore")
    is_usable = np.isin(shapely.get_type_id(geometries), [*POINTS, *LINES, *AREAS]) & ~shapely.is_empty(geometries)
    is_usable &= shapely.is_valid(geometries)
    if not is_usable.all():
        unusable = int(np.flatnonzero(~is_usable)[0])
        source = ids[pc.index(number, unusable).as_py()].as_py()
        reason = shapely.is_valid_reason(geometries[unusable]) or "not WKT"
        raise InputError(
            f"geometry_wkt of {source} is not usable ({reason})",
            "write a valid, non-empty POINT, LINESTRING or POLYGON",
        )
    return geometries


def _shares_by_type(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> list[pa.Table]:
    """Shares of the geometries by cell, one table for each of points, lines and areas."""
    type_id = shapely.get_type_id(geometries)
    tables = []
    for type_ids, compute_shares in ((POINTS, _point_shares), (LINES, _line_shares), (AREAS, _area_shares)):
        number = np.flatnonzero(np.isin(type_id, type_ids))
        if len(number):
            shares = compute_shares(geometries[number], to_plane, region_grid)
            tables.append(_share_table(replace(shares, source=number[shares.source]), region_grid))
    return tables


def _point_shares(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> CellShares:
    return point_shares(_to_cell_units(shapely.get_coordinates(geometries), to_plane, region_grid))


def _line_shares(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> CellShares:
    parts, owner = shapely.get_parts(geometries, return_index=True)
    return line_shares(*_edges(parts, owner, to_plane, region_grid))


def _area_shares(geometries: NDArray[np.object_], to_plane: pyproj.Transformer, region_grid: Grid) -> CellShares:
    """Normalised geometries have shells and holes in opposite directions, as area_shares requires."""
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
    xy = _to_cell_units(degrees, to_plane, region_grid)
    is_edge = line[1:] == line[:-1]
    return xy[:-1][is_edge], xy[1:][is_edge], owner[line[1:][is_edge]]


def _to_cell_units(degrees: Floats, to_plane: pyproj.Transformer, region_grid: Grid) -> Floats:
    """Longitude and latitude (points, 2) in units of cells from the south-west corner of the grid."""
    x_m, y_m = to_plane.transform(degrees[:, 0], degrees[:, 1])
    origin = (region_grid.x_origin_m, region_grid.y_origin_m)
    return (np.column_stack([x_m, y_m]) - origin) / region_grid.cell_m


def _share_table(shares: CellShares, region_grid: Grid) -> pa.Table:
    cells = cell_ids(shares.row, shares.column, rows=region_grid.rows, columns=region_grid.columns)
    return pa.table([shares.source, cells, shares.share], schema=SHARES)


def _check_distinct(*identifiers: pa.ChunkedArray) -> None:
    """An identifier is unique over lines, links and areas together."""
    counts = pc.value_counts(
        pa.chunked_array([chunk for column in identifiers for chunk in column.chunks], type=pa.string())
    )
    repeated = counts.filter(pc.greater(counts.field("counts"), 1))
    if len(repeated):
        source = repeated.field("values")[0].as_py()
        raise InputError(
            f"source {source} occurs twice among production lines, road links and activity areas", "rename one of them"
        )
