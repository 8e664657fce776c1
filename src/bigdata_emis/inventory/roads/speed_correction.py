"""The speed correction of road emission factors, linear between the centres of the guide's speed bins.

Belongs here: knots, segments, and the position of a speed in its segment. Does not: emission factors (emit_traffic).
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis.engine.columns import pollutant_column, pollutants_as_columns
from bigdata_emis.equations.traffic import REFERENCE_SPEED_KM_PER_H

CORRECTION = "speed_correction"
TECHNOLOGY = ["fuel_code", "emission_stage_code"]


def speed_knots(road_speed_correction: DataFrame) -> list[float]:
    """The knots of the linear correction, ascending: bin centres and reference speed, km/h."""
    centres = {row[0] for row in road_speed_correction.select("centre_speed_km_per_h").distinct().collect()}
    return sorted(centres | {REFERENCE_SPEED_KM_PER_H})


def speed_segments(road_speed_correction: DataFrame, pollutants: Sequence[str], *, knots: Sequence[float]) -> DataFrame:
    """The correction of each pollutant at both ends of each segment, by fuel and stage."""
    columns = ["fuel_code", "emission_stage_code", "pollutant_code", "centre_speed_km_per_h", CORRECTION]
    listed = road_speed_correction.select(*columns).where(F.col("centre_speed_km_per_h") != REFERENCE_SPEED_KM_PER_H)
    reference_speed = F.lit(REFERENCE_SPEED_KM_PER_H).alias("centre_speed_km_per_h")
    reference = (
        listed.select(*columns[:3]).distinct().select(*columns[:3], reference_speed, F.lit(1.0).alias(CORRECTION))
    )
    at_knot = pollutants_as_columns(
        listed.unionByName(reference), [*TECHNOLOGY, "centre_speed_km_per_h"], [CORRECTION], pollutants
    )
    number = _count_knots_up_to(F.col("centre_speed_km_per_h"), knots[1:])
    lower = at_knot.select(*TECHNOLOGY, number.alias("segment"), *_end_columns("lower", pollutants))
    upper = at_knot.select(*TECHNOLOGY, (number - 1).alias("segment"), *_end_columns("upper", pollutants))
    # One to one; the last knot starts no segment, and the first ends none.
    return lower.join(upper, [*TECHNOLOGY, "segment"])


def speed_segment(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    """The number of the segment of a speed; the outer segments extend beyond the outer knots."""
    return _count_knots_up_to(speed_km_per_h, knots[1:-1])


def share_of_segment(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    """The position of a speed in its segment, 0 to 1; constant beyond the outer knots."""
    clipped = F.greatest(F.lit(knots[0]), F.least(F.lit(knots[-1]), speed_km_per_h))
    lower, upper = F.col("lower_speed_km_per_h"), F.col("upper_speed_km_per_h")
    return (clipped - lower) / (upper - lower)


def _count_knots_up_to(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    count = F.lit(0)
    for knot in knots:
        count = count + (speed_km_per_h >= knot).cast("int")
    return count


def _end_columns(side: str, pollutants: Sequence[str]) -> list[Column]:
    corrections = [
        F.col(pollutant_column(CORRECTION, p)).alias(pollutant_column(f"{side}_{CORRECTION}", p)) for p in pollutants
    ]
    return [F.col("centre_speed_km_per_h").alias(f"{side}_speed_km_per_h"), *corrections]
