"""How a grid cell is named.

Belongs here: cell identifiers and the name of what lies beyond the grid. Does not: geometry (grid, shares), weights.
"""

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.arrays import Integers

OUTSIDE_CELL_ID = "outside"
"""The cell of mass beyond the grid: in grid_weight and emission_gridded_hourly, never in the table grid."""


def cell_ids(row_index: Integers, column_index: Integers, *, rows: int, columns: int) -> NDArray[np.object_]:
    """The names r<row>c<column> of cells, and the outside name where the indices lie beyond the grid."""
    is_inside = (row_index >= 0) & (row_index < rows) & (column_index >= 0) & (column_index < columns)
    names = [f"r{r}c{c}" if i else OUTSIDE_CELL_ID for r, c, i in zip(row_index, column_index, is_inside, strict=True)]
    return np.array(names, dtype=object)
