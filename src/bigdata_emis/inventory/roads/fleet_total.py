"""Emission of road links by all vehicles together: factors summed over the fleet, then applied to each link.

Belongs here: looking factors up by road class, hour and speed, batch by batch. Does not: the factors (road_factors),
rows by vehicle (emit_traffic).
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import Imputation
from bigdata_emis.equations import traffic as equations
from bigdata_emis.inventory.roads.road_factors import RoadFactors
from bigdata_emis.schema.arrow import TYPES, arrow_schema
from bigdata_emis.schema.spark import spark_columns

READS = (
    "link_id",
    "hour_utc",
    "road_class_code",
    "length_km",
    "speed_km_per_h",
    "flow_veh_per_h",
    "imputation_code",
    "flow_method_code",
)
Batches = Iterable[pa.RecordBatch]


def total_emission_of_links(links: DataFrame, factors: RoadFactors) -> DataFrame:
    """Table emission_road_hourly: one row per link, hour and pollutant, for links with traffic and registry columns.

        E = flow × length × (lower + (upper − lower) × position of the speed in its segment)

    lower and upper are the factors of the fleet at both ends of the segment. Each row follows from one row of traffic,
    so the result does not depend on partitions.
    """
    return links.select(*READS).mapInArrow(
        _batch_function(factors), spark_columns(schema.table("emission_road_hourly").names)
    )


def _batch_function(factors: RoadFactors) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """The function that an engine calls on batches of links; it holds arrays only."""
    of_fleet = factors.of_fleet()
    knots = np.array(factors.knots_km_per_h)
    roads = pa.array(factors.road_classes, pa.string())
    hours = pa.array(factors.hours, TYPES["instant"])
    is_reference = ~factors.is_weather_known
    pollutants = factors.pollutants

    def emit(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            road = _position(batch["road_class_code"], roads)
            hour = _position(batch["hour_utc"].cast(TYPES["instant"]), hours)
            by_pollutant = _emission_g(batch, of_fleet, knots, road=road, hour=hour)
            imputation = pc.if_else(
                pa.array(is_reference[hour]),
                str(Imputation.REFERENCE_STATE),
                batch["imputation_code"].cast(pa.string()),
            )
            for pollutant, emission_g in zip(pollutants, by_pollutant, strict=True):
                yield _rows(batch, pollutant, emission_g, imputation)

    return emit


def _position(values: pa.Array, listed: pa.Array) -> Positions:
    """The position of each value in a list that has it: the stage has checked classes, and hours are of the window."""
    found = pc.index_in(values.cast(listed.type), value_set=listed)
    if found.null_count:
        unknown = values.filter(pc.is_null(found))[0].as_py()
        raise ValueError(f"traffic of {unknown}, for which there are no factors")
    positions: Positions = found.to_numpy().astype(np.intp)
    return positions


def _emission_g(
    batch: pa.RecordBatch, of_fleet: Floats, knots: Floats, *, road: Positions, hour: Positions
) -> Iterator[Floats]:
    """The emission of the rows, pollutant by pollutant."""
    flow, length, speed = (
        batch[name].to_numpy(zero_copy_only=False) for name in ("flow_veh_per_h", "length_km", "speed_km_per_h")
    )
    segment = np.searchsorted(knots[1:-1], speed, side="right")
    lower_speed, upper_speed = knots[segment], knots[segment + 1]
    share = (np.clip(speed, knots[0], knots[-1]) - lower_speed) / (upper_speed - lower_speed)
    for pollutant in range(of_fleet.shape[2]):
        lower = of_fleet[road, hour, pollutant, segment]
        upper = of_fleet[road, hour, pollutant, segment + 1]
        emission_g: Floats = equations.emission_g(
            flow, 1.0, emission_factor_g_per_km=lower + (upper - lower) * share, length_km=length
        )
        yield emission_g


def _rows(batch: pa.RecordBatch, pollutant: str, emission_g: Floats, imputation: pa.Array) -> pa.RecordBatch:
    columns = {
        "link_id": batch["link_id"],
        "pollutant_code": pa.repeat(pa.scalar(str(pollutant)), batch.num_rows),
        "hour_utc": batch["hour_utc"],
        "emission_g": pa.array(emission_g),
        "imputation_code": imputation,
        "flow_method_code": batch["flow_method_code"],
    }
    wanted = arrow_schema(schema.table("emission_road_hourly"))
    return pa.RecordBatch.from_arrays([columns[field.name].cast(field.type) for field in wanted], wanted.names)
