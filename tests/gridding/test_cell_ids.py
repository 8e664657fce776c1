"""Identifiers of cells."""

import numpy as np

from bigdata_emis.gridding.cell_ids import OUTSIDE_CELL_ID, cell_ids


def test_a_cell_is_named_by_row_and_column():
    assert cell_ids(np.array([0, 1]), np.array([2, 0]), rows=2, columns=3).tolist() == ["r0c2", "r1c0"]


def test_an_index_beyond_the_grid_is_outside():
    identifiers = cell_ids(np.array([-1, 2, 0, 0]), np.array([0, 0, -1, 3]), rows=2, columns=3)
    assert set(identifiers.tolist()) == {OUTSIDE_CELL_ID}
