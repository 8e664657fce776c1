"""Column expressions that several stages share: sums that do not depend on order, pollutants as columns or as rows.

Belongs here: expressions on frames of the engine that know nothing of the domain but the pollutant key. Does not:
equations, stages.
"""

from collections.abc import Iterable, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

EXACT = "decimal(38,12)"
"""Fixed point: unlike a sum of floats, a sum of such numbers is the same in every order in which an engine adds."""
MICROGRAMS_PER_GRAM = 1e6
LARGEST_WHOLE = 2.0**62
"""Half the range of 64-bit integers: sums below it cannot overflow."""


def exact_sum(column: Column) -> Column:
    """The sum of a column, rounded to 1e-12; a rerun gives the same bytes."""
    return F.sum(column.cast(EXACT)).cast("double")


def whole_sum(column: Column, *, per_unit: float) -> Column:
    """The sum of a column in whole parts of its unit, such as 1e6 for micrograms of a gram, in 64-bit integers.

    As exact as `exact_sum` and several times cheaper. A sum that could exceed the integers, by its largest value times
    the number of values, is null rather than wrong: engines overflow without a message.
    """
    could_reach = F.max(F.abs(column)) * F.count(column) * F.lit(per_unit)
    fits = F.abs(column) * F.lit(per_unit) < F.lit(LARGEST_WHOLE)
    parts = F.when(fits, F.round(column * F.lit(per_unit))).cast("bigint")
    return F.when(could_reach < F.lit(LARGEST_WHOLE), F.sum(parts) / F.lit(per_unit))


def exact_mean(column: Column) -> Column:
    """The mean of the values in a column, null without any; a rerun gives the same bytes."""
    return exact_sum(column) / F.nullif(F.count(column), F.lit(0))


def values_of(frame: DataFrame, name: str) -> list[str]:
    """The distinct values of a code in a small table, sorted: what is needed to write the plan of a query."""
    return sorted(row[0] for row in frame.select(name).distinct().collect())


def pollutant_column(name: str, pollutant: str) -> str:
    """The column of a quantity for one pollutant, when pollutants are columns; a dot would need quotes."""
    return f"{name}_{pollutant.replace('.', '_')}"


def pollutants_as_columns(
    frame: DataFrame, keys: Iterable[str], names: Iterable[str], pollutants: Iterable[str]
) -> DataFrame:
    """One row per key, with one column per quantity and pollutant. Keys and pollutant are unique in the frame."""
    chosen = [
        F.max(F.when(F.col("pollutant_code") == pollutant, F.col(name))).alias(pollutant_column(name, pollutant))
        for name in names
        for pollutant in pollutants
    ]
    return frame.groupBy(*keys).agg(*chosen)


def pollutants_as_rows(frame: DataFrame, keys: Iterable[str], name: str, values: Mapping[str, Column]) -> DataFrame:
    """One row per key and pollutant, with the values in one column: a wide frame made long again."""
    rows = F.array(
        *(F.struct(F.lit(pollutant).alias("pollutant_code"), value.alias(name)) for pollutant, value in values.items())
    )
    return frame.select(*keys, F.explode(rows).alias("row")).select(*keys, "row.pollutant_code", f"row.{name}")
