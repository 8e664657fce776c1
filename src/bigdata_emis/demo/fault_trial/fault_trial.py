"""Trial of the cleaning rules: faults of known kinds at drawn places of the simulated region, and which are found.

Belongs here: the readings of a trial, calling the cleaning, and counting what it found. Does not: the faults
(fault_kinds).
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import flow as flow_of_stages
from bigdata_emis import reference, schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.clean_cems import clean_cems_rows
from bigdata_emis.clean.clean_power import clean_power_rows, mark_twins
from bigdata_emis.clean.clean_traffic import clean_traffic_rows
from bigdata_emis.clean.faults.meter_places import read_places
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.hourly_recipe import HourlyRecipe, clean_hourly_rows
from bigdata_emis.clean.readings.plausible_maximum import compute_load_bounds_kwh, compute_maximum_energy_kwh
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.station_rules import apply_station_rules, read_station_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.codes import Flag, Imputation, MeterRole
from bigdata_emis.context import Context
from bigdata_emis.demo.fault_trial import fault_kinds as kinds
from bigdata_emis.demo.fault_trial.fault_kinds import FaultySeries, plant
from bigdata_emis.demo.fault_trial.fault_score import FaultScore, sum_rates
from bigdata_emis.demo.generate import World, draw_world
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, TIME_ZONE, day_start_us, find_size, random_stream, simulated_days
from bigdata_emis.demo.world.air import day_air_quality
from bigdata_emis.demo.world.bureau import day_totals
from bigdata_emis.demo.world.places import grid as region_grid
from bigdata_emis.demo.world.power_meters import INTERVAL_MIN, day_energy
from bigdata_emis.demo.world.traffic_flow import day_traffic_readings, draw_traffic
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY, Window, day_window

DAYS = simulated_days()
OWN_DAY_COUNT = 3
"""The last days, in which the faults are; those before are looked back on."""
CELL_M = 3_000.0
SHARE = 0.03
"""The part of the sources that gets a fault of one kind."""
METER_COLUMNS = ["meter_id", "production_line_id", "meter_role_code", "interval_min"]
Progress = Callable[[str, int, int], None]
NOT_DOUBT = frozenset({Flag.GAP})


def try_faults(*, seeds: Sequence[int], size: str, progress: Progress | None = None) -> dict[str, Any]:
    """Damaged, found and falsely doubted values by kind and feed, for each seed and over all.

    Raises InputError when the size is unknown.
    """
    began, trials = time.perf_counter(), []
    for number, seed in enumerate(seeds):
        if progress:
            progress(f"simulated faults of seed {seed}", number, len(seeds))
        trials.append(_try_seed(seed, size))
    return {
        "size": size,
        "seeds": list(seeds),
        "kinds": sum_rates([trial.damaged for trial in trials], [trial.found for trial in trials], "damaged", "recall"),
        "sources": sum_rates(
            [trial.sources for trial in trials], [trial.found_sources for trial in trials], "damaged", "recall"
        ),
        "feeds": sum_rates(
            [trial.sound for trial in trials], [trial.doubted for trial in trials], "sound", "false_share"
        ),
        "slight": sum_rates(
            [trial.slight for trial in trials], [trial.slight_doubted for trial in trials], "slight", "doubted_share"
        ),
        "seconds": round(time.perf_counter() - began, 1),
    }


def _try_seed(seed: int, size: str) -> FaultScore:
    world, outcome = draw_world(seed, find_size(size)), FaultScore({}, {}, {}, {}, {}, {}, {}, {})
    for trial in (_try_power, _try_cems, _try_traffic, _try_air):
        trial(world, random_stream(seed, f"trial {trial.__name__}"), outcome)
    return outcome


def _grid(feed: str) -> HourGrid:
    """The own days and those that the cleaning of the feed looks back on."""
    first, last = (day_window(day, TIME_ZONE) for day in (DAYS[-OWN_DAY_COUNT], DAYS[-1]))
    region = Region("trial", Path(), "simulated faults", "模拟故障", TIME_ZONE, True, region_grid(CELL_M), {}, {}, {})
    lookback_days, known_utc = flow_of_stages.stage(f"clean_{feed}").lookback_days, last.to_utc + timedelta(hours=1)
    window = Window(first.from_utc, last.to_utc)
    return build_hour_grid(Context(region, window, known_utc, "trial", open_lake(region), lookback_days))


def _count(source_count: int) -> int:
    return max(int(SHARE * source_count), 3)


def _try_power(world: World, random: np.random.Generator, outcome: FaultScore) -> None:
    frame = world.meters.frame
    series = _power_with_faults(world, random)
    ids = frame["meter_id"].to_numpy().astype(str)
    rows, source, step = _long(series.value, INTERVAL_MIN)
    table = pa.table(
        {
            "meter_id": pa.array(ids[source]),
            "interval_start_utc": rows,
            "energy_kwh": pa.array(series.value[source, step]),
            "interval_min": pa.array(np.full(len(source), float(INTERVAL_MIN))),
        }
    )
    lines = pa.Table.from_pandas(world.industry.production_line, preserve_index=False)
    meters, grid = pa.Table.from_pandas(frame[METER_COLUMNS], preserve_index=False), _grid("power")
    hourly, quarantined = clean_power_rows(
        _as_readings(table, "power_reading"),
        rules=compile_rules("power_reading", registered={"meter_id": sorted(ids)}, filled=("energy_kwh",)),
        interval_min=dict.fromkeys(ids, float(INTERVAL_MIN)),
        maximum_kwh=compute_maximum_energy_kwh(meters, lines, factor=CleaningOptions().capacity_factor),
        bounds_kwh=compute_load_bounds_kwh(meters, lines),
        places=read_places(
            meters,
            pa.Table.from_pandas(world.meters.meter_share, preserve_index=False),
            lines,
            pa.Table.from_pandas(world.industry.enterprise, preserve_index=False),
            _district_totals(world, grid),
            grid=grid,
        ),
        grid=grid,
        options=CleaningOptions(),
    )
    hourly, find = mark_twins(hourly), _finder(ids, "meter_id")
    doubted = _doubted(series, quarantined, hourly, find, "interval_start_utc")
    doubted |= _hours_with(series, hourly, find, lambda flags: Flag.GAP in flags) & np.isnan(series.value)
    _score(series, doubted, "power", outcome, is_natural=np.zeros(doubted.shape, dtype=bool))


def _district_totals(world: World, grid: HourGrid) -> pa.Table:
    """The totals of the power bureau, without faults but those days on which it miscounts."""
    parts = []
    for number in range(len(DAYS)):
        day = day_totals(world.seed, number, enterprise=world.industry.enterprise, **world.operation())
        parts.append(day.assign(hour=day["hour_number"] + number * HOURS_PER_DAY))
    totals = pd.concat(parts, ignore_index=True)
    table = pa.Table.from_pandas(totals[["district_id", "industry_code", "district_energy_kwh"]], preserve_index=False)
    none = pa.array([str(Imputation.NONE)] * len(totals))
    return table.append_column("hour_utc", grid.hour_starts(totals["hour"].to_numpy())).append_column(
        "imputation_code", none
    )


def _power_with_faults(world: World, random: np.random.Generator) -> FaultySeries:
    days = [day_energy(world.seed, number, **world.operation()) for number in range(len(DAYS))]
    true = np.concatenate(days, axis=1).astype(float).round(3)
    series = FaultySeries(true, QUARTERS_PER_HOUR, OWN_DAY_COUNT * HOURS_PER_DAY * QUARTERS_PER_HOUR)
    is_used = true.mean(axis=1) > 0
    generates = world.meters.frame["meter_role_code"].to_numpy() == MeterRole.SELF_GENERATION
    put = partial(plant, random, series, count=_count(len(true)))
    put("self-generation gap", kinds.silence, candidates=np.flatnonzero(generates & is_used), hours=(6, 20))
    put = partial(put, candidates=np.flatnonzero(is_used))
    put("negative", kinds.negative, hours=(6, 24))
    put("stuck", kinds.stuck, hours=(6, 20), is_material=False)
    put("spike by state", kinds.spike, hours=(48, 72))
    put("register jump", kinds.register_jump, hours=(2, 6))
    put("multiplier change", kinds.multiplier_change, hours=(24, 72))
    put("a tenth", kinds.tenth, hours=(24, 72))
    put("clock shift", kinds.clock_shift, hours=(72, 72))
    put("twins", kinds.twin, hours=(72, 72))
    put("clock set ahead", kinds.clock_set_ahead, hours=(72, 72))
    # Its gap is found as one, and says nothing of the clock.
    series.damaged["clock set ahead"] &= ~np.isnan(series.value)
    return series


def _try_cems(world: World, random: np.random.Generator, outcome: FaultScore) -> None:
    keys, true, flow = _stack_series(world)
    series = FaultySeries(true.copy(), 1, OWN_DAY_COUNT * HOURS_PER_DAY)
    every = np.flatnonzero(np.nanmean(true, axis=1) > 0)
    put = partial(plant, random, series, count=_count(len(true)), candidates=every)
    put("CEMS frozen", kinds.stuck, hours=(6, 24), is_material=False)
    put("zero drift", kinds.zero_drift, hours=(72, 72))
    put("negative (CEMS)", kinds.negative, hours=(24, 48))
    rows, source, step = _long(series.value, 60)
    table = pa.table(
        {
            "stack_id": pa.array([keys[n][0] for n in source]),
            "pollutant_code": pa.array([keys[n][1] for n in source]),
            "hour_utc": rows,
            "concentration_mg_per_m3": pa.array(series.value[source, step]),
            "flow_m3_per_h": pa.array(flow[source, step]),
        }
    )
    filled = ("concentration_mg_per_m3", "flow_m3_per_h")
    hourly, quarantined = clean_cems_rows(
        _as_readings(table, "cems_reading"),
        rules=compile_rules("cems_reading", registered={"stack_id": sorted({k[0] for k in keys})}, filled=filled),
        grid=_grid("cems"),
        options=CleaningOptions(),
    )
    doubted = _doubted(series, quarantined, hourly, _finder(keys, "stack_id", "pollutant_code"), "hour_utc")
    _score(series, doubted, "cems", outcome, is_natural=np.isnan(true))


def _stack_series(world: World) -> tuple[list[tuple[str, str]], Floats, Floats]:
    """Keys, concentrations and flows of all stacks and pollutants that are monitored, `(sources, hours)`."""
    parts = []
    for number in range(len(DAYS)):
        day = world.stack_readings(number)
        parts.append(day.assign(step=day["hour_number"] + number * HOURS_PER_DAY))
    long = pd.concat(parts, ignore_index=True)
    names = ["concentration_mg_per_m3", "flow_m3_per_h"]
    concentration, flow = (long.pivot(index=["stack_id", "pollutant_code"], columns="step", values=n) for n in names)
    return list(concentration.index), concentration.to_numpy(), flow.to_numpy()


def _try_traffic(world: World, random: np.random.Generator, outcome: FaultScore) -> None:
    speed, flow = _road_series(world)
    links, count = world.links, _count(len(world.links))
    counted, every = np.flatnonzero(~np.isnan(flow.value).all(axis=1)), np.arange(len(links))
    plant(random, flow, "dead loop", kinds.zeros, candidates=counted, count=count, hours=(6, 24))
    speed.touched |= flow.touched
    fill = partial(kinds.fill, usual=links["free_speed_km_per_h"].to_numpy().round(1))
    plant(random, speed, "free-flow fill", fill, candidates=every, count=count, hours=(6, 24), is_material=False)
    rows, source, step = _long(speed.value, world.size.interval_min)
    ids = links["link_id"].to_numpy().astype(str)
    table = pa.table(
        {
            "link_id": pa.array(ids[source]),
            "interval_start_utc": rows,
            "speed_km_per_h": pa.array(speed.value[source, step]),
            "flow_veh_per_h": pa.array(flow.value[source, step], from_pandas=True),
        }
    )
    hourly, quarantined = clean_traffic_rows(
        _as_readings(table, "traffic_reading"),
        rules=compile_rules("traffic_reading", registered={"link_id": sorted(ids)}, filled=("speed_km_per_h",)),
        grid=_grid("traffic"),
        options=CleaningOptions(),
    )
    doubted = _doubted(speed, quarantined, hourly, _finder(ids, "link_id"), "interval_start_utc")
    speed.damaged |= flow.damaged
    _score(speed, doubted, "traffic", outcome, is_natural=np.zeros(doubted.shape, dtype=bool))


def _road_series(world: World) -> tuple[FaultySeries, FaultySeries]:
    """Speeds and counts of all links."""
    interval_min, links = world.size.interval_min, world.links
    steps_per_hour, speeds, flows = 60 // interval_min, [], []
    for number in range(len(DAYS)):
        traffic = draw_traffic(world.seed, number, links)
        day = day_traffic_readings(world.seed, number, links=links, traffic=traffic, interval_min=interval_min)
        shape = (HOURS_PER_DAY * steps_per_hour, len(links))
        speeds.append(day["speed_km_per_h"].to_numpy().reshape(shape).T)
        flows.append(day["flow_veh_per_h"].to_numpy().reshape(shape).T)
    own = OWN_DAY_COUNT * HOURS_PER_DAY * steps_per_hour
    speed, flow = (FaultySeries(np.concatenate(part, axis=1), steps_per_hour, own) for part in (speeds, flows))
    return speed, flow


def _try_air(_: World, random: np.random.Generator, outcome: FaultScore) -> None:
    keys, true = _station_series()
    series = FaultySeries(true.copy(), 1, OWN_DAY_COUNT * HOURS_PER_DAY)
    row = {key: number for number, key in enumerate(keys)}
    whole = np.array([row[station, "PM10"] for station, _ in keys])
    fine = np.array([number for number, key in enumerate(keys) if key[1] == "PM2.5"])
    above = partial(kinds.above_whole, whole=true[whole])
    plant(random, series, "PM2.5 > PM10", above, candidates=fine, count=4, hours=(3, 24))
    rows, source, step = _long(series.value, 60)
    table = pa.table(
        {
            "station_id": pa.array([keys[n][0] for n in source]),
            "pollutant_code": pa.array([keys[n][1] for n in source]),
            "hour_utc": rows,
            "concentration_ug_per_m3": pa.array(series.value[source, step]),
        }
    )
    recipe = HourlyRecipe(
        feed="air_quality",
        by="station_id",
        value="concentration_ug_per_m3",
        mark_doubtful=partial(apply_station_rules, rules=read_station_rules(reference.read("station_rule"))),
        registered={"station_id": sorted({station for station, _ in keys})},
    )
    hourly, quarantined = clean_hourly_rows(
        _as_readings(table, "air_quality_reading"),
        recipe=recipe,
        rules=recipe.compile_rules(),
        grid=_grid("air_quality"),
    )
    doubted = _doubted(series, quarantined, hourly, _finder(keys, "station_id", "pollutant_code"), "hour_utc")
    with np.errstate(invalid="ignore"):
        is_contradicted = series.value[fine] > series.value[whole[fine]]
    is_natural = np.isnan(true)
    is_natural[fine] |= is_contradicted
    is_natural[whole[fine]] |= is_contradicted
    _score(series, doubted, "air_quality", outcome, is_natural=is_natural)


def _station_series() -> tuple[list[tuple[str, str]], Floats]:
    """Keys and measured concentrations of all stations, `(sources, hours)`."""
    long = pd.concat([day_air_quality(day) for day in DAYS], ignore_index=True)
    long["step"] = (long["hour_us"] - day_start_us(DAYS[0])) // HOUR_US
    wide = long.pivot(index=["station_id", "pollutant_code"], columns="step", values="concentration_ug_per_m3")
    wide = wide.reindex(columns=np.arange(len(DAYS) * HOURS_PER_DAY))
    return list(wide.index), wide.to_numpy()


def _finder(keys: Any, *names: str) -> Callable[[dict[str, Any]], int]:
    """The number of the source of a row."""
    index = {key if isinstance(key, tuple) else (key,): number for number, key in enumerate(keys)}
    return lambda row: index[tuple(row[name] for name in names)]


def _long(value: Floats, interval_min: int) -> tuple[pa.Array, Integers, Integers]:
    """The given values one after another: their times, sources and steps."""
    source, step = np.nonzero(~np.isnan(value))
    start_us = day_start_us(DAYS[0]) + step * interval_min * 60_000_000
    return pa.array(start_us, pa.int64()).cast(pa.timestamp("us", tz="UTC")), source, step


def _as_readings(rows: pa.Table, table_name: str) -> pa.Table:
    empty = pa.array([[]] * rows.num_rows, pa.list_(pa.string()))
    numbers = pa.array(np.arange(1, rows.num_rows + 1))
    table = rows.append_column("flag_codes", empty).append_column("record_number", numbers)
    for name in schema.table(table_name).names:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(rows.num_rows, pa.float64()))
    return table.select(list(schema.table(table_name).names))


def _doubted(series: FaultySeries, quarantined: pa.Table, hourly: pa.Table, find: Any, time_name: str) -> Flags:
    """The values that are quarantined, or in an hour with a flag of doubt."""
    doubted = np.zeros(series.value.shape, dtype=bool)
    for row in quarantined.to_pylist():
        doubted[find(row), _step(row[time_name], series)] = True
    return doubted | _hours_with(series, hourly, find, lambda flags: bool(flags - NOT_DOUBT))


def _hours_with(series: FaultySeries, hourly: pa.Table, find: Any, is_chosen: Callable[[set[str]], bool]) -> Flags:
    marked = np.zeros(series.value.shape, dtype=bool)
    for row in hourly.filter(pc.greater(pc.list_value_length(hourly["flag_codes"]), 0)).to_pylist():
        if is_chosen(set(row["flag_codes"])):
            start = _step(row["hour_utc"], series)
            marked[find(row), start : start + series.steps_per_hour] = True
    return marked


def _step(instant: datetime, series: FaultySeries) -> int:
    start = datetime.fromtimestamp(day_start_us(DAYS[0]) / 1e6, UTC)
    return int((instant.astimezone(UTC) - start) / timedelta(hours=1) * series.steps_per_hour)


def _score(series: FaultySeries, doubted: Flags, feed: str, outcome: FaultScore, *, is_natural: Flags) -> None:
    """Count by kind; values with a fault of their own, simulated or measured, are neither sound nor damaged."""
    for kind, mask in series.damaged.items():
        outcome.damaged[kind], outcome.found[kind] = int(mask.sum()), int((mask & doubted).sum())
        has_fault = mask.any(axis=1)
        outcome.sources[kind], outcome.found_sources[kind] = (
            int(has_fault.sum()),
            int((mask & doubted).any(axis=1).sum()),
        )
    is_sound = ~is_natural & ~series.originals & ~np.isnan(series.value)
    is_sound[:, : series.first_own] = False
    for mask in series.damaged.values():
        is_sound &= ~mask
    is_slight = is_sound & series.slight
    is_sound &= ~is_slight
    outcome.sound[feed], outcome.doubted[feed] = int(is_sound.sum()), int((is_sound & doubted).sum())
    outcome.slight[feed], outcome.slight_doubted[feed] = int(is_slight.sum()), int((is_slight & doubted).sum())
