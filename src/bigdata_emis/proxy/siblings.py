"""Lines of the same enterprise: their metered load, which a line's model may ask for beside its own.

Belongs here: who is whose sibling, and how the hours of siblings ride with those of a line. Does not: reading a line (line_table), models.

Turbines whose waste heat drives one generator, or boilers at one stack, share what is measured of them, so the load of one
tells of the fuel of the other.
"""

from collections.abc import Mapping

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.proxy.line_table import SIBLING

LINE = "production_line_id"
MOST_SIBLINGS = 4
"""Lines of a larger enterprise go without: on New York units of 2018 the loads of many siblings taught trees more noise than plant."""

Siblings = Mapping[str, tuple[str, ...]]


def siblings_by_line(production_line: pa.Table) -> dict[str, tuple[str, ...]]:
    """The other lines of the enterprise of each line, in order of their names; a line without any, or with too many, is left out."""
    lines_of: dict[str, list[str]] = {}
    for line, enterprise in zip(production_line[LINE].to_pylist(), production_line["enterprise_id"].to_pylist(), strict=True):
        if enterprise is not None:
            lines_of.setdefault(enterprise, []).append(line)
    related = [sorted(lines) for lines in lines_of.values() if 1 < len(lines) <= MOST_SIBLINGS + 1]
    return {line: tuple(other for other in lines if other != line) for lines in related for line in lines}


def with_siblings(hours: DataFrame, line_energy_hourly: DataFrame, siblings: Siblings) -> DataFrame:
    """The hours of lines, and under them those of the siblings of each, with the sibling's name in sibling_line_id and its energy.

    A row of a sibling carries the name of the line that it rides with; a sibling of two lines rides twice. The energy is the one
    that goes with the work alone, as for the line itself.
    """
    pairs = [(line, other) for line, others in sorted(siblings.items()) for other in others]
    if not pairs:
        return hours
    table = pa.table({LINE: [line for line, _ in pairs], SIBLING: [other for _, other in pairs]})
    of_line = hours.sparkSession.createDataFrame(table)
    names = sorted({other for _, other in pairs})
    # The range of names lets sorted files be read in part only.
    energy = line_energy_hourly.where(F.col(LINE).between(names[0], names[-1]) & F.col(LINE).isin(names))
    told = energy.select(F.col(LINE).alias(SIBLING), "hour_utc", F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh"))
    # Many hours of a sibling to the few lines that it is a sibling of.
    return hours.withColumn(SIBLING, F.lit(None).cast("string")).unionByName(told.join(F.broadcast(of_line), SIBLING), allowMissingColumns=True)
