"""Geometry of the demonstration region: county polygons, points drawn inside them, and the grid that covers them.

Belongs here: counties, points and grid cells. Does not: the sources at these points.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.plan import read_shipped
from bigdata_emis.region import Grid

PROJECTION = "+proj=lcc +lat_1=36 +lat_2=42 +lat_0=39.3 +lon_0=116.8 +datum=WGS84 +units=m +no_defs"
SETTLED_EXTENT_SHARE = 0.3
COORDINATE_STEP_DEGREES = 0.001
CITIES = {
    "北京": "Beijing",
    "天津": "Tianjin",
    "石家庄": "Shijiazhuang",
    "唐山": "Tangshan",
    "秦皇岛": "Qinhuangdao",
    "邯郸": "Handan",
    "邢台": "Xingtai",
    "保定": "Baoding",
    "张家口": "Zhangjiakou",
    "承德": "Chengde",
    "沧州": "Cangzhou",
    "廊坊": "Langfang",
    "衡水": "Hengshui",
}


@dataclass(frozen=True)
class Points:
    """Points, each with the row number of its county in `counties`."""

    longitude_deg: Floats
    latitude_deg: Floats
    county_row: Integers


@cache
def counties() -> pd.DataFrame:
    """Return the county polygons with identifier, names in both languages, city and a weight of human activity.

    Small counties are densely populated, so they get more weight by area.
    """
    names = read_shipped("county_names.csv")
    frame = read_shipped("counties.csv.gz").merge(names, on="county_id", how="left", validate="one_to_one")
    frame["geometry"] = shapely.from_wkt(frame["geometry_wkt"].to_numpy())
    area_deg2 = shapely.area(frame["geometry"].to_numpy())
    frame["density_weight"] = area_deg2**0.35 / (area_deg2**0.35).sum()
    return frame


@cache
def settlements() -> tuple[shapely.Polygon, ...]:
    """Return the simulated built-up area of each county: a square around an inner point."""
    squares = []
    for outline in counties()["geometry"]:
        centre, half = outline.representative_point(), SETTLED_EXTENT_SHARE * float(np.sqrt(outline.area)) / 2
        square = shapely.box(centre.x - half, centre.y - half, centre.x + half, centre.y + half)
        squares.append(shapely.set_precision(square, COORDINATE_STEP_DEGREES))
    return tuple(squares)


def draw_points(random: np.random.Generator, count: int) -> Points:
    """Draw points inside the counties, with more points by area where counties are small."""
    frame = counties()
    row = np.sort(random.choice(len(frame), size=count, p=frame["density_weight"].to_numpy()))
    polygons = frame["geometry"].to_numpy()[row]
    bounds = shapely.bounds(polygons)
    x, y = np.empty(count), np.empty(count)
    missing = np.arange(count)
    while len(missing):
        share = random.random((2, len(missing)))
        x[missing] = bounds[missing, 0] + share[0] * (bounds[missing, 2] - bounds[missing, 0])
        y[missing] = bounds[missing, 1] + share[1] * (bounds[missing, 3] - bounds[missing, 1])
        inside = shapely.contains_xy(polygons[missing], x[missing], y[missing])
        missing = missing[~inside]
    order = random.permutation(count)
    return Points(x[order].round(5), y[order].round(5), row[order].astype(np.int64))


def find_counties(points_deg: Floats) -> Integers:
    """Return the row of the county of each point, `(points, 2)` in degrees, -1 for a point in none."""
    polygons = counties()["geometry"].to_numpy()
    point, county = shapely.STRtree(polygons).query(shapely.points(points_deg), predicate="within")
    row = np.full(len(points_deg), -1, dtype=np.int64)
    row[point] = county
    return row


def city_names(county_row: Integers) -> list[str]:
    """Return the Chinese city name of each county row."""
    return [str(name) for name in counties()["city_name"].to_numpy()[county_row]]


def county_ids(county_row: Integers) -> list[str]:
    """Return the division code (or name) of each county row."""
    return [str(name) for name in counties()["county_id"].to_numpy()[county_row]]


@cache
def grid(cell_m: float) -> Grid:
    """Return the grid that covers all counties, with its corner on a multiple of the cell width."""
    transformer = Transformer.from_crs("EPSG:4326", PROJECTION, always_xy=True)
    corners = shapely.get_coordinates(counties()["geometry"].to_numpy())
    x, y = transformer.transform(corners[:, 0], corners[:, 1])
    west, south = np.floor(np.min(x) / cell_m), np.floor(np.min(y) / cell_m)
    east, north = np.ceil(np.max(x) / cell_m), np.ceil(np.max(y) / cell_m)
    return Grid(PROJECTION, cell_m, float(west * cell_m), float(south * cell_m), int(east - west), int(north - south))


def cell_ids(longitude_deg: Floats, latitude_deg: Floats, region_grid: Grid) -> list[str]:
    """Return the grid cell of each point."""
    x, y = Transformer.from_crs("EPSG:4326", PROJECTION, always_xy=True).transform(longitude_deg, latitude_deg)
    column = np.floor((np.asarray(x) - region_grid.x_origin_m) / region_grid.cell_m).astype(int)
    row = np.floor((np.asarray(y) - region_grid.y_origin_m) / region_grid.cell_m).astype(int)
    return [f"r{r}c{c}" for r, c in zip(row, column, strict=True)]
