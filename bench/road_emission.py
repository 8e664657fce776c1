"""CPU seconds of one day of road emission, for a given number of links.

Belongs here: synthetic traffic from a seed, and the measurement. Does not: any part of the stage.

    python bench/road_emission.py --links 1000 --detail vehicle --runs 3
"""

import argparse
import itertools
import json
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.engine import spark_session
from bigdata_emis.inventory.emit_traffic import DETAIL_OPTION, emit_traffic
from bigdata_emis.inventory.fleets.day_fleets import VEHICLE
from bigdata_emis.region import Grid, Region
from bigdata_emis.run.stage import TRANSFER_OPTIONS
from bigdata_emis.schema.arrow import conform, empty
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window

SEED = 20151220
ZONE = "Asia/Shanghai"
ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary")
VEHICLES = 40
TABLE_OF_DETAIL = {"vehicle": "emission_link_hourly", "link": "emission_road_hourly"}
TABLES = (
    "road_base_emission_factor",
    "road_speed_correction",
    "road_temperature_correction",
    "road_humidity_correction",
    "road_sulphur_correction",
    "road_fuel_sulphur",
    "road_deterioration_correction",
    "road_load_correction",
    "road_altitude_correction",
    "road_evaporation_factor",
    "road_wear_factor",
    "road_wear_speed_correction",
    "road_carbon_share",
)


def main() -> None:
    """Write the inputs, run the stage, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=1000)
    parser.add_argument("--detail", choices=("vehicle", "link"), default="vehicle")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    window = day_window(date(2015, 12, 20), ZONE)
    region = Region(
        "bench",
        Path(),
        "bench",
        "基准",
        ZONE,
        True,
        Grid("EPSG:32650", 1000, 0, 0, 1, 1),
        {},
        {DETAIL_OPTION: options.detail},
        {},
    )
    context = Context(region, window, window.to_utc, "bench", open_lake(region))
    with tempfile.TemporaryDirectory() as folder:
        inputs = _write_inputs(context, options.links, Path(folder))
        runs = [_time_stage(inputs, context) for _ in range(options.runs)]
    print(json.dumps({"links": options.links, "detail": options.detail, "runs": runs}, indent=1))


def _write_inputs(context: Context, links: int, folder: Path) -> list[Path]:
    """Files of the tables that the stage reads, in the order of its parameters."""
    random = np.random.default_rng(SEED)
    hours = pa.array(list(context.window.hour_starts_utc()), pa.timestamp("us", tz="UTC"))
    names = [f"link-{n:06d}" for n in range(links)]
    rows = links * len(hours)
    frames = {
        "traffic_hourly": pa.table(
            {
                "link_id": pa.array(np.repeat(np.array(names, dtype=object), len(hours))),
                "hour_utc": pa.chunked_array([hours] * links),
                "speed_km_per_h": random.uniform(5, 100, rows),
                "flow_veh_per_h": random.uniform(0, 3000, rows),
                "flow_method_code": pa.repeat("speed_flow", rows),
                "imputation_code": pa.array(["none"] * rows),
            }
        ),
        "road_link": pa.table(
            {
                "link_id": names,
                "road_class_code": [ROAD_CLASSES[n % len(ROAD_CLASSES)] for n in range(links)],
                "length_km": random.uniform(0.2, 3, links),
                "city_name": pa.nulls(links, pa.string()),
                "county_id": pa.nulls(links, pa.string()),
            }
        ),
        "fleet_mix": _fleet(random),
        "local_fleet": empty(schema.table("local_fleet")),
        "traffic_restriction": empty(schema.table("traffic_restriction")),
        "calendar_period": reference.read("calendar_period"),
        "weather_hourly": pa.table(
            {
                "station_id": ["one"] * len(hours),
                "hour_utc": hours,
                "air_temperature_degc": np.linspace(-5, 26, len(hours)),
                "relative_humidity_share": np.linspace(0.2, 0.9, len(hours)),
            }
        ),
        **{name: reference.read(name) for name in TABLES},
        "activity_area": empty(schema.table("activity_area")),
    }
    for name, frame in frames.items():
        pq.write_table(frame, folder / f"{name}.parquet")
    return [folder / f"{name}.parquet" for name in frames]


def _fleet(random: np.random.Generator) -> pa.Table:
    """Equal shares of VEHICLES vehicles in every road class and hour."""
    factors = reference.read("road_base_emission_factor")
    vehicles = sorted(set(zip(*(factors[name].to_pylist() for name in VEHICLE), strict=True)))
    chosen = [vehicles[n] for n in sorted(random.choice(len(vehicles), VEHICLES, replace=False))]
    return pa.Table.from_pylist(
        [
            {
                "road_class_code": road,
                "local_hour": hour,
                **dict(zip(VEHICLE, vehicle, strict=True)),
                "fleet_share": 1 / VEHICLES,
            }
            for road in ROAD_CLASSES
            for hour in range(24)
            for vehicle in chosen
        ]
    )


def _time_stage(inputs: list[Path], context: Context) -> dict[str, float]:
    """CPU seconds, engine included, to plan, to compute and write, and to read and check against the schema."""
    session = spark_session.session()
    table = schema.table(TABLE_OF_DETAIL[context.region.options[DETAIL_OPTION]])
    marks, began = [time.process_time()], time.perf_counter()
    planned = emit_traffic(*(session.read.parquet(str(path)) for path in inputs), context=context)
    marks.append(time.process_time())
    with tempfile.TemporaryDirectory() as folder:
        planned[table.name].write.mode("overwrite").options(**TRANSFER_OPTIONS).parquet(folder)
        marks.append(time.process_time())
        texts = [field.name for field in table.fields if field.kind == "string"]
        rows = conform(pq.read_table(folder, partitioning=None, read_dictionary=texts), table).num_rows
    marks.append(time.process_time())
    plan, compute, check = (round(after - before, 2) for before, after in itertools.pairwise(marks))
    wall_s = round(time.perf_counter() - began, 2)
    return {"rows": rows, "plan_cpu_s": plan, "engine_cpu_s": compute, "conform_cpu_s": check, "wall_s": wall_s}


if __name__ == "__main__":
    main()
