"""The speed correction as a line between the centres of the guide's speed bins.

Belongs here: knots, segments and where on a segment a speed lies. Does not: any emission factor (traffic).
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.engine.columns import pollutant_column, pollutants_as_columns
from bigdata_emis.equations.traffic import REFERENCE_SPEED_KM_PER_H

NAME = "speed_correction"
TECHNOLOGY = ["fuel_code", "emission_stage_code"]


def speed_knots(road_speed_correction: DataFrame) -> list[float]:
    """The speeds between which the correction runs straight: the bin centres and the reference speed, ascending."""
    centres = {row[0] for row in road_speed_correction.select("centre_speed_km_per_h").distinct().collect()}
    return sorted(centres | {REFERENCE_SPEED_KM_PER_H})


def speed_segments(road_speed_correction: DataFrame, pollutants: Sequence[str], *, knots: Sequence[float]) -> DataFrame:
    """One row a fuel, stage and segment between two knots, with the correction of each pollutant at both ends."""
    columns = ["fuel_code", "emission_stage_code", "pollutant_code", "centre_speed_km_per_h", NAME]
    given = road_speed_correction.select(*columns).where(F.col("centre_speed_km_per_h") != REFERENCE_SPEED_KM_PER_H)
    reference = (
        given.select(*columns[:3])
        .distinct()
        .select(*columns[:3], F.lit(REFERENCE_SPEED_KM_PER_H).alias("centre_speed_km_per_h"), F.lit(1.0).alias(NAME))
    )
    at_knot = pollutants_as_columns(
        given.unionByName(reference), [*TECHNOLOGY, "centre_speed_km_per_h"], [NAME], pollutants
    )
    number = _knots_reached(F.col("centre_speed_km_per_h"), knots[1:])
    lower = at_knot.select(*TECHNOLOGY, number.alias("segment"), *_end("lower", pollutants))
    upper = at_knot.select(*TECHNOLOGY, (number - 1).alias("segment"), *_end("upper", pollutants))
    return lower.join(
        upper, [*TECHNOLOGY, "segment"]
    )  # one to one; the last knot opens and the first closes no segment


def speed_segment(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    """The number of the segment in which a speed lies; beyond the outer knots the outer segments go on."""
    return _knots_reached(speed_km_per_h, knots[1:-1])


def share_of_segment(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    """How far along its segment a speed lies, 0 to 1; the correction stays what it is at the outer knots beyond them."""
    inside = F.greatest(F.lit(knots[0]), F.least(F.lit(knots[-1]), speed_km_per_h))
    lower, upper = F.col("lower_speed_km_per_h"), F.col("upper_speed_km_per_h")
    return (inside - lower) / (upper - lower)


def _knots_reached(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    reached = F.lit(0)
    for knot in knots:
        reached = reached + (speed_km_per_h >= knot).cast("int")
    return reached


def _end(side: str, pollutants: Sequence[str]) -> list[Column]:
    corrections = [F.col(pollutant_column(NAME, p)).alias(pollutant_column(f"{side}_{NAME}", p)) for p in pollutants]
    return [F.col("centre_speed_km_per_h").alias(f"{side}_speed_km_per_h"), *corrections]
