"""Emission of road links by all vehicles together: factors summed over the fleet, then applied to each link.

Belongs here: looking factors up by fleet, hour and speed, batch by batch. Does not: the factors (road_factors),
rows by vehicle (emit_traffic).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import Imputation
from bigdata_emis.equations import traffic as equations
from bigdata_emis.inventory.fleets.day_fleets import TYPICAL_FLOWS
from bigdata_emis.inventory.roads.parts.wear_factors import PROCESSES
from bigdata_emis.inventory.roads.road_factors import RoadFactors
from bigdata_emis.schema.arrow import TYPES, arrow_schema
from bigdata_emis.schema.spark import spark_columns

READS = ("link_id", "hour_utc", "speed_km_per_h", "flow_veh_per_h", "imputation_code", "flow_method_code")
FLEET_LABEL = "fleet_label"
"""Column of the links with the label of their fleet among the factors."""
ROWS_AT_ONCE = 100_000
Batches = Iterable[pa.RecordBatch]


def total_emission_of_links(traffic_hourly: DataFrame, road_link: pa.Table, factors: RoadFactors) -> DataFrame:
    """Table emission_road_hourly: one row per link, hour and pollutant.

        E = flow × length × (lower + (upper − lower) × position of the speed in its segment)

    road_link: identifier, length and label of the fleet. lower and upper are the factors of the fleet at both ends of
    the segment. Each row follows from one row of traffic, so the result does not depend on partitions. Traffic in the
    order of its key, link and hour, gives rows in the order of theirs, which then need no sorting. A typical flow
    (TYPICAL_FLOWS) has no effect of restrictions, so that only the share that still drives is counted.
    """
    return _emission_of_links(traffic_hourly, road_link, factors, _Kinds.of_pollutants(factors))


def wear_of_links(traffic_hourly: DataFrame, road_link: pa.Table, factors: RoadFactors) -> DataFrame:
    """Table emission_wear_hourly: one row per link, process of wear, hour and pollutant that the process emits.

    The part of total_emission_of_links that wears off tyres, brakes and the road surface, by the same rule.
    """
    return _emission_of_links(traffic_hourly, road_link, factors, _Kinds.of_wear(factors))


def _emission_of_links(
    traffic_hourly: DataFrame, road_link: pa.Table, factors: RoadFactors, kinds: "_Kinds"
) -> DataFrame:
    return traffic_hourly.select(*READS).mapInArrow(
        _batch_function(road_link, factors, kinds), spark_columns(schema.table(kinds.table).names)
    )


@dataclass(frozen=True)
class _Kinds:
    """What is computed of each link and hour: the codes of the rows, and their factors.

    codes: columns by name, one value for each kind; of_fleet: `(fleets, hours, kinds, knots)`.
    """

    table: str
    codes: Mapping[str, pa.Array]
    of_fleet: Floats

    @classmethod
    def of_pollutants(cls, factors: RoadFactors) -> "_Kinds":
        """All parts of the emission together, by pollutant."""
        return cls("emission_road_hourly", {"pollutant_code": _texts(factors.pollutants)}, factors.of_fleet())

    @classmethod
    def of_wear(cls, factors: RoadFactors) -> "_Kinds":
        """Each process of wear with each pollutant that it emits in any fleet."""
        processes = [factors.wear_of_fleet(number) for number in range(len(PROCESSES))]
        emitted = [(n, p) for n, one in enumerate(processes) for p in range(one.shape[2]) if one[:, :, p].any()]
        codes = {
            "road_process_code": _texts([PROCESSES[n] for n, _ in emitted]),
            "pollutant_code": _texts([factors.pollutants[p] for _, p in emitted]),
        }
        shape = (*factors.fleets.shares.shape[:2], 0, len(factors.knots_km_per_h))
        parts = [processes[n][:, :, p : p + 1] for n, p in emitted]
        return cls("emission_wear_hourly", codes, np.concatenate([np.zeros(shape), *parts], axis=2))


@dataclass(frozen=True)
class _Roads:
    """Registered links by position: identifier, position of its fleet in the factors, and length.

    kept: the share of a typical flow that restrictions leave, (fleets, hours), where there are any.
    """

    link_ids: pa.Array
    fleet: Positions
    length_km: Floats
    kept: Floats | None


def _texts(values: Sequence[str]) -> pa.Array:
    return pa.array([str(value) for value in values], pa.string())


def _batch_function(
    road_link: pa.Table, factors: RoadFactors, kinds: _Kinds
) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """The function that an engine calls on batches of traffic; it holds arrays only."""
    kept = factors.fleets.kept
    knots = np.array(factors.knots_km_per_h)
    roads = _Roads(
        road_link["link_id"].combine_chunks(),
        _position(road_link[FLEET_LABEL].combine_chunks(), pa.array(factors.fleets.labels, pa.string())),
        road_link["length_km"].to_numpy(),
        kept if (kept < 1).any() else None,
    )
    hours = pa.array(factors.hours, TYPES["instant"])
    is_reference = ~factors.is_weather_known

    def emit(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in _whole_links(batches):
            hour = _position(batch["hour_utc"].cast(TYPES["instant"]), hours)
            by_kind = _emission_g(batch, kinds.of_fleet, knots, roads=roads, hour=hour)
            yield _rows(batch, kinds, by_kind, pa.array(is_reference[hour]))

    return emit


def _whole_links(batches: Batches) -> Iterator[pa.RecordBatch]:
    """The rows in larger batches that do not end between two hours of a link, where the traffic is in order."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= ROWS_AT_ONCE:
            whole = pa.concat_batches(waiting)
            last = pc.index(pc.equal(whole["link_id"], whole["link_id"][-1]), True).as_py()
            waiting = [whole.slice(last)]
            if last:
                yield whole.slice(0, last)
    if waiting:
        yield pa.concat_batches(waiting)


def _position(values: pa.Array, listed: pa.Array) -> Positions:
    """The position of each value in a list that has it: the stage has checked classes, and hours are of the window."""
    found = pc.index_in(values.cast(listed.type), value_set=listed)
    if found.null_count:
        unknown = values.filter(pc.is_null(found))[0].as_py()
        raise ValueError(f"traffic of {unknown}, for which there are no factors")
    positions: Positions = found.to_numpy().astype(np.intp)
    return positions


def _emission_g(batch: pa.RecordBatch, of_fleet: Floats, knots: Floats, *, roads: _Roads, hour: Positions) -> Floats:
    """The emission of the rows, `(kinds, rows)`."""
    link = _position(batch["link_id"], roads.link_ids)
    fleet, length = roads.fleet[link], roads.length_km[link]
    flow, speed = (batch[name].to_numpy(zero_copy_only=False) for name in ("flow_veh_per_h", "speed_km_per_h"))
    if roads.kept is not None:
        is_typical = pc.is_in(batch["flow_method_code"].cast(pa.string()), _texts(TYPICAL_FLOWS))
        flow = np.where(is_typical.to_numpy(zero_copy_only=False), flow * roads.kept[fleet, hour], flow)
    segment = np.searchsorted(knots[1:-1], speed, side="right")
    lower_speed, upper_speed = knots[segment], knots[segment + 1]
    share = (np.clip(speed, knots[0], knots[-1]) - lower_speed) / (upper_speed - lower_speed)
    emission_g = np.empty((of_fleet.shape[2], batch.num_rows))
    for kind in range(of_fleet.shape[2]):
        lower = of_fleet[fleet, hour, kind, segment]
        upper = of_fleet[fleet, hour, kind, segment + 1]
        emission_g[kind] = equations.emission_g(
            flow, 1.0, emission_factor_g_per_km=lower + (upper - lower) * share, length_km=length
        )
    return emission_g


def _rows(batch: pa.RecordBatch, kinds: _Kinds, emission_g: Floats, is_reference: pa.BooleanArray) -> pa.RecordBatch:
    """The rows of a batch by link, kind and hour, as they came within each run of a link."""
    of_row, of_kind = _order_by_link(batch["link_id"], kinds.of_fleet.shape[2])
    imputation = pc.if_else(is_reference, str(Imputation.REFERENCE_STATE), batch["imputation_code"].cast(pa.string()))
    row = pa.array(of_row)
    columns = {
        "link_id": batch["link_id"].take(row),
        **{name: codes.take(pa.array(of_kind)) for name, codes in kinds.codes.items()},
        "hour_utc": batch["hour_utc"].take(row),
        "emission_g": pa.array(emission_g[of_kind, of_row]),
        "imputation_code": imputation.take(row),
        "flow_method_code": batch["flow_method_code"].take(row),
    }
    wanted = arrow_schema(schema.table(kinds.table))
    return pa.RecordBatch.from_arrays([columns[field.name].cast(field.type) for field in wanted], wanted.names)


def _order_by_link(link_id: pa.Array, kinds: int) -> tuple[Positions, Positions]:
    """The row and the kind of each row of the result: run of a link by run, kind by kind in each."""
    code = link_id.dictionary_encode().indices.to_numpy()
    first = np.flatnonzero(np.diff(code, prepend=-1))
    length = np.diff(np.append(first, len(code)))
    run = np.repeat(np.arange(len(first)), length * kinds)
    place = np.arange(len(run)) - np.repeat(first * kinds, length * kinds)
    of_kind, of_hour = np.divmod(place, length[run])
    return first[run] + of_hour, of_kind
