"""Time of an emergency recalculation: `emis recalc` on synthetic day inventories.

Belongs here: the inputs, drawn from a seed, and the measurement. Does not: any part of the recalculation.

    python bench/recalculation.py --plants 10000 --links 50000 --hours 72 --runs 3
    python bench/recalculation.py --listed                             every plant has measures of its own
    python bench/recalculation.py --links 0 --recent-days 7            the window is projected from 7 days before it
    python bench/recalculation.py --waterfall                          also the waterfall of its measures
    python bench/recalculation.py --edits                              edited scenarios, each beside a rebuild
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis import flow, reference, schema
from bigdata_emis.context import Context
from bigdata_emis.control.control_basis import control_basis
from bigdata_emis.control.inventory_versions import INVENTORY
from bigdata_emis.inventory.fleets.day_fleets import FleetTables, day_fleets
from bigdata_emis.inventory.roads.guide_tables import GuideTables
from bigdata_emis.inventory.roads.road_factors import compute_road_factors
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.region import Region, load_region
from bigdata_emis.schema.arrow import arrow_schema, conform, empty
from bigdata_emis.storage.checksums import sha256_digest
from bigdata_emis.storage.lake import Store, Version, open_lake
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.window import Window, day_window

REGION = "bench"
FIRST_DAY = date(2015, 12, 20)
KNOWN_UTC = datetime(2015, 12, 23, tzinfo=UTC)
TOML = """name_en = "Benchmark"
name_zh = "测速"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000.0
x_origin_m = 0.0
y_origin_m = 0.0
columns = 10
rows = 10
"""
STACK_POLLUTANTS = ("SO2", "NOx", "CO", "VOCs", "PM10", "PM2.5", "CO2")
ROAD_POLLUTANTS = ("CO", "NOx", "PM10", "PM2.5", "VOCs")
ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary")
GRADES = ("A", "B", "B-", "C", "D")
FLAGS = {
    "listed": "a list that names every plant at three levels",
    "waterfall": "also time emis scenario waterfall",
    "records": "leave the records of the run before, so that nothing is cut anew",
    "edits": "time edited scenarios, compared with a rebuild",
}
LATER_H = 6
HOURS_OF_FIRST_RUN = 24
RECORDS = Path("lake", "cut")
UNITS = ("wall_s", "cpu_s")
AREAS = (
    ("dust", "construction_site"),
    ("dust", "road_dust"),
    ("stationary_combustion", "residential_coal"),
    ("mobile", "nonroad_machinery"),
    ("agriculture", "livestock"),
)


@dataclass(frozen=True)
class RecalculationSize:
    """Counts of the synthetic region."""

    plants: int
    links: int
    areas: int
    days: int


def main() -> None:
    """Write the inputs, run the command, print one JSON document for each run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    for name, default in (
        ("plants", 10_000),
        ("links", 50_000),
        ("areas", 500),
        ("hours", 72),
        ("runs", 3),
        ("seed", 1),
    ):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--scratch", type=Path, help="store the inputs here and reuse them")
    arguments.add_argument("--recent-days", type=int, default=0, help="published days before a projected window")
    for name, text in FLAGS.items():
        arguments.add_argument(f"--{name}", action="store_true", help=text)
    options = arguments.parse_args()
    size = RecalculationSize(
        options.plants, options.links, options.areas, options.recent_days or -(-options.hours // 24)
    )
    with tempfile.TemporaryDirectory() as folder:
        home = options.scratch or Path(folder)
        if not (home / "regions" / REGION).is_dir():
            began = time.perf_counter()
            # In a process of its own: memory of a parent counts in the peak memory of its children.
            with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as executor:
                executor.submit(write_region, home, size, seed=options.seed).result()
            print(f"inputs written in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        if options.edits:
            for row in time_edits(home, options.hours):
                print(json.dumps(row))
            return
        for row in time_runs(home, options, size):
            print(json.dumps(row))


def time_runs(home: Path, options: argparse.Namespace, size: RecalculationSize) -> Iterator[dict[str, Any]]:
    """Each run, and its waterfall when asked; one before them is not counted: it stores the bytecode."""
    measures = write_listed_measures(home, options.plants) if options.listed else None
    first = FIRST_DAY + timedelta(days=options.recent_days)
    time_command(home, HOURS_OF_FIRST_RUN, first=first)
    for number in range(1, options.runs + 1):
        if not options.records:
            shutil.rmtree(home / RECORDS, ignore_errors=True)
        timed = time_command(home, options.hours, first=first, measures=measures)
        asked = {"hours": options.hours, "listed": options.listed, "projected": options.recent_days > 0}
        yield {"run": number, **vars(size), **asked, **timed}
        if options.waterfall:
            yield {"run": number, **time_waterfall(home, str(timed["scenario"]))}


def write_listed_measures(home: Path, plants: int) -> Path:
    """A list that orders a share of every plant at three levels, as an imported emergency list does."""
    path, steps = home / "listed_measures.csv", {"yellow": 0.2, "orange": 0.3, "red": 0.5}
    rows = (f"m-{i:06d},{level},plant-{i:06d}-1,1,{cut}" for i in range(plants) for level, cut in steps.items())
    path.write_text("\n".join(["measure_id,alert_level_code,production_line_id,affected_share,cut_share", *rows, ""]))
    return path


EDITS = {
    "industry": ("foundry,orange,foundry,,,1,0.4", "foundry,orange,foundry,,,1,0.5"),
    "trucks": ("trucks,orange,,HeavyT,,1,1", "trucks,orange,,HeavyT,,1,0.9"),
    "red level": ("kiln,red,cement_clinker,,,1,1", "kiln,red,cement_clinker,,,1,0.9"),
    "lift 6 h later": ("", ""),
}
LIST = """measure_id,alert_level_code,industry_code,vehicle_class_code,production_line_id,affected_share,cut_share
kiln,orange,cement_clinker,,,1,0.5
kiln,red,cement_clinker,,,1,1
coke,orange,coking,,,1,0.3
foundry,orange,foundry,,,1,0.4
trucks,orange,,HeavyT,,1,1
"""


def time_edits(home: Path, hours: int) -> Iterator[dict[str, float | str]]:
    """Edits of a stored scenario: seconds with its records and without any, once their files are known to be equal.

    Raises SystemExit when a byte differs.
    """
    path, records = home / "edited_measures.csv", home / RECORDS
    for name, (old, new) in EDITS.items():
        shutil.rmtree(records, ignore_errors=True)
        path.write_text(LIST, "utf-8")
        time_command(home, hours - LATER_H * (not old), measures=path)
        path.write_text(LIST.replace(old, new) if old else LIST, "utf-8")
        label = f"edit-{time.time_ns()}"
        edited = time_command(home, hours, measures=path, name=label)
        before = read_scenario(home, str(edited["scenario"]))
        shutil.rmtree(records)
        rebuilt = time_command(home, hours, measures=path, name=label)
        if read_scenario(home, str(rebuilt["scenario"])) != before:
            raise SystemExit(f"edit '{name}': the files differ from those of a rebuild")
        times = {
            f"{key}_{unit}": run[unit] for key, run in (("edited", edited), ("rebuilt", rebuilt)) for unit in UNITS
        }
        yield {"edit": name, "reused": edited["reused"], **times, "load_1min": rebuilt["load_1min"]}


def read_scenario(home: Path, scenario: str) -> dict[str, str]:
    """SHA-256 of every version of every file of a scenario."""
    files = sorted((home / "lake" / "history").rglob(f"scenario_id={scenario}/*.parquet"))
    return {str(file): sha256_digest(file) for file in files}


def time_command(
    home: Path, hours: int, *, first: date = FIRST_DAY, measures: Path | None = None, name: str = ""
) -> dict[str, float | str]:
    """Wall and CPU seconds, peak memory and load of the machine of the command in a process of its own."""
    start = day_window(first, "Asia/Shanghai").from_utc
    command = [
        "recalc",
        "--region",
        REGION,
        "--level",
        "orange",
        "--json",
        "--name",
        name or f"run-{time.time_ns()}",  # a new scenario each time, else nothing is written
        "--from",
        start.isoformat(),
        "--to",
        (start + timedelta(hours=hours)).isoformat(),
        *(["--measures", str(measures)] if measures else []),
    ]
    document, used = run_command(home, *command)
    nox = next(row for row in document["ledger"] if row["pollutant"] == "NOx")
    return {
        **used,
        "inside_s": round(document["seconds"], 2),
        "scenario": document["scenario"],
        "reused": "/".join(str(sum(row[key] for row in document["reused"])) for key in ("reused", "pieces")),
        "written_mb": sum(Path(p).stat().st_size for p in document["files"]) // 1_000_000,
        "nox_cut_share": round(nox["cut_share"], 4),
    }


def run_command(home: Path, *arguments: str) -> tuple[dict[str, Any], dict[str, float]]:
    """The answer of an `emis` command in a process of its own, with wall and CPU seconds, peak memory and load.

    Bytecode is stored as for anybody who runs the command twice; compiling it takes two seconds.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"EMIS_HOME": str(home), "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    command = [str(Path(sys.executable).with_name("emis")), *arguments]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        printed, errors = (pipe.read() for pipe in (child.stdout, child.stderr) if pipe)
        _, status, used = os.wait4(child.pid, 0)  # the use of this child, not the largest of all children so far
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(errors)
    return json.loads(printed), {
        "wall_s": round(wall, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "load_1min": round(os.getloadavg()[0], 1),
        "peak_mb": used.ru_maxrss // 1024,
    }


def time_waterfall(home: Path, scenario: str) -> dict[str, float | str]:
    """The same of the waterfall of a scenario, with the number of its steps."""
    document, used = run_command(home, "scenario", "waterfall", "--region", REGION, "--scenario", scenario, "--json")
    return {"waterfall": scenario, "steps": len({row["step"] for row in document["rows"]}), **used}


def write_region(home: Path, size: RecalculationSize, *, seed: int) -> None:
    """Write inventories of whole days.

    Hours are regular; amounts are random, so that no codec can compress them.
    """
    folder = home / "regions" / REGION
    folder.mkdir(parents=True)
    (folder / "region.toml").write_text(TOML, "utf-8")
    os.environ["EMIS_HOME"] = str(home)
    region = load_region(REGION)
    store = Store(str(home / "lake"), REGION, region.time_zone)
    random = np.random.default_rng(seed)
    registry = _registry(size, random)
    for number in range(size.days):
        day = FIRST_DAY + timedelta(days=number)
        for table, frame in _day(region, day, registry, random).items():
            (version,) = store.write(table, frame, [day], known_utc=KNOWN_UTC, run_id="bench")
            if table == INVENTORY:
                _write_manifest(store, version)


def _write_manifest(store: Store, inventory: Version) -> None:
    """What a recalculation reads of a manifest: the version of the inventory that is published."""
    document = {"files": [{"table": inventory.table, "version": inventory.version}], "input_versions": {}}
    store.write_document(f"manifest/day={inventory.day}.json", json.dumps(document).encode(), tree=PUBLISHED)


def _registry(size: RecalculationSize, random: np.random.Generator) -> dict[str, pa.Table]:
    industries = [
        code for code, c in schema.codes()["industry"].items() if "graded" in c.note and "not graded" not in c.note
    ]
    plants: list[object] = [f"plant-{i:06d}" for i in range(size.plants)]
    rows: dict[str, dict[str, list[object]]] = {
        "production_line": {
            "production_line_id": [f"{p}-1" for p in plants],
            "enterprise_id": plants,
            "sector_code": ["industrial_process"] * size.plants,
            "industry_code": random.choice(industries, size.plants).tolist(),
            "grade_code": [None] * size.plants,
        },
        "enterprise": {"enterprise_id": plants, "grade_code": random.choice(GRADES, size.plants).tolist()},
        "activity_area": {
            "activity_area_id": [f"area-{i:04d}" for i in range(size.areas)],
            "sector_code": [AREAS[i % len(AREAS)][0] for i in range(size.areas)],
            "industry_code": [AREAS[i % len(AREAS)][1] for i in range(size.areas)],
        },
        "road_link": {
            "link_id": [f"link-{i:06d}" for i in range(size.links)],
            "road_class_code": random.choice(ROAD_CLASSES, size.links).tolist(),
        },
    }
    own = {name: empty(schema.table(name)) for name in ("local_fleet", "traffic_restriction")}
    registry = {name: _fill_columns(name, columns) for name, columns in rows.items()}
    return {**registry, **own, "fleet_mix": _fleet(random)}


def _fill_columns(name: str, columns: dict[str, list[object]]) -> pa.Table:
    """A registry table with the columns that the control basis reads; the others are null."""
    declared = arrow_schema(schema.table(name))
    count = len(next(iter(columns.values())))
    return pa.table(
        [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(count, f.type) for f in declared],
        names=declared.names,
    )


def _fleet(random: np.random.Generator) -> pa.Table:
    base = reference.read("road_base_emission_factor")
    names = ("vehicle_class_code", "fuel_code", "emission_stage_code")
    vehicles = sorted(set(zip(*(base[n].to_pylist() for n in names), strict=True)))
    rows = []
    for road in ROAD_CLASSES:
        for hour in range(24):
            shares = random.dirichlet(np.ones(len(vehicles)))
            rows += [(road, hour, *v, float(s)) for v, s in zip(vehicles, shares, strict=True)]
    return pa.table([pa.array(c) for c in zip(*rows, strict=True)], names=schema.table("fleet_mix").names)


def _day(region: Region, day: date, registry: dict[str, pa.Table], random: np.random.Generator) -> dict[str, pa.Table]:
    window = day_window(day, region.time_zone)
    tables = dict(registry, weather_hourly=_weather(window, random))
    reads = [tables[name] for name in flow.stage("control_basis").reads]
    sources = control_basis(*reads, context=Context(region, window, KNOWN_UTC, "bench", open_lake(region)))
    basis = {"control_source": sources, "road_emission_factor_hourly": _road_factors(tables, window, region)}
    frames = {name: conform(frame, schema.table(name)) for name, frame in basis.items()}
    parts = [
        _emissions(registry["activity_area"]["activity_area_id"], STACK_POLLUTANTS, window, random),
        _emissions(registry["road_link"]["link_id"], ROAD_POLLUTANTS, window, random),
        _emissions(registry["production_line"]["production_line_id"], STACK_POLLUTANTS, window, random),
    ]
    emission = pa.concat_tables(parts)
    declared = arrow_schema(schema.table("emission_hourly"))
    return {
        **frames,
        "traffic_hourly": _traffic(registry["road_link"], window, random),
        "emission_hourly": emission.cast(declared),
    }


def _road_factors(tables: dict[str, pa.Table], window: Window, region: Region) -> pa.Table:
    guide = GuideTables(**{table.name: reference.read(table.name) for table in fields(GuideTables)})
    return compute_road_factors(
        day_fleets(
            FleetTables(*(tables[name] for name in ("fleet_mix", "local_fleet", "traffic_restriction"))),
            (),
            hours=list(window.hour_starts_utc()),
            time_zone=region.time_zone,
            calendar=WorkCalendar({}),
        ),
        tables["weather_hourly"],
        guide,
        time_zone=region.time_zone,
        options=region.options,
    ).rows()


def _hours(window: Window, repeats: int) -> pa.Array:
    start = int(window.from_utc.timestamp()) * 1_000_000
    return pa.array(np.tile(start + np.arange(window.hours) * 3_600_000_000, repeats), pa.timestamp("us", tz="UTC"))


def _emissions(
    ids: pa.ChunkedArray, pollutants: tuple[str, ...], window: Window, random: np.random.Generator
) -> pa.Table:
    """Emission rows in order of their key, as in the lake."""
    names = sorted(pollutants)
    count = len(ids) * len(names) * window.hours
    emission = np.exp(random.normal(4, 2, count))
    source = ids.combine_chunks().take(pa.array(np.repeat(np.arange(len(ids)), len(names) * window.hours)))
    pollutant = pa.array(names).take(pa.array(np.tile(np.repeat(np.arange(len(names)), window.hours), len(ids))))
    return pa.table(
        {
            "source_id": source,
            "sector_code": pa.repeat("mobile", count),
            "pollutant_code": pollutant,
            "hour_utc": _hours(window, len(ids) * len(names)),
            "emission_g": emission,
            "emission_g_p05": emission * 0.5,
            "emission_g_p95": emission * 2,
            "emission_typical_g": emission,
            "method_code": pa.repeat("modelled", count),
            "emission_before_audit_g": pa.nulls(count, pa.float64()),
        }
    )


def _traffic(links: pa.Table, window: Window, random: np.random.Generator) -> pa.Table:
    count = links.num_rows * window.hours
    return pa.table(
        {
            "link_id": links["link_id"]
            .combine_chunks()
            .take(pa.array(np.repeat(np.arange(links.num_rows), window.hours))),
            "hour_utc": _hours(window, links.num_rows),
            "speed_km_per_h": random.uniform(5, 110, count),
            "flow_veh_per_h": random.uniform(0, 4000, count),
            "flow_method_code": pa.repeat("speed_flow", count),
            "imputation_code": pa.repeat("none", count),
            "reading_count": pa.repeat(12, count),
            "flag_codes": pa.array([[]] * count, pa.list_(pa.string())),
        }
    )


def _weather(window: Window, random: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "station_id": ["one"] * window.hours,
            "hour_utc": _hours(window, 1),
            "air_temperature_degc": random.uniform(-8, 12, window.hours),
            "relative_humidity_share": random.uniform(0.2, 0.9, window.hours),
        }
    )


if __name__ == "__main__":
    main()
