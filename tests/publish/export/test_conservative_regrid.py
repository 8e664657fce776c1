"""Conservative regridding: shares sum to 1 and follow the area of the intersection on the sphere."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.conservative_regrid import (
    EARTH_RADIUS_M,
    DegreeGrid,
    cell_shares,
    corners,
    degree_grid_around,
)
from bigdata_emis.publish.export.export_grid import ExportGrid
from tests.publish.export.exported_town import request_of

DEGREES = pyproj.CRS("EPSG:4326")


def degree_cells(x: float, y: float, size: float, columns: int, rows: int) -> ExportGrid:
    return ExportGrid("DEG_GRID", rows, columns, x, y, size, DEGREES, {}, None)


def test_cells_of_the_same_grid_keep_their_mass() -> None:
    grid = degree_cells(110.0, 30.0, 0.5, 2, 2)
    shares = cell_shares(grid, degree_grid_around(grid, 0.5))
    assert shares.toarray() == pytest.approx(np.eye(4), abs=1e-9)


def test_a_cell_is_halved_by_longitude() -> None:
    grid = degree_cells(110.25, 30.0, 0.5, 1, 1)
    shares = cell_shares(grid, degree_grid_around(grid, 0.5)).toarray().ravel()
    assert shares == pytest.approx([0.5, 0.5])


def test_a_cell_is_divided_by_area_on_the_sphere_not_by_degrees() -> None:
    """From 59° to 61° N the northern degree has (sin 61° − sin 60°) ÷ (sin 61° − sin 59°) of the area."""
    grid = degree_cells(10.0, 59.0, 2.0, 1, 1)
    target = DegreeGrid(10.0, 59.0, 1.0, 2, 2)
    sine = np.sin(np.radians([59.0, 60.0, 61.0]))
    north = (sine[2] - sine[1]) / (sine[2] - sine[0])
    shares = cell_shares(grid, target).toarray().ravel()
    assert shares == pytest.approx([(1 - north) / 2, (1 - north) / 2, north / 2, north / 2])


def test_shares_of_every_published_cell_sum_to_one(published: Path) -> None:
    grid = request_of(published).grid
    for cell_deg in (0.01, 0.1, 1.0):
        shares = cell_shares(grid, degree_grid_around(grid, cell_deg))
        assert np.asarray(shares.sum(axis=0)).ravel() == pytest.approx(np.ones(6), abs=1e-12)
        assert shares.min() >= 0


def test_the_target_holds_every_corner(published: Path) -> None:
    grid = request_of(published).grid
    target = degree_grid_around(grid, 0.01)
    longitude, latitude = corners(grid)
    assert target.west_deg <= longitude.min()
    assert target.west_deg + target.columns * 0.01 >= longitude.max() - 1e-9
    assert target.south_deg <= latitude.min()
    assert target.south_deg + target.rows * 0.01 >= latitude.max() - 1e-9


def test_cells_of_the_globe_add_up_to_the_sphere() -> None:
    globe = DegreeGrid(-180.0, -90.0, 10.0, 36, 18)
    assert globe.area_m2.sum() == pytest.approx(4 * np.pi * EARTH_RADIUS_M**2)
    assert (globe.longitude_deg[0], globe.latitude_deg[-1]) == (-175.0, 85.0)


@pytest.mark.parametrize(
    ("cell_deg", "message"),
    [(0.0, "expected 0.005 to 10"), (float("nan"), "expected 0.005 to 10"), (20.0, "expected 0.005 to 10"),
     (0.7, "does not divide 180 degrees")],
)  # fmt: skip
def test_cells_that_do_not_fit_are_refused(cell_deg: float, message: str, published: Path) -> None:
    with pytest.raises(InputError, match=message):
        degree_grid_around(request_of(published).grid, cell_deg)


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(InputError, match="more than 5,000,000 cells"):
        degree_grid_around(degree_cells(0.0, 0.0, 30.0, 2, 1), 0.01)


def test_a_grid_across_the_date_line_is_refused(published: Path) -> None:
    pacific = pyproj.CRS("+proj=lcc +lat_1=30 +lat_2=40 +lat_0=35 +lon_0=180 +datum=WGS84 +units=m")
    grid = replace(request_of(published).grid, crs=pacific)
    with pytest.raises(InputError, match="crosses 180 degrees east"):
        degree_grid_around(grid, 0.1)
