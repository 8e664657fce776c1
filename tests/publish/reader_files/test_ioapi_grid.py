"""The parameters of I/O API, by its own definitions, and the difference that a spherical Earth makes."""

from pathlib import Path
from typing import Any

import pyproj
import pytest

from bigdata_emis.publish.reader_files import ioapi_grid
from bigdata_emis.publish.reader_files.grid_mapping import grid_document
from bigdata_emis.region import Grid, Region
from tests.publish.registered_grid import with_grid

CONE = "+proj=lcc +lat_1=42 +lat_2=36 +lat_0=39.3 +lon_0=116.8 +datum=WGS84"
TOWN = Region("town", Path(), "Town", "城", "Asia/Shanghai", True, Grid(CONE, 3000, 0, 0, 3, 2), {}, {}, {})
SYSTEM = ("GDTYP", "P_ALP", "P_BET", "P_GAM", "XCENT", "YCENT")


def ioapi(projection: str, x: float = 300000.0, y: float = 4300000.0, cell: float = 3000.0) -> dict[str, Any]:
    written: dict[str, Any] = grid_document(with_grid(TOWN, projection, cell, x, y))["ioapi"]
    return written


CASES = {
    "Lambert, the smaller parallel first": (CONE, (2, 36.0, 42.0, 116.8, 116.8, 39.3)),
    "Lambert with one parallel": (
        "+proj=lcc +lat_1=36 +lat_0=36 +lon_0=110 +datum=WGS84",
        (2, 36.0, 36.0, 110.0, 110.0, 36.0),
    ),
    "UTM north": ("EPSG:32650", (5, 50.0, 0.0, 0.0, 0.0, 0.0)),
    "UTM south": ("EPSG:32718", (5, -18.0, 0.0, 0.0, 0.0, 0.0)),
    "Mercator": ("+proj=merc +lat_ts=30 +lon_0=110 +datum=WGS84", (7, 30.0, 0.0, 110.0, 110.0, 0.0)),
    "polar": ("+proj=stere +lat_0=90 +lat_ts=60 +lon_0=105 +datum=WGS84", (6, 1.0, 60.0, 105.0, 105.0, 90.0)),
    "Albers": ("+proj=aea +lat_1=25 +lat_2=47 +lat_0=10 +lon_0=105 +datum=WGS84", (9, 25.0, 47.0, 105.0, 105.0, 10.0)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_projection_is_described_as_io_api_defines_it(case: str) -> None:
    projection, expected = CASES[case]
    parameters = ioapi(projection)["parameters"]
    assert tuple(parameters[name] for name in SYSTEM) == expected


def test_origin_cell_and_size_are_those_of_the_grid() -> None:
    parameters = ioapi(CONE, x=-300000.0, y=-360000.0)["parameters"]
    assert [parameters[name] for name in ("XORIG", "YORIG", "XCELL", "YCELL")] == [-3e5, -3.6e5, 3000.0, 3000.0]
    assert (parameters["NCOLS"], parameters["NROWS"]) == (3, 2)


def test_a_false_easting_is_taken_off_the_origin_because_io_api_has_none() -> None:
    parameters = ioapi("EPSG:4547", x=510000.0)["parameters"]
    assert [parameters[name] for name in ("GDTYP", "P_ALP", "P_BET", "P_GAM", "XORIG")] == [8, 0.0, 1.0, 114.0, 10000.0]


def test_degrees_stay_degrees_and_have_no_sphere_to_differ_from() -> None:
    written = ioapi("EPSG:4326", x=115.0, y=38.0, cell=0.25)
    assert [written["parameters"][name] for name in ("GDTYP", "XORIG", "YORIG", "XCELL")] == [1, 115.0, 38.0, 0.25]
    assert written["sphere"]["largest_difference_m"] == 0.0


def test_a_projection_without_a_type_has_no_parameters_but_a_reason() -> None:
    written = ioapi("EPSG:3035", x=4321000.0, y=3210000.0)
    assert written["parameters"] is None
    assert "longitude and latitude" in written["note"]["en"]


def test_the_difference_on_the_sphere_of_the_models_is_that_of_the_farthest_corner() -> None:
    """On a cone through its origin the sphere of 6370 km is smaller than the ellipsoid by about a thousandth."""
    sphere = pyproj.Proj("+proj=lcc +lat_1=36 +lat_2=42 +lat_0=39.3 +lon_0=116.8 +R=6370000")
    longitude, latitude = pyproj.Proj(CONE)(-300000.0, -360000.0, inverse=True)
    x, y = sphere(longitude, latitude)
    written = ioapi(CONE, x=-300000.0, y=-360000.0)["sphere"]
    assert written["radius_m"] == ioapi_grid.SPHERE_RADIUS_M
    assert written["largest_difference_m"] == pytest.approx(((x + 3e5) ** 2 + (y + 3.6e5) ** 2) ** 0.5, abs=0.1)
    assert ioapi(CONE.replace("+datum=WGS84", "+R=6370000"), x=0.0, y=0.0)["sphere"]["largest_difference_m"] == 0.0


def test_utm_on_the_sphere_differs_by_kilometres() -> None:
    """The meridian is 4,302 km long up to 38.84 degrees north on the ellipsoid, and 4,318 km on the sphere."""
    assert 10_000 < ioapi("EPSG:32650")["sphere"]["largest_difference_m"] < 25_000
