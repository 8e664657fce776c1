"""Column expressions that several stages share: sums that do not depend on order, and pollutants as columns or as rows.

Belongs here: expressions on frames of the engine that know of no domain but the pollutant key. Does not: equations, stages.
"""

from collections.abc import Iterable, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

EXACT = "decimal(38,12)"
"""Fixed point: the sum of such numbers is the same in whatever order an engine meets them, which floats do not grant."""


def exact_sum(column: Column) -> Column:
    """The sum of a column to a trillionth, the same bytes at each rerun."""
    return F.sum(column.cast(EXACT)).cast("double")


def exact_mean(column: Column) -> Column:
    """The mean of what is there in a column, the same bytes at each rerun; null where nothing is."""
    return exact_sum(column) / F.nullif(F.count(column), F.lit(0))


def values_of(frame: DataFrame, name: str) -> list[str]:
    """The distinct values of a code in a small table, sorted: what the plan must know before it can be written."""
    return sorted(row[0] for row in frame.select(name).distinct().collect())


def pollutant_column(name: str, pollutant: str) -> str:
    """The name of a quantity's column for one pollutant while pollutants ride as columns (no dot, which would need quotes)."""
    return f"{name}_{pollutant.replace('.', '_')}"


def pollutants_as_columns(
    frame: DataFrame, keys: Iterable[str], names: Iterable[str], pollutants: Iterable[str]
) -> DataFrame:
    """One row a key; each quantity in one column a pollutant. Keys and pollutant are unique in the frame."""
    chosen = [
        F.max(F.when(F.col("pollutant_code") == pollutant, F.col(name))).alias(pollutant_column(name, pollutant))
        for name in names
        for pollutant in pollutants
    ]
    return frame.groupBy(*keys).agg(*chosen)


def pollutants_as_rows(frame: DataFrame, keys: Iterable[str], name: str, values: Mapping[str, Column]) -> DataFrame:
    """One row a key and pollutant, the values in the column of that name: the edge at which a wide frame goes long."""
    rows = F.array(
        *(F.struct(F.lit(pollutant).alias("pollutant_code"), value.alias(name)) for pollutant, value in values.items())
    )
    return frame.select(*keys, F.explode(rows).alias("row")).select(*keys, "row.pollutant_code", f"row.{name}")
