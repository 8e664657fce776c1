"""Emission by source onto the cells of the grid.

Belongs here: the join with the weights. Does not: how weights are made (grid).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.columns import exact_sum
from bigdata_emis.equations import allocation
from bigdata_emis.inventory.cells import OUTSIDE_CELL_ID


def allocate(emission_hourly: DataFrame, grid_weight: DataFrame) -> DataFrame:
    """The emission of each cell, sector, pollutant and hour: that of each source times its weights, which sum to 1.

    A source without weights is put outside the grid, where it is counted, never dropped.
    """
    weights = grid_weight.select("source_id", "cell_id", "weight_share")
    spread = emission_hourly.join(weights, "source_id", "left")  # one source to its few cells; (source, cell) is the key of the weights
    emission_g = allocation.emission_g(F.col("emission_g"), F.coalesce("weight_share", F.lit(1.0)))
    return (
        spread.withColumns({"cell_id": F.coalesce("cell_id", F.lit(OUTSIDE_CELL_ID)), "emission_g": emission_g})
        .groupBy("cell_id", "sector_code", "pollutant_code", "hour_utc")
        .agg(exact_sum(F.col("emission_g")).alias("emission_g"))
    )
