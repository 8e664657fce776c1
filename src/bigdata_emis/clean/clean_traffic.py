"""Clean road readings into hourly speed and flow.

Belongs here: the mean speed of an hour, and the flow where nobody counted. Does not: the speed-flow equation
(equations.traffic), or what phones and trucks say of links (road_flow).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyspark.sql.functions as F
from pyspark.sql import DataFrame

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.faults.stuck_values import find_stuck
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid, to_microseconds
from bigdata_emis.clean.readings.imputation import IMPUTATION_CODES, fill_gaps
from bigdata_emis.clean.readings.judged_readings import JudgedReadings, as_column, judge_readings, mark_outliers
from bigdata_emis.clean.readings.partitions import clean_partitions, join_flag_lists
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions, read_cleaning_options
from bigdata_emis.clean.road_flow.free_flow_volume import LinkHours, estimate_least_flow_veh_per_h, pooled_ratio, shrink
from bigdata_emis.clean.road_flow.phone_scale import LinkFlows, PhoneCells, phone_factors
from bigdata_emis.clean.road_flow.truck_scale import choose_factors, read_truck_counts, truck_factors
from bigdata_emis.codes import Flag, FlowMethod
from bigdata_emis.context import Context
from bigdata_emis.equations.traffic import capacity_veh_per_h, flow_veh_per_h

PHONE_COUNTS = ("present_device_count", "moving_device_count")


def clean_traffic(
    traffic_reading: DataFrame,
    road_link: DataFrame,
    free_flow_volume: DataFrame,
    signalling_hourly: DataFrame,
    truck_hourly: DataFrame,
    grid_weight: DataFrame,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Hourly speed and flow of every link that has readings, and the quarantined readings.

    Flow is measured where it was counted; elsewhere it follows from speed, calibrated for each road class and day over
    the n counted link-hours of the day and three days before, with the weight of n0 (counters_least) for a factor of 1:

        factor = (n × Σ counted flow ÷ Σ flow derived from speed + n0) ÷ (n + n0)

    At free speed, where the relation gives no flow at all, and wherever it gives less than that, the flow is what links
    of the class carry at free speed (road_flow.free_flow_volume). Phones that are counted in the cells of a link, and
    trucks that a platform sees on it, raise or lower that flow as far as counters confirm (road_flow.phone_scale,
    road_flow.truck_scale); the method says so.
    """
    links = road_link.toArrow()
    registered = {"link_id": sorted(links["link_id"].to_pylist())}
    grid, options = build_hour_grid(context), read_cleaning_options(context)
    clean_rows = partial(
        clean_traffic_rows,
        rules=compile_rules("traffic_reading", registered=registered, filled=("speed_km_per_h",)),
        grid=grid,
        options=options,
    )
    usual_share = free_flow_volume.orderBy("local_hour").toArrow()["free_flow_volume_share"].to_numpy()
    cleaned = clean_partitions(traffic_reading, clean_rows, feed="traffic", by="link_id")
    phones = read_phone_cells(signalling_hourly, grid_weight, links, grid)
    trucks = read_truck_counts(truck_hourly, links, grid)
    hours = derive_flow(cleaned["traffic_hourly"], links, usual_share, phones, trucks, grid=grid, options=options)
    return cleaned | {"traffic_hourly": hours}


def clean_traffic_rows(
    rows: pa.Table, *, rules: tuple[ReadingRule, ...], grid: HourGrid, options: CleaningOptions
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows, with counted flow only, and the quarantined readings of some links.

    All readings of these links are given. Hours of the days before the window are rows too: their counts are pooled.
    """
    judged = judge_readings(rows, rules, reading_table="traffic_reading", grid=grid)
    judged.mark_superseded()
    mark_outliers(judged, "speed_km_per_h", options.for_steady_sources)
    count, is_dead, is_filled = judged.count_by_hour(), *_find_stuck_detectors(judged, options)
    measured, flow = _mean_speed(judged, count, options, is_dead)
    speed, rank = fill_gaps(measured, grid, longest_h=options.interpolation_h, from_profile=True)
    matrices = {
        "speed_km_per_h": speed,
        "flow_veh_per_h": flow,
        "imputation_code": np.array(IMPUTATION_CODES)[rank],
        "reading_count": count.astype(np.int64),
        Flag.ZERO: judged.sum_by_hour(is_dead) > 0,
        Flag.CONSTANT: judged.sum_by_hour(is_filled) > 0,
    }
    hours = judged.hourly_rows(matrices, ~np.isnan(speed), grid.is_ended)
    marks = {flag: np.asarray(hours[flag]) for flag in (Flag.ZERO, Flag.CONSTANT)}
    flags = join_flag_lists({Flag.GAP: np.asarray(hours["reading_count"]) == 0} | marks)
    hours = hours.drop_columns(list(marks)).append_column("flag_codes", flags)
    return hours, judged.quarantined_rows("traffic_quarantine")


def _find_stuck_detectors(judged: JudgedReadings, options: CleaningOptions) -> tuple[Floats, Floats]:
    """1 for each reading of a loop that counts nothing, and of a speed that does not change, as one filled in."""
    least_count = options.stuck_h * _readings_per_hour(judged)
    is_dead = find_stuck(judged, "flow_veh_per_h", least_count=least_count, is_zero=True)
    return is_dead.astype(np.float64), find_stuck(judged, "speed_km_per_h", least_count=least_count).astype(np.float64)


def _readings_per_hour(judged: JudgedReadings) -> int:
    """How many readings an hour usually has, over all links."""
    count = judged.count_by_hour()
    return int(np.median(count[count > 0])) if (count > 0).any() else 1


def read_phone_cells(
    signalling_hourly: DataFrame, grid_weight: DataFrame, links: pa.Table, grid: HourGrid
) -> PhoneCells | None:
    """The phones of the cells in which links lie, and the parts of links in them; None where there are no phones."""
    counts = signalling_hourly.where(F.col("moving_device_count").isNotNull())
    counts = counts.select("cell_id", "hour_utc", *PHONE_COUNTS)
    parts = grid_weight.join(counts.select("cell_id").distinct(), "cell_id", "left_semi")
    rows = parts.select("source_id", "cell_id", "weight_share").toArrow()
    rows = rows.filter(pc.is_in(rows["source_id"], links["link_id"]))
    if not rows.num_rows:
        return None
    rows = rows.sort_by([("source_id", "ascending"), ("cell_id", "ascending")])
    cells = pc.unique(rows["cell_id"]).sort()
    phones = counts.toArrow()
    phones = phones.filter(pc.is_in(phones["cell_id"], cells))
    hour = grid.number_hours(to_microseconds(phones["hour_utc"]))
    cell, is_seen = pc.index_in(phones["cell_id"], cells).to_numpy(), hour >= 0
    present, moving = (np.full((len(cells), grid.hour_count), np.nan) for _ in PHONE_COUNTS)
    for matrix, name in zip((present, moving), PHONE_COUNTS, strict=True):
        matrix[cell[is_seen], hour[is_seen]] = phones[name].to_numpy()[is_seen]
    return PhoneCells(
        present,
        moving,
        link=pc.index_in(rows["source_id"], links["link_id"]).to_numpy(),
        cell=pc.index_in(rows["cell_id"], cells).to_numpy(),
        share=rows["weight_share"].to_numpy(),
    )


def derive_flow(
    hours: pa.Table,
    links: pa.Table,
    usual_share: Floats,
    phones: PhoneCells | None = None,
    trucks: Floats | None = None,
    *,
    grid: HourGrid,
    options: CleaningOptions,
) -> pa.Table:
    """The window's hourly rows with a flow in every hour, and the method by which it was found.

    `usual_share` of capacity is the flow at free speed by local hour, shape `(24,)`. phones: their links are rows of
    `links`. trucks: seen on each of these in an hour, (links, hours).
    """
    # In one order, since sums of floats in another order differ in the last bit, and engines return rows in their own.
    hours = hours.sort_by([("link_id", "ascending"), ("hour_utc", "ascending")])
    link = pc.index_in(hours["link_id"], links["link_id"].combine_chunks()).to_numpy()
    hour = grid.number_hours(to_microseconds(hours["hour_utc"]))
    flows = _flow_from_speed(hours, links, usual_share, link, hour, grid=grid, options=options)
    factor, is_by_trucks = _evidence_factor(phones, trucks, flows, links, link, hour, grid)
    return _with_flow(hours, flows, factor, is_by_trucks).filter(pa.array(grid.is_written[hour]))


@dataclass(frozen=True)
class _RowFlows:
    """Of each row: counted flow (NaN where nobody counted), flow derived from speed, and the least flow."""

    counted: Floats
    derived: Floats
    least: Floats

    @property
    def implied(self) -> Floats:
        """The flow without counts and phones."""
        return np.maximum(self.derived, self.least)


def _flow_from_speed(
    hours: pa.Table,
    links: pa.Table,
    usual_share: Floats,
    link: Integers,
    hour: Integers,
    *,
    grid: HourGrid,
    options: CleaningOptions,
) -> _RowFlows:
    road_class = np.unique(np.asarray(links["road_class_code"].to_pylist(), dtype=str), return_inverse=True)[1][link]
    free, density = (links[name].to_numpy()[link] for name in ("free_speed_km_per_h", "jam_density_veh_per_km"))
    speed, counted = hours["speed_km_per_h"].to_numpy(), hours["flow_veh_per_h"].to_numpy()
    derived = np.asarray(flow_veh_per_h(speed, free, jam_density_veh_per_km=density), dtype=np.float64)
    day = grid.day[hour]
    factor = _calibration_factor(counted, derived, road_class=road_class, day=day, prior_count=options.counters_least)
    capacity = np.asarray(capacity_veh_per_h(free, jam_density_veh_per_km=density), dtype=np.float64)
    link_hours = LinkHours(speed, free, capacity, factor, counted, day, road_class, grid.local_hour[hour])
    least_flow = estimate_least_flow_veh_per_h(link_hours, usual_share, prior_count=options.counters_least)
    return _RowFlows(counted, derived * factor, least_flow)


def _evidence_factor(
    phones: PhoneCells | None,
    trucks: Floats | None,
    flows: _RowFlows,
    links: pa.Table,
    link: Integers,
    hour: Integers,
    grid: HourGrid,
) -> tuple[Floats, Flags]:
    """The factor that phones or trucks give the flow of each row, NaN where none does, and whether trucks did."""
    if phones is None and trucks is None:
        return np.full(len(link), np.nan), np.zeros(len(link), dtype=bool)

    def matrix(values: Floats) -> Floats:
        filled = np.full((links.num_rows, grid.hour_count), np.nan)
        filled[link, hour] = values
        return filled

    vehicle_km = flows.implied * links["length_km"].to_numpy()[link]
    known = LinkFlows(matrix(vehicle_km), matrix(flows.implied), matrix(flows.counted), grid.day)
    factor, is_by_trucks = choose_factors(
        phone_factors(phones, known) if phones else None, None if trucks is None else truck_factors(trucks, known)
    )
    day = np.searchsorted(np.unique(grid.day), grid.day[hour])
    return np.asarray(factor[link, day]), np.asarray(is_by_trucks[link, day])


def _with_flow(hours: pa.Table, flows: _RowFlows, factor: Floats, is_by_trucks: Flags) -> pa.Table:
    is_counted, is_scaled = ~np.isnan(flows.counted), np.isfinite(factor)
    flow = np.where(is_counted, flows.counted, flows.implied * np.where(is_scaled, factor, 1.0))
    is_free = flows.least > flows.derived
    method = np.where(is_free, FlowMethod.FREE_FLOW, FlowMethod.SPEED_FLOW)
    with_phones = np.where(is_free, FlowMethod.FREE_FLOW_PHONES, FlowMethod.SPEED_FLOW_PHONES)
    with_trucks = np.where(is_free, FlowMethod.FREE_FLOW_TRUCKS, FlowMethod.SPEED_FLOW_TRUCKS)
    method = np.where(is_scaled, np.where(is_by_trucks, with_trucks, with_phones), method)
    method = np.where(is_counted, FlowMethod.MEASURED, method)
    for name, column in (("flow_veh_per_h", as_column(flow)), ("flow_method_code", pa.array(method))):
        hours = hours.set_column(hours.column_names.index(name), name, column)
    return hours


def _mean_speed(
    judged: JudgedReadings, count: Floats, options: CleaningOptions, is_dead: Floats
) -> tuple[Floats, Floats]:
    """Space-mean speed and mean counted flow of each link and hour.

        v = Σ q ÷ Σ (q ÷ vᵢ)

    Distance over time of all vehicles, with equal weights in an hour that was not counted throughout.

    Source: Wardrop (1952), Some theoretical aspects of road traffic research, Proc. Inst. Civ. Eng. 1, 325.
    """
    speed = np.maximum(judged.values("speed_km_per_h"), options.least_speed_km_per_h)
    flow = np.where(is_dead > 0, np.nan, judged.values("flow_veh_per_h"))
    is_counted = ~np.isnan(flow)
    vehicles = np.where(is_counted, flow, 0.0)
    counted = judged.sum_by_hour(is_counted.astype(np.float64))
    total = judged.sum_by_hour(vehicles)
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted = total / judged.sum_by_hour(vehicles / speed)
        unweighted = count / judged.sum_by_hour(1.0 / speed)
        mean_flow = np.where(counted > 0, total / counted, np.nan)
    is_counted_throughout = (counted == count) & (total > 0)
    return np.where(is_counted_throughout, weighted, np.where(count > 0, unweighted, np.nan)), mean_flow


def _calibration_factor(
    counted: Floats, derived: Floats, *, road_class: Integers, day: Integers, prior_count: int
) -> Floats:
    """For each row the factor of its road class and the days pooled, shrunk towards 1."""
    usable = ~np.isnan(counted) & (derived > 0)
    factor, count = pooled_ratio(counted, lambda _: derived, is_used=usable, group=road_class, day=day)
    return shrink(factor, count, prior=np.ones(len(factor)), prior_count=prior_count)
