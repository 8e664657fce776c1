"""The stage that computes the grid of a region, and the share of each source in each of its cells.

Belongs here: the grid of the region. Does not: the weights in the cells of a grid (gridding/source_weights), emission.
"""

import pyarrow as pa

from bigdata_emis.context import Context
from bigdata_emis.gridding.source_weights import cells_of_grid, source_weights


def grid(
    enterprise: pa.Table, production_line: pa.Table, road_link: pa.Table, activity_area: pa.Table, *, context: Context
) -> dict[str, pa.Table]:
    """The cells of the grid, and the weights of lines, road links and activity areas in them, which sum to 1.

    Raises InputError when the projection, a geometry, the enterprise of a line or an identifier is not usable.
    """
    region_grid = context.region.grid
    weights = source_weights(enterprise, production_line, road_link, activity_area, grid=region_grid)
    return {"grid": cells_of_grid(region_grid), "grid_weight": weights}
