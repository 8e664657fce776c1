"""Identifiers of grid cells.

Belongs here: the identifier of a cell, and that of mass beyond the grid. Does not: geometry (grid, cell_shares),
weights.
"""

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.arrays import Integers

OUTSIDE_CELL_ID = "outside"
"""The cell of mass beyond the grid: in grid_weight and emission_gridded_hourly, never in the table grid."""


def cell_ids(row_index: Integers, column_index: Integers, *, rows: int, columns: int) -> NDArray[np.object_]:
    """The identifiers r<row>c<column> of cells; "outside" for indices beyond the grid."""
    is_inside = (row_index >= 0) & (row_index < rows) & (column_index >= 0) & (column_index < columns)
    names = [f"r{r}c{c}" if i else OUTSIDE_CELL_ID for r, c, i in zip(row_index, column_index, is_inside, strict=True)]
    return np.array(names, dtype=object)
