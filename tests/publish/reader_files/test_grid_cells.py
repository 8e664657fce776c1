"""The rows of grid.parquet: a cell has its centre, corners and area wherever the projection puts it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.reader_files.grid_cells import CORNERS, grid_cells
from bigdata_emis.region import Grid, Region
from tests.publish.registered_grid import cells_of, with_grid

TOWN = Region(
    "town", Path(), "Town", "城", "Asia/Shanghai", True, Grid("EPSG:32650", 3000, 430000.0, 4300000.0, 3, 2), {}, {}, {}
)
GRIDS = {
    "Lambert": ("+proj=lcc +lat_1=36 +lat_2=42 +lat_0=39.3 +lon_0=116.8 +datum=WGS84", 3000.0, -300000.0, -360000.0),
    "UTM": ("EPSG:32650", 3000.0, 430000.0, 4300000.0),
    "Mercator": ("EPSG:3395", 3000.0, 12900000.0, 4800000.0),
    "degrees": ("EPSG:4326", 0.25, 115.0, 38.0),
    "another datum": ("EPSG:2437", 3000.0, 500000.0, 4000000.0),
    "kilometres": (
        "+proj=lcc +lat_1=36 +lat_2=42 +lat_0=39.3 +lon_0=116.8 +datum=WGS84 +units=km",
        3.0,
        -300.0,
        -360.0,
    ),
}
WGS84 = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize("name", GRIDS)
def test_the_area_of_a_cell_is_that_of_the_polygon_of_its_corners(name: str) -> None:
    region = with_grid(TOWN, *GRIDS[name])
    for cell in grid_cells(cells_of(region), region).to_pylist():
        around = [[cell[f"{corner}_{axis}_deg"] for corner in CORNERS] for axis in ("longitude", "latitude")]
        area_m2, _ = WGS84.polygon_area_perimeter(*around)  # positive: the corners go anticlockwise
        assert cell["area_km2"] == pytest.approx(area_m2 / 1e6, rel=2e-5)


@pytest.mark.parametrize("name", GRIDS)
def test_neighbours_share_their_corners_and_the_centre_lies_between(name: str) -> None:
    region = with_grid(TOWN, *GRIDS[name])
    cells = {(c["row_index"], c["column_index"]): c for c in grid_cells(cells_of(region), region).to_pylist()}
    first, east, north = cells[0, 0], cells[0, 1], cells[1, 0]
    assert first["north_east_longitude_deg"] == east["north_west_longitude_deg"]
    assert first["north_west_latitude_deg"] == north["south_west_latitude_deg"]
    assert first["south_west_longitude_deg"] < first["longitude_deg"] < first["south_east_longitude_deg"]
    assert first["south_west_latitude_deg"] < first["latitude_deg"] < first["north_west_latitude_deg"]


def test_cells_are_in_order_of_row_and_column_and_named_by_them() -> None:
    cells = grid_cells(cells_of(TOWN), TOWN)
    assert cells["cell_id"].to_pylist() == ["r0c0", "r0c1", "r0c2", "r1c0", "r1c1", "r1c2"]
    assert cells["x_m"].to_pylist()[:2] == [431500.0, 434500.0]


def test_ten_columns_are_in_order_of_number_and_not_of_text() -> None:
    region = replace(TOWN, grid=replace(TOWN.grid, columns=11, rows=1))
    assert grid_cells(cells_of(region), region)["column_index"].to_pylist() == list(range(11))


def test_a_grid_in_degrees_has_no_metres_and_one_in_kilometres_has_them_in_metres() -> None:
    degrees, kilometres = (with_grid(TOWN, *GRIDS[name]) for name in ("degrees", "kilometres"))
    assert grid_cells(cells_of(degrees), degrees)["x_m"].null_count == 6
    assert grid_cells(cells_of(kilometres), kilometres)["x_m"][0].as_py() == pytest.approx(-298500.0)


def test_a_registry_with_another_grid_than_the_region_is_refused_also_of_the_same_size() -> None:
    moved = replace(TOWN, grid=replace(TOWN.grid, x_origin_m=433000.0))
    for registered in (cells_of(moved), cells_of(TOWN).slice(0, 0)):
        with pytest.raises(InputError, match="table grid of region town has . cells that are not those of region.toml"):
            grid_cells(registered, TOWN)


def test_coordinates_are_those_of_an_independent_projection() -> None:
    cell = grid_cells(cells_of(TOWN), TOWN).to_pylist()[0]
    to_degrees = pyproj.Transformer.from_crs(32650, 4326, always_xy=True)
    assert np.allclose(
        to_degrees.transform(430000.0, 4300000.0), (cell["south_west_longitude_deg"], cell["south_west_latitude_deg"])
    )
