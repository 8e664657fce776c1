"""Published rows as numbers: hours, cells, sectors; mass by kind of source; mass beyond the grid."""

from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_masses import (
    NOWHERE,
    cell_index,
    industry_of_sources,
    published_g,
    read_cells,
    read_kinds,
    sums_by_number,
)
from bigdata_emis.publish.export.speciation import Kind
from tests.publish.export.exported_town import request_of


def test_cells_are_numbered_row_by_row_and_mass_beyond_the_grid_is_apart(published: Path) -> None:
    cells = read_cells(request_of(published).hours, 2, 3)
    assert sorted(cells.by_pollutant) == ["NOx", "PM2.5", "PM_condensable"]
    nox = cells.by_pollutant["NOx"]
    assert set(nox.cell.tolist()) == {5, NOWHERE}
    assert sorted(set(nox.hour.tolist())) == list(range(25))


def test_masses_count_the_hours_of_the_day_only(published: Path) -> None:
    cells = read_cells(request_of(published).hours, 2, 3)
    assert cells.inside_g("NOx") == {"industrial_process": 24 * 750.0}
    assert cells.outside_g("NOx") == 24 * 250.0
    assert published_g(cells, "NOx") == 24 * 1000.0


def test_mass_by_kind_knows_the_industry_of_its_sources(published: Path) -> None:
    hours = request_of(published).hours
    assert industry_of_sources(hours) == {"L1": "sinter", "A1": "electric_arc_steel"}
    assert read_kinds(hours)[Kind("NOx", "industrial_process", "sinter")] == 24 * 750.0


@pytest.mark.parametrize(("cell_id", "number"), [("r0c0", 0), ("r1c2", 5), ("outside", NOWHERE)])
def test_a_cell_has_its_number(cell_id: str, number: int) -> None:
    assert cell_index(cell_id, 2, 3) == number


@pytest.mark.parametrize("cell_id", ["r2c0", "r0c3", "r-1c0", "r1c2x", "", "../r0c0"])
def test_a_cell_that_the_grid_does_not_have_is_refused(cell_id: str) -> None:
    with pytest.raises(InputError, match="expected 2 rows and 3 columns"):
        cell_index(cell_id, 2, 3)


def test_sums_by_number_are_zero_where_there_is_nothing() -> None:
    sums = sums_by_number(np.array([2, 0, 2]), np.array([1.0, 2.0, 3.0]), 4)
    assert sums.tolist() == [2.0, 0.0, 4.0, 0.0]
    assert sums_by_number(np.empty(0, dtype=np.int64), np.empty(0), 2).tolist() == [0.0, 0.0]
