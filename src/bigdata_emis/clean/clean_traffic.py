"""Road readings to hourly speed and flow.

Belongs here: the mean speed of an hour, and flow where nobody counted. Does not: the speed-flow equation (equations.traffic).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats
from bigdata_emis.clean.readings.free_flow_volume import LinkHours, least_flow_veh_per_h
from bigdata_emis.clean.readings.hour_grid import Clock, clock_of, microseconds
from bigdata_emis.clean.readings.imputation import CODES, fill_gaps
from bigdata_emis.clean.readings.judged import Judged, as_column, judge_readings, mark_outliers
from bigdata_emis.clean.readings.partitions import clean_in_one_pass, lists_of
from bigdata_emis.clean.readings.rules import Rule, compile_rules
from bigdata_emis.clean.readings.thresholds import Options, options_of
from bigdata_emis.context import Context
from bigdata_emis.equations.traffic import capacity_veh_per_h, flow_veh_per_h
from bigdata_emis.flow import stage

MEASURED, SPEED_FLOW, FREE_FLOW = "measured", "speed_flow", "free_flow"


def clean_traffic(
    traffic_reading: Any, road_link: Any, free_flow_volume: Any, *, context: Context
) -> dict[str, pa.Table]:
    """Hourly speed and flow of every link that has readings, and the readings set aside.

    Flow is measured where it was counted; elsewhere it follows from speed, scaled for each road class and day to what its counters
    saw: factor = sum of counted flow / sum of flow from speed, over the counted link-hours. At free speed, where the relation gives
    no flow at all, and wherever it gives less than that, the flow is what links of the class carry at free speed (free_flow.py).
    """
    links = road_link.toArrow()
    rules = compile_rules(
        "traffic_reading", known={"link_id": sorted(links["link_id"].to_pylist())}, filled=("speed_km_per_h",)
    )
    clock = clock_of(context, lookback_days=stage("clean_traffic").lookback_days)
    options = options_of(context)
    work = partial(traffic_hours, rules=rules, clock=clock, options=options)
    usual = free_flow_volume.orderBy("local_hour").toArrow()["free_flow_volume_share"].to_numpy()
    cleaned = clean_in_one_pass(
        traffic_reading, work, by="link_id", reads="traffic_reading", writes=("traffic_hourly", "traffic_quarantine")
    )
    return cleaned | {
        "traffic_hourly": derive_flow(cleaned["traffic_hourly"], links, usual, clock=clock, options=options)
    }


def traffic_hours(
    rows: pa.Table, *, rules: tuple[Rule, ...], clock: Clock, options: Options
) -> tuple[pa.Table, pa.Table]:
    """Hourly rows (flow only where counted) and quarantined readings of some links, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="traffic_reading", clock=clock)
    judged.keep_latest()
    mark_outliers(judged, "speed_km_per_h", options.steady)
    count = judged.per_hour()
    measured, flow = _mean_speed(judged, count, options)
    speed, code = fill_gaps(measured, clock, longest_h=options.interpolation_h, from_profile=True)
    hours = judged.own_rows(
        {
            "speed_km_per_h": speed,
            "flow_veh_per_h": flow,
            "imputation_code": np.array(CODES)[code],
            "reading_count": count.astype(np.int64),
        },
        ~np.isnan(speed),
    )
    hours = hours.append_column("flag_codes", lists_of("gap", np.asarray(hours["reading_count"]) == 0))
    return hours, judged.set_aside("traffic_quarantine")


def derive_flow(hours: pa.Table, links: pa.Table, usual_share: Floats, *, clock: Clock, options: Options) -> pa.Table:
    """The hourly rows with a flow in every hour, and by which method; `usual_share` of capacity is the flow at free speed by local hour."""
    # In one order, since sums of floats in another order differ in the last bit, and engines return rows in their own.
    hours = hours.sort_by([("link_id", "ascending"), ("hour_utc", "ascending")])
    row = {link: number for number, link in enumerate(links["link_id"].to_pylist())}
    link = np.array([row[name] for name in hours["link_id"].to_pylist()], dtype=np.int64)
    road_class = np.unique(np.asarray(links["road_class_code"].to_pylist(), dtype=str), return_inverse=True)[1][link]
    number = clock.hour_of(microseconds(hours["hour_utc"]))
    group = road_class * (int(clock.day[-1]) + 1) + clock.day[number]
    free, density = (links[name].to_numpy()[link] for name in ("free_speed_km_per_h", "jam_density_veh_per_km"))
    speed, counted = hours["speed_km_per_h"].to_numpy(), hours["flow_veh_per_h"].to_numpy()
    derived = np.asarray(flow_veh_per_h(speed, free, jam_density_veh_per_km=density), dtype=np.float64)
    factor = _calibration(counted, derived, group, least=options.counters_least)
    capacity = np.asarray(capacity_veh_per_h(free, jam_density_veh_per_km=density), dtype=np.float64) * factor
    told = LinkHours(speed, free, capacity, counted, clock.day[number], group, clock.local_hour[number])
    floor = least_flow_veh_per_h(told, usual_share, least=options.counters_least)
    return _with_flow(hours, counted, derived * factor, floor)


def _with_flow(hours: pa.Table, counted: Floats, derived: Floats, floor: Floats) -> pa.Table:
    is_counted = ~np.isnan(counted)
    columns = {
        "flow_veh_per_h": as_column(np.where(is_counted, counted, np.maximum(derived, floor))),
        "flow_method_code": pa.array(np.where(is_counted, MEASURED, np.where(floor > derived, FREE_FLOW, SPEED_FLOW))),
    }
    for name, column in columns.items():
        hours = hours.set_column(hours.column_names.index(name), name, column)
    return hours


def _mean_speed(judged: Judged, count: Floats, options: Options) -> tuple[Floats, Floats]:
    """Space-mean speed and mean counted flow of each link and hour.

    v = Σ q / Σ (q / v_i): distance over time of all vehicles, with equal weights in an hour that was not counted throughout.
    Source: Wardrop (1952), Some theoretical aspects of road traffic research, Proc. Inst. Civ. Eng. 1, 325.
    """
    speed = np.maximum(judged.values("speed_km_per_h"), options.least_speed_km_per_h)
    flow = judged.values("flow_veh_per_h")
    is_counted = ~np.isnan(flow)
    vehicles = np.where(is_counted, flow, 0.0)
    counted = judged.per_hour(is_counted.astype(np.float64))
    total = judged.per_hour(vehicles)
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted = total / judged.per_hour(vehicles / speed)
        plain = count / judged.per_hour(1.0 / speed)
        mean_flow = np.where(counted > 0, total / counted, np.nan)
    return np.where((counted == count) & (total > 0), weighted, np.where(count > 0, plain, np.nan)), mean_flow


def _calibration(counted: Floats, derived: Floats, group: Any, *, least: int) -> Floats:
    """For each row the factor of its road class and day, 1 where too few link-hours were counted."""
    usable = ~np.isnan(counted) & (derived > 0)
    size = int(group.max(initial=0)) + 1
    number = np.bincount(group[usable], minlength=size)
    seen = np.bincount(group[usable], counted[usable], minlength=size)
    expected = np.bincount(group[usable], derived[usable], minlength=size)
    factor = np.divide(seen, expected, out=np.ones(size), where=(number >= least) & (expected > 0))
    return np.asarray(factor[group])
