"""The grid of a region as I/O API (CMAQ, SMOKE) describes it, and how far the sphere of these models moves it.

Belongs here: the parameters of GRIDDESC. Does not: CF and WKT (grid_mapping), files for models.

**Source**: I/O API 3.2, "Horizontal grids and map projections" (GDTYP codes, P_ALP, P_BET, P_GAM, XCENT, YCENT).
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyproj

from bigdata_emis.region import Grid

SPHERE_RADIUS_M = 6_370_000.0
"""Radius of the Earth in WRF and CMAQ (Skamarock et al. 2019, NCAR/TN-556+STR, ch. 3)."""
METRE = "metre"
NO_TYPE = "I/O API has no type for this projection: regrid by longitude and latitude of grid.parquet"
SPHERE_NOTE = {
    "en": "WRF and CMAQ project on a sphere of 6370 km radius and use longitude and latitude as they are. On that"
    " sphere the same places have plane coordinates that differ by up to largest_difference_m from this grid's: assign"
    " cells to a model grid by longitude and latitude (grid.parquet), not by x and y",
    "zh": "WRF与CMAQ采用半径6370千米的球体，经纬度不作转换。同一地点在该球体上的平面坐标与本网格最多相差"
    "largest_difference_m米：请按经纬度（grid.parquet）而非x、y匹配模式网格",
}

Attributes = Mapping[str, Any]


def ioapi_grid(crs: pyproj.CRS, mapping: Attributes, grid: Grid) -> dict[str, Any]:
    """The parameters of the grid, or the reason why there are none; and the difference that the sphere makes.

    mapping: CF attributes of the projection; empty where CF cannot give it.
    """
    describe = PROJECTIONS.get(mapping.get("grid_mapping_name", ""))
    if describe is None or (not crs.is_geographic and crs.axis_info[0].unit_name != METRE):
        return {
            "parameters": None,
            "note": {"en": NO_TYPE, "zh": "I/O API无对应投影类型，请按grid.parquet的经纬度重新网格化"},
        }
    projection = describe(mapping, crs)
    if projection is None:
        return ioapi_grid(crs, {}, grid)
    # I/O API has no false easting: its plane begins at (XCENT, YCENT). UTM coordinates include theirs.
    has_shift = projection["GDTYP"] != UTM
    shift_x, shift_y = (
        float(mapping.get(name, 0.0)) if has_shift else 0.0 for name in ("false_easting", "false_northing")
    )
    parameters = {
        **projection,
        "XORIG": grid.x_origin_m - shift_x,
        "YORIG": grid.y_origin_m - shift_y,
        "XCELL": grid.cell_m,
        "YCELL": grid.cell_m,
        "NCOLS": grid.columns,
        "NROWS": grid.rows,
    }
    return {"parameters": parameters, "sphere": _sphere(crs, mapping, grid)}


def _sphere(crs: pyproj.CRS, mapping: Attributes, grid: Grid) -> dict[str, Any]:
    """How far the corners and the middles of the sides move when the plane is made from a sphere."""
    if crs.is_geographic:
        difference_m = 0.0
    else:
        x, y = (side.ravel() for side in np.meshgrid(*_thirds(grid)))
        degrees = pyproj.Proj(crs)(x, y, inverse=True)
        x_sphere, y_sphere = _on_sphere(mapping)(*degrees)
        shift_x, shift_y = (float(mapping.get(name, 0.0)) for name in ("false_easting", "false_northing"))
        difference_m = float(np.max(np.hypot(x_sphere + shift_x - x, y_sphere + shift_y - y)))
    return {"radius_m": SPHERE_RADIUS_M, "largest_difference_m": round(difference_m, 1), "note": SPHERE_NOTE}


def _thirds(grid: Grid) -> tuple[Any, Any]:
    """First side, middle and last side of columns and of rows."""
    return (
        grid.x_origin_m + np.array([0.0, 0.5, 1.0]) * grid.columns * grid.cell_m,
        grid.y_origin_m + np.array([0.0, 0.5, 1.0]) * grid.rows * grid.cell_m,
    )


def _on_sphere(mapping: Attributes) -> pyproj.Proj:
    """The same projection of a sphere, without false easting and northing.

    Names of the ellipsoid would overrule the radius; with its false easting PROJ would take a projection for UTM,
    which it refuses to compute on a sphere.
    """
    replaced = ("semi_", "inverse_", "reference_", "horizontal_", "geographic_crs", "projected_crs", "prime_", "false_")
    plain = {name: value for name, value in mapping.items() if not name.startswith(replaced)}
    shift = {"earth_radius": SPHERE_RADIUS_M, "false_easting": 0.0, "false_northing": 0.0}
    return pyproj.Proj(pyproj.CRS.from_cf({**plain, **shift}))


def _parameters(gdtyp: int, alpha: float, beta: float, gamma: float, centre: tuple[float, float]) -> dict[str, Any]:
    """The five numbers of a coordinate system; `centre` is longitude and latitude of x = 0, y = 0."""
    numbers = (alpha, beta, gamma, *centre)
    named = zip(("P_ALP", "P_BET", "P_GAM", "XCENT", "YCENT"), numbers, strict=True)
    # PROJ converts degrees to radians and back, which adds digits such as 116.80000000000001.
    return {"GDTYP": gdtyp, **{name: round(float(number), 10) for name, number in named}}


def _parallels(mapping: Attributes) -> tuple[float, float]:
    parallel = mapping["standard_parallel"]
    both = parallel if isinstance(parallel, list) else [parallel, parallel]
    return min(both), max(both)


def _lat_lon(mapping: Attributes, crs: pyproj.CRS) -> dict[str, Any]:
    return _parameters(1, 0.0, 0.0, 0.0, (0.0, 0.0))


def _conic(gdtyp: int) -> Callable[[Attributes, pyproj.CRS], dict[str, Any]]:
    def describe(mapping: Attributes, crs: pyproj.CRS) -> dict[str, Any]:
        longitude, parallels = mapping["longitude_of_central_meridian"], _parallels(mapping)
        # A cone that touches the Earth at one parallel has its origin there, and CF does not repeat it.
        latitude = mapping.get("latitude_of_projection_origin", parallels[0])
        return _parameters(gdtyp, *parallels, longitude, (longitude, latitude))

    return describe


def _transverse(mapping: Attributes, crs: pyproj.CRS) -> dict[str, Any]:
    if crs.utm_zone:
        zone = int(crs.utm_zone[:-1])
        return _parameters(UTM, math.copysign(zone, 1 if crs.utm_zone.endswith("N") else -1), 0.0, 0.0, (0.0, 0.0))
    longitude, latitude = mapping["longitude_of_central_meridian"], mapping["latitude_of_projection_origin"]
    return _parameters(8, latitude, mapping["scale_factor_at_central_meridian"], longitude, (longitude, latitude))


def _mercator(mapping: Attributes, crs: pyproj.CRS) -> dict[str, Any] | None:
    longitude, parallel = mapping["longitude_of_projection_origin"], mapping.get("standard_parallel")
    return None if parallel is None else _parameters(7, parallel, 0.0, longitude, (longitude, 0.0))


def _polar(mapping: Attributes, crs: pyproj.CRS) -> dict[str, Any] | None:
    longitude, parallel = mapping["straight_vertical_longitude_from_pole"], mapping.get("standard_parallel")
    if parallel is None:
        return None
    pole = math.copysign(1.0, parallel)
    return _parameters(6, pole, parallel, longitude, (longitude, 90.0 * pole))


UTM = 5
PROJECTIONS: dict[str, Callable[[Attributes, pyproj.CRS], dict[str, Any] | None]] = {
    "latitude_longitude": _lat_lon,
    "lambert_conformal_conic": _conic(2),
    "albers_conical_equal_area": _conic(9),
    "transverse_mercator": _transverse,
    "mercator": _mercator,
    "polar_stereographic": _polar,
}
"""How a CF projection is described: GDTYP 1 latitude-longitude, 2 Lambert, 5 UTM, 6 polar stereographic, 7 Mercator,
8 transverse Mercator, 9 Albers."""
