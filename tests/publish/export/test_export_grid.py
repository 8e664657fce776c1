"""The grid of an export is that of grid.json: sides, cells of points, and the parameters of I/O API."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_grid import read_grid
from tests.publish.export.exported_town import request_of


def test_the_grid_has_the_sides_of_its_cells(published: Path) -> None:
    grid = read_grid(request_of(published).hours.days[0])
    assert (grid.name, grid.rows, grid.columns) == ("TOWN_GRID", 2, 3)
    assert grid.x_sides.tolist() == [-3000.0, 0.0, 3000.0, 6000.0]
    assert grid.y_sides.tolist() == [-3000.0, 0.0, 3000.0]
    assert grid.parameters["GDTYP"] == 2
    assert (grid.parameters["XORIG"], grid.parameters["NCOLS"]) == (-3000.0, 3)


def test_points_lie_in_their_cells_and_others_in_none(published: Path) -> None:
    grid = request_of(published).grid
    longitude, latitude = grid.degrees(np.array([-3000.0, 1.0, 5999.0, 6001.0]), np.array([-3000.0, 1.0, 2999.0, 0.0]))
    row, column = grid.cells_of(longitude + 1e-9, latitude + 1e-9)
    assert row[:3].tolist() == [0.0, 1.0, 1.0]
    assert column[:3].tolist() == [0.0, 1.0, 2.0]
    assert np.isnan([row[3], column[3]]).all()


def test_degrees_and_plane_are_inverse(published: Path) -> None:
    grid = request_of(published).grid
    x, y = grid.plane(*grid.degrees(np.array([1234.5]), np.array([-987.6])))
    assert (x[0], y[0]) == (pytest.approx(1234.5, abs=1e-6), pytest.approx(-987.6, abs=1e-6))


def test_a_projection_that_io_api_does_not_have_is_refused(published: Path) -> None:
    with pytest.raises(InputError, match="I/O API has no type for the projection of grid TOWN_GRID"):
        _ = replace(request_of(published).grid, ioapi=None).parameters
