"""What grid.json says places the corners of a grid where the projection of the region does."""

import json
from pathlib import Path

import numpy as np
import pyproj
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.reader_files.grid_mapping import grid_document, grid_edges, grid_json
from bigdata_emis.region import Grid, Region
from tests.publish.registered_grid import with_grid

LAMBERT = "+proj=lcc +lat_1=36 +lat_2=42 +lat_0=39.3 +lon_0=116.8 +datum=WGS84 +units=m +no_defs"
GRIDS = {
    "Lambert": (LAMBERT, 3000.0, -300000.0, -360000.0, "lambert_conformal_conic"),
    "UTM": ("EPSG:32650", 3000.0, 430000.0, 4300000.0, "transverse_mercator"),
    "Mercator": ("EPSG:3395", 3000.0, 12900000.0, 4800000.0, "mercator"),
    "degrees": ("EPSG:4326", 0.25, 115.0, 38.0, "latitude_longitude"),
    "Albers": (
        "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84",
        5000.0,
        1e5,
        4e6,
        "albers_conical_equal_area",
    ),
    "northing first": ("EPSG:3035", 1000.0, 4321000.0, 3210000.0, "lambert_azimuthal_equal_area"),
}
TOWN = Region("town", Path(), "Town", "城", "Asia/Shanghai", True, Grid(LAMBERT, 3000, 0, 0, 3, 2), {}, {}, {})


def document(name: str) -> dict:
    return grid_document(with_grid(TOWN, *GRIDS[name][:4]))


@pytest.mark.parametrize("name", GRIDS)
def test_cf_attributes_and_wkt_place_the_corners_as_the_projection_does(name: str) -> None:
    projection, cell, x, y, mapping_name = GRIDS[name]
    written = json.loads(grid_json(with_grid(TOWN, projection, cell, x, y)))
    attributes = {key: value for key, value in written["grid_mapping"].items() if key != "crs_wkt"}
    assert attributes["grid_mapping_name"] == mapping_name
    corners_x, corners_y = [x, x + 3 * cell], [y, y + 2 * cell]
    expected = np.array(pyproj.Proj(projection)(corners_x, corners_y, inverse=True))
    for other in (pyproj.CRS.from_cf(attributes), pyproj.CRS(written["wkt2"])):
        assert np.allclose(pyproj.Proj(other)(corners_x, corners_y, inverse=True), expected, atol=1e-9)


@pytest.mark.parametrize("projection", ["+proj=robin", "EPSG:3857", LAMBERT.replace("=m", "=km")])
def test_a_projection_that_cf_cannot_give_is_described_by_wkt_alone_and_says_so(projection: str) -> None:
    written = grid_document(with_grid(TOWN, projection, 3000.0, 0.0, 0.0))
    assert list(written["grid_mapping"]) == ["crs_wkt"]
    assert "read crs_wkt" in written["grid_mapping_note"]
    assert written["ioapi"]["parameters"] is None


def test_a_scale_that_cf_would_drop_is_not_dropped_in_silence() -> None:
    scaled = "+proj=lcc +lat_1=36 +lat_0=36 +lon_0=116.8 +k_0=0.99 +datum=WGS84"
    written = grid_document(with_grid(TOWN, scaled, 3000.0, 300000.0, 300000.0))
    assert list(written["grid_mapping"]) == ["crs_wkt"]
    assert "k_0=0.99" in written["proj"]


def test_the_axes_begin_half_a_cell_inside_the_origin() -> None:
    x_axis, y_axis = document("Lambert")["x_axis"], document("Lambert")["y_axis"]
    assert (x_axis["first_side"], x_axis["first_centre"], x_axis["cell_size"], x_axis["count"]) == (
        -3e5,
        -298500.0,
        3000.0,
        3,
    )
    assert (y_axis["first_centre"], y_axis["count"]) == (-358500.0, 2)
    assert document("Lambert")["axis_unit"] == "metre"
    assert [document("degrees")[name]["standard_name"] for name in ("x_axis", "y_axis")] == ["longitude", "latitude"]


def test_the_axes_of_a_rotated_grid_are_not_called_longitude_and_latitude() -> None:
    rotated = "+proj=ob_tran +o_proj=longlat +o_lat_p=40 +o_lon_p=0 +lon_0=100"
    written = grid_document(with_grid(TOWN, rotated, 0.1, 0.0, 0.0))
    assert [written[name]["standard_name"] for name in ("x_axis", "y_axis")] == ["grid_longitude", "grid_latitude"]
    assert written["ioapi"]["parameters"] is None


def test_the_order_of_cells_and_the_cell_outside_are_explained_in_both_languages() -> None:
    written = document("UTM")
    assert written["cell_id"] == "r<row_index>c<column_index>"
    assert "south to north" in written["cell_order"]["en"]
    assert "自南向北" in written["cell_order"]["zh"]
    assert all("outside" in written["outside"][language] for language in ("en", "zh"))


def test_the_same_region_gives_the_same_bytes() -> None:
    assert grid_json(TOWN) == grid_json(TOWN)


def test_the_sides_are_one_more_than_the_cells() -> None:
    x, y = grid_edges(Grid(LAMBERT, 3000, -300, 600, 2, 1))
    assert (x.tolist(), y.tolist()) == ([-300.0, 2700.0, 5700.0], [600.0, 3600.0])


def test_a_projection_that_proj_does_not_know_is_refused() -> None:
    with pytest.raises(InputError, match="projection"):
        grid_document(with_grid(TOWN, "EPSG:999999", 3000.0, 0.0, 0.0))
