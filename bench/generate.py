"""Inputs of the workloads power and traffic, from a seed, in the declared tables.

They are written day by day, so that every size fits in memory.
Belongs here: readings with their faults, registry and grid weights. Does not: sizes (sizes), inputs of the model
workloads (learning, boosted), or anything that is timed.
"""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.boosted import write_scoring_boosted_inputs, write_training_all_inputs
from bench.learning import write_scoring_inputs, write_training_inputs
from bench.sizes import (
    CELLS,
    FIRST_DAY,
    SCORING,
    SCORING_BOOSTED,
    TIME_ZONE,
    TRAINING,
    TRAINING_ALL,
    Size,
    scratch_folder,
)
from bigdata_emis import reference, schema
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import Window, day_window

VERSION = 10
SEED = 20151220
QUARTER_US = 900_000_000
QUARTERS = 96
MISSING_SHARE, GAP_SHARE, GAP_QUARTERS = 0.005, 0.027, (4, 33)
"""Of the missing 1 %, half are single readings and half are in gaps of 1 to 8 hours."""
DUPLICATE_SHARE, SPIKE_SHARE = 0.01, 0.002
POLLUTANTS = {"CO": 9000.0, "NOx": 1400.0, "PM10": 900.0, "PM2.5": 500.0, "SO2": 700.0}
VEHICLE_CLASSES = (
    ("LPV_mini_small", "gasoline"),
    ("TAXI", "gas"),
    ("BUS", "diesel"),
    ("LightT", "diesel"),
    ("MediumT", "diesel"),
    ("HeavyT", "diesel"),
)
STAGES = ("III", "IV", "V")
ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary")
CORRECTIONS = (
    "base_emission_factor",
    "speed_correction",
    "temperature_correction",
    "humidity_correction",
    "evaporation_factor",
)
STATE_TABLES = (
    "road_sulphur_correction",
    "road_fuel_sulphur",
    "road_deterioration_correction",
    "road_load_correction",
    "road_altitude_correction",
    "road_wear_factor",
    "road_wear_speed_correction",
    "road_carbon_share",
)
Random = np.random.Generator


def make_inputs(size: Size, workload: str) -> Path:
    """The folder with the inputs of a workload.

    Inputs are written once for each size and version of this generator.
    """
    folder = scratch_folder() / f"{workload}-{size.name}-v{VERSION}"
    if not (folder / "window.json").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        WRITERS[workload](folder, size)
        _write(folder, "uncertainty_rating", reference.read("uncertainty_rating"))
        window = size.window(workload)
        (folder / "window.json").write_text(
            json.dumps({"from_utc": window.from_utc.isoformat(), "hours": window.hours}), "utf-8"
        )
    return folder


def _write_power(folder: Path, size: Size) -> None:
    random = np.random.default_rng(SEED)
    level_kwh = np.exp(random.normal(5.0, 1.2, size.meters))
    # The meters of a line stop together: the rule for production with abatement off is not in the plain scripts.
    stops_at_night = (random.random(size.meters) < 0.3)[np.arange(size.meters) % _lines(size)]
    meter_ids = pa.array([f"meter-{i:06d}" for i in range(size.meters)])
    record_number = 0
    for number in range(size.days):
        day = FIRST_DAY + timedelta(days=number)
        start_us = int(day_window(day, TIME_ZONE).from_utc.timestamp()) * 1_000_000
        energy = _energy(level_kwh, stops_at_night, random, is_weekend=day.weekday() >= 5)
        frame = _readings(meter_ids, energy, start_us, record_number, random)
        record_number += frame.num_rows
        _write(folder, "power_reading", frame, day=day.isoformat())
    _write_industry_registry(folder, size, level_kwh, random)


def _lines(size: Size) -> int:
    return max(size.meters * 4 // 5, 1)


def _energy(level_kwh: Any, stops_at_night: Any, random: Random, *, is_weekend: bool) -> Any:
    """Energy of a day, (meters, quarters): a daily shape, night stops, noise and spikes."""
    hour = np.arange(QUARTERS) / 4
    shape = (1 + 0.3 * np.sin((hour - 8) * np.pi / 12)) * (0.8 if is_weekend else 1.0)
    works = ~stops_at_night[:, None] | ((hour >= 8) & (hour < 20))[None, :]
    noise = np.exp(random.normal(0, 0.1, (len(level_kwh), QUARTERS)))
    spike = np.where(random.random(noise.shape) < SPIKE_SHARE, random.uniform(8, 30, noise.shape), 1.0)
    return level_kwh[:, None] * shape[None, :] * noise * spike * works


def _readings(meter_ids: pa.Array, energy: Any, start_us: int, record_number: int, random: Random) -> pa.Table:
    """The readings in order of their key; a duplicate arrives late and corrects the value by 1 %."""
    position = np.flatnonzero(~_is_missing(energy.shape, random).ravel())
    duplicate = position[random.random(len(position)) < DUPLICATE_SHARE]
    value = np.concatenate([energy.ravel()[position], energy.ravel()[duplicate] * 1.01])
    number = record_number + 1 + np.arange(len(value))
    position = np.concatenate([position, duplicate])
    order = np.argsort(position, kind="stable")
    position = position[order]
    columns = {
        "meter_id": meter_ids.take(pa.array(position // QUARTERS)),
        "interval_start_utc": pa.array(start_us + position % QUARTERS * QUARTER_US, pa.timestamp("us", tz="UTC")),
        "energy_kwh": value[order],
        "interval_min": np.full(len(position), 15.0),
        "record_number": number[order],
        "flag_codes": pa.ListArray.from_arrays(
            pa.array(np.zeros(len(position) + 1, np.int32)), pa.array([], pa.string())
        ),
    }
    return _fill_columns("power_reading", columns)


def _is_missing(shape: tuple[int, int], random: Random) -> Any:
    missing = random.random(shape) < MISSING_SHARE
    gapped = random.random(shape[0]) < GAP_SHARE
    first, length = random.integers(0, QUARTERS, shape[0]), random.integers(*GAP_QUARTERS, shape[0])
    quarter = np.arange(QUARTERS)[None, :]
    return missing | (gapped[:, None] & (quarter >= first[:, None]) & (quarter < (first + length)[:, None]))


def _write_industry_registry(folder: Path, size: Size, level_kwh: Any, random: Random) -> None:
    """Four lines for five meters: the fifth meters abatement or is a second meter of production."""
    lines = _lines(size)
    number = np.arange(size.meters)
    line_ids = pa.array([f"line-{i:06d}" for i in range(lines)])
    role = np.where(number < lines, "production", np.where(number % 2 == 0, "production", "abatement"))
    reference_kwh = np.bincount(number % lines, level_kwh * 4 * (role == "production"), minlength=lines)
    meters = {
        "meter_id": [f"meter-{i:06d}" for i in number],
        "production_line_id": line_ids.take(pa.array(number % lines)),
        "meter_role_code": role,
        "interval_min": np.full(size.meters, 15.0),
    }
    # In this order: the tables share one stream of random numbers.
    tables = {
        "meter": meters,
        "production_line": _production_lines(line_ids, reference_kwh, random),
        "enterprise": _enterprises(lines),
        "emission_factor": _emission_factors(line_ids, random),
    }
    for name, columns in tables.items():
        _write(folder, name, _fill_columns(name, columns))
    _write(folder, "grid_weight", _weights(line_ids, np.ones(lines, dtype=np.int64), random))


def _production_lines(line_ids: pa.Array, reference_kwh: Any, random: Random) -> dict[str, Any]:
    lines = len(line_ids)
    return {
        "production_line_id": line_ids,
        "enterprise_id": [f"plant-{i // 2:06d}" for i in range(lines)],
        "sector_code": random.choice(["industrial_process", "stationary_combustion"], lines),
        "industry_code": ["cement"] * lines,
        "activity_unit_code": ["t"] * lines,
        "capacity_per_h": random.uniform(1, 200, lines),
        "base_load_share": random.uniform(0, 0.3, lines),
        "power_elasticity": random.uniform(0.6, 1.2, lines),
        "reference_energy_kwh": reference_kwh * random.uniform(1.0, 1.3, lines),
    }


def _enterprises(lines: int) -> dict[str, Any]:
    plants = sorted({f"plant-{i // 2:06d}" for i in range(lines)})
    return {
        "enterprise_id": plants,
        "industry_code": ["cement"] * len(plants),
        "county_id": ["county"] * len(plants),
        "longitude_deg": np.full(len(plants), 116.0),
        "latitude_deg": np.full(len(plants), 40.0),
    }


def _emission_factors(line_ids: pa.Array, random: Random) -> dict[str, Any]:
    lines, rows = len(line_ids), len(line_ids) * len(POLLUTANTS)
    return {
        "production_line_id": line_ids.take(pa.array(np.repeat(np.arange(lines), len(POLLUTANTS)))),
        "pollutant_code": [*POLLUTANTS] * lines,
        "emission_factor_g_per_unit": np.tile([*POLLUTANTS.values()], lines) * np.exp(random.normal(0, 0.5, rows)),
        "removal_share": random.uniform(0, 0.9, rows),
        "relative_sd_share": random.uniform(0.1, 0.8, rows),
    }


def _write_traffic(folder: Path, size: Size) -> None:
    random = np.random.default_rng(SEED)
    window = size.window("traffic")
    links = pa.array([f"link-{i:07d}" for i in range(size.links)])
    rows = size.links * window.hours
    base_flow = np.repeat(np.exp(random.normal(6, 1, size.links)), window.hours)
    columns = {
        "link_id": links.take(pa.array(np.repeat(np.arange(size.links), window.hours))),
        "hour_utc": _hours(window, size.links),
        "speed_km_per_h": random.uniform(4, 115, rows),
        "flow_veh_per_h": base_flow * random.uniform(0.1, 1.5, rows),
        "flow_method_code": pa.repeat("speed_flow", rows),
        "imputation_code": pa.repeat("none", rows),
        "reading_count": np.full(rows, 12),
        "flag_codes": pa.ListArray.from_arrays(pa.array(np.zeros(rows + 1, np.int32)), pa.array([], pa.string())),
    }
    _write(folder, "traffic_hourly", _fill_columns("traffic_hourly", columns), day=FIRST_DAY.isoformat())
    _write(
        folder,
        "road_link",
        _fill_columns(
            "road_link",
            {
                "link_id": links,
                "road_class_code": random.choice(ROAD_CLASSES, size.links),
                "length_km": random.uniform(0.05, 3, size.links),
                "free_speed_km_per_h": np.full(size.links, 120.0),
                "jam_density_veh_per_km": np.full(size.links, 120.0),
                "geometry_wkt": pa.repeat("", size.links),
            },
        ),
    )
    _write(folder, "fleet_mix", _fleet(random))
    _write(folder, "weather_hourly", _weather(window, random), day=FIRST_DAY.isoformat())
    _write(folder, "grid_weight", _weights(links, random.integers(1, 4, size.links), random))
    for name in CORRECTIONS:
        _write(folder, f"road_{name}", reference.read(f"road_{name}"))
    # Without rows these corrections are 1, and there is no wear and no carbon; the plain scripts do not have them.
    for name in STATE_TABLES:
        _write(folder, name, reference.read(name).slice(0, 0))


def _fleet(random: Random) -> pa.Table:
    vehicles = [(vehicle, fuel, stage) for vehicle, fuel in VEHICLE_CLASSES for stage in STAGES]
    rows = [
        (road, hour, *vehicle, share)
        for road in ROAD_CLASSES
        for hour in range(24)
        for vehicle, share in zip(vehicles, random.dirichlet(np.ones(len(vehicles))), strict=True)
    ]
    return _fill_columns(
        "fleet_mix", dict(zip(schema.table("fleet_mix").names, (list(c) for c in zip(*rows, strict=True)), strict=True))
    )


def _weather(window: Window, random: Random) -> pa.Table:
    stations = ("north", "south")
    temperature = np.concatenate([base + 8 * np.sin(np.arange(window.hours) * np.pi / 12) for base in (9.0, 11.0)])
    return _fill_columns(
        "weather_hourly",
        {
            "station_id": np.repeat(stations, window.hours),
            "hour_utc": _hours(window, len(stations)),
            "air_temperature_degc": temperature,
            "relative_humidity_share": random.uniform(0.2, 0.9, len(temperature)),
            "imputation_code": pa.repeat("none", len(temperature)),
            "reading_count": np.ones(len(temperature), np.int64),
        },
    )


def _weights(source_ids: pa.Array, cells: Any, random: Random) -> pa.Table:
    """Each source in the given number of neighbouring cells, with shares that sum to 1."""
    source = np.repeat(np.arange(len(source_ids)), cells)
    first = random.integers(0, CELLS * (CELLS - 3), len(source_ids))
    cell = first[source] + np.arange(len(source)) - np.repeat(np.cumsum(cells) - cells, cells)
    part = random.uniform(0.2, 1, len(source))
    return _fill_columns(
        "grid_weight",
        {
            "source_id": source_ids.take(pa.array(source)),
            "cell_id": [f"r{c // CELLS}c{c % CELLS}" for c in cell],
            "weight_share": part / np.bincount(source, part)[source],
        },
    )


def _hours(window: Window, repeats: int) -> pa.Array:
    start = int(window.from_utc.timestamp()) * 1_000_000
    return pa.array(np.tile(start + np.arange(window.hours) * 3_600_000_000, repeats), pa.timestamp("us", tz="UTC"))


def _fill_columns(name: str, columns: dict[str, Any]) -> pa.Table:
    """The declared table; columns that the workload does not need are null."""
    declared = arrow_schema(schema.table(name))
    rows = len(next(iter(columns.values())))
    arrays = [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(rows, f.type) for f in declared]
    return pa.table(arrays, schema=declared)


def _write(folder: Path, name: str, frame: pa.Table, *, day: str | None = None) -> None:
    target = folder / name / f"day={day}" / f"{name}.parquet" if day else folder / f"{name}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(frame, target, compression="zstd")


WRITERS = {
    "power": _write_power,
    "traffic": _write_traffic,
    TRAINING: write_training_inputs,
    SCORING: write_scoring_inputs,
    TRAINING_ALL: write_training_all_inputs,
    SCORING_BOOSTED: write_scoring_boosted_inputs,
}
