"""The speed correction of road emission factors, linear between the centres of the guide's speed bins.

Belongs here: knots, segments, and the position of a speed in its segment. Does not: emission factors (road_factors).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql import functions as F

from bigdata_emis.arrays import Floats
from bigdata_emis.equations.traffic import REFERENCE_SPEED_KM_PER_H
from bigdata_emis.inventory.roads.guide_tables import Vehicle, group_rows

TABLE_KEY = ("fuel_code", "emission_stage_code", "pollutant_code")


def speed_knots(road_speed_correction: pa.Table) -> list[float]:
    """The knots of the linear correction, ascending: bin centres and reference speed, km/h."""
    return sorted({REFERENCE_SPEED_KM_PER_H, *road_speed_correction["centre_speed_km_per_h"].to_pylist()})


def speed_corrections(
    road_speed_correction: pa.Table, vehicles: Sequence[Vehicle], pollutants: Sequence[str], knots: Sequence[float]
) -> Floats:
    """The correction at each knot, `(vehicles, pollutants, knots)`; 1 at the reference speed."""
    values = ("centre_speed_km_per_h", "speed_correction")
    curves = group_rows(road_speed_correction, TABLE_KEY, values)
    corrections = np.ones((len(vehicles), len(pollutants), len(knots)))
    for i, (_, fuel, stage) in enumerate(vehicles):
        for j, pollutant in enumerate(pollutants):
            listed = curves.get((fuel, stage, pollutant))
            if listed:
                curve = {**{centre: factor for centre, factor in listed}, REFERENCE_SPEED_KM_PER_H: 1.0}
                centres = sorted(curve)
                corrections[i, j] = np.interp(knots, centres, [curve[centre] for centre in centres])
    return corrections


def speed_segment(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    """The number of the segment of a speed; the outer segments extend beyond the outer knots."""
    count = F.lit(0)
    for knot in knots[1:-1]:
        count = count + (speed_km_per_h >= knot).cast("int")
    return count


def share_of_segment(speed_km_per_h: Column, knots: Sequence[float]) -> Column:
    """The position of a speed in its segment, 0 to 1; constant beyond the outer knots."""
    clipped = F.greatest(F.lit(knots[0]), F.least(F.lit(knots[-1]), speed_km_per_h))
    lower, upper = F.col("lower_speed_km_per_h"), F.col("upper_speed_km_per_h")
    return (clipped - lower) / (upper - lower)
