"""The grid of a region as other programs name it: CF grid mapping, WKT, PROJ, axes and the order of cells.

Belongs here: the content of grid.json. Does not: IOAPI parameters (ioapi_grid), the cells as rows (grid_cells).
"""

import json
import warnings
from typing import Any

import numpy as np
import pyproj

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.publish.reader_files.ioapi_grid import ioapi_grid
from bigdata_emis.region import SIMULATED_KEY, Grid, Region

SAME_PLACE_DEG = 1e-7
CELL_ORDER = {
    "en": "rows from south to north and columns from west to east, both from 0; r0c0 is the south-west cell;"
    " a cell includes its southern and western side",
    "zh": "行号自南向北、列号自西向东，均从0起；r0c0为西南角网格；网格含其南边与西边",
}
OUTSIDE = {
    "en": "emission_gridded_hourly also has the cell_id 'outside': mass of sources beyond the grid, so that cells and"
    " sources have the same total; it has no row in grid.parquet, and a model leaves it out",
    "zh": "emission_gridded_hourly另有cell_id 'outside'：网格之外的排放量，使网格合计等于源合计；"
    "grid.parquet中无此行，模式应剔除",
}
CF_IS_WKT_ONLY = "CF has no parameters that give this projection exactly: read crs_wkt"


def grid_document(region: Region) -> dict[str, Any]:
    """The content of grid.json, with numbers in units of the axes.

    Raises InputError when the projection is not valid.
    """
    grid = region.grid
    crs = parse_projection(grid)
    x, y = grid_edges(grid)
    mapping = _cf_attributes(crs, x, y)
    x_name, y_name = _standard_names(crs, mapping)
    return {
        "region": region.region_id,
        SIMULATED_KEY: region.is_simulated,
        "title_en": f"grid of {region.name_en}",
        "title_zh": f"{region.name_zh}网格",
        "projection": grid.projection,
        "grid_mapping": {**mapping, "crs_wkt": crs.to_wkt()},
        "grid_mapping_note": "" if mapping else CF_IS_WKT_ONLY,
        "wkt2": crs.to_wkt(),
        "proj": _proj_text(crs),
        "axis_unit": crs.axis_info[0].unit_name,
        "x_axis": _axis(x_name, grid.x_origin_m, grid.columns, grid),
        "y_axis": _axis(y_name, grid.y_origin_m, grid.rows, grid),
        "cell_id": "r<row_index>c<column_index>",
        "cell_order": CELL_ORDER,
        "outside": OUTSIDE,
        "ioapi": ioapi_grid(crs, mapping, grid),
    }


def grid_json(region: Region) -> bytes:
    """The content of grid.json as bytes; the same region gives the same bytes."""
    return (json.dumps(grid_document(region), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def parse_projection(grid: Grid) -> pyproj.CRS:
    """The projection of a grid. Raises InputError when it is not valid."""
    try:
        return pyproj.CRS(grid.projection)
    except pyproj.exceptions.CRSError as problem:
        raise InputError(
            f"region.toml [grid] projection: {str(problem).splitlines()[0]}", "write a PROJ string or EPSG:number"
        ) from None


def grid_edges(grid: Grid) -> tuple[Floats, Floats]:
    """The x of the columns' sides (columns + 1) and the y of the rows' sides (rows + 1), in units of the axes."""
    x, y = (np.arange(count + 1, dtype=np.float64) * grid.cell_m for count in (grid.columns, grid.rows))
    return x + grid.x_origin_m, y + grid.y_origin_m


def _standard_names(crs: pyproj.CRS, mapping: dict[str, Any]) -> tuple[str, str]:
    """The CF names of the axes."""
    if mapping.get("grid_mapping_name") == "rotated_latitude_longitude":
        return "grid_longitude", "grid_latitude"
    return ("longitude", "latitude") if crs.is_geographic else ("projection_x_coordinate", "projection_y_coordinate")


def _axis(standard_name: str, origin: float, count: int, grid: Grid) -> dict[str, Any]:
    return {
        "standard_name": standard_name,
        "first_side": origin,
        "first_centre": origin + grid.cell_m / 2,
        "cell_size": grid.cell_m,
        "count": count,
    }


def _cf_attributes(crs: pyproj.CRS, x: Floats, y: Floats) -> dict[str, Any]:
    """The CF attributes of the projection; empty where they do not place the corners of the grid where it does."""
    attributes = {name: value for name, value in _without_warnings(crs.to_cf).items() if name != "crs_wkt"}
    corners = np.array([(x[i], y[j]) for i in (0, -1) for j in (0, -1)])
    if "grid_mapping_name" not in attributes or not _are_at_same_place(attributes, crs, corners):
        return {}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in sorted(attributes.items())}


def _are_at_same_place(attributes: dict[str, Any], crs: pyproj.CRS, corners: Floats) -> bool:
    """Whether CF attributes and projection give the same longitude and latitude at these points.

    PROJ knows projections with more parameters than CF has, and drops the others in silence.
    """
    try:
        other = pyproj.Proj(pyproj.CRS.from_cf(attributes))
        degrees, other_degrees = (
            np.array(plane(corners[:, 0], corners[:, 1], inverse=True)) for plane in (pyproj.Proj(crs), other)
        )
    except (pyproj.exceptions.ProjError, KeyError, ValueError):
        return False
    return bool(np.allclose(degrees, other_degrees, rtol=0.0, atol=SAME_PLACE_DEG, equal_nan=True))


def _proj_text(crs: pyproj.CRS) -> str:
    """The PROJ text, which lacks the datum where it has no PROJ name; WKT has all."""
    return str(_without_warnings(crs.to_proj4) or "")


def _without_warnings(convert: Any) -> Any:
    """The result without pyproj's warning that PROJ texts and CF lose details, which grid.json states itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return convert()
