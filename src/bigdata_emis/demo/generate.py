"""Makes the demonstration: region folder, drops, the providers' archive, and the hidden truth, from a seed and a size.

Belongs here: the order of making, and moving the result into place as a whole. Does not: any drawing of numbers.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags
from bigdata_emis.demo.plan import GENERATOR_VERSION, HOURS_PER_DAY, LAST_DAY, REGION_ID, Size, days, size_named
from bigdata_emis.demo.providers.feed_files import FeedFiles
from bigdata_emis.demo.providers.feeds import DaySender
from bigdata_emis.demo.providers.region_files import write_region_files, write_registry
from bigdata_emis.demo.truth.industry_truth import day_stack_readings, draw_stacks, true_emission
from bigdata_emis.demo.truth.traffic_truth import TrueFleet, day_link_emission, draw_true_fleet
from bigdata_emis.demo.truth.truth import FOLDER as TRUTH
from bigdata_emis.demo.truth.truth import TruthFiles
from bigdata_emis.demo.world.activity import Shares, hourly_mean, true_utilisation
from bigdata_emis.demo.world.air import MEASURED_UNTIL, forecasts, regional_weather, stations
from bigdata_emis.demo.world.areas import Areas, day_area_emission, day_index_readings, draw_areas, true_index
from bigdata_emis.demo.world.bureau import day_totals, miscounted_cells
from bigdata_emis.demo.world.enterprises import Industry, draw_industry
from bigdata_emis.demo.world.phone_counts import day_counts, draw_cells
from bigdata_emis.demo.world.power_meters import Meters, day_energy, draw_meters
from bigdata_emis.demo.world.roads import draw_links, fleet_mix
from bigdata_emis.demo.world.tiers import with_districts, with_tiers
from bigdata_emis.demo.world.traffic_flow import day_traffic_readings, true_traffic
from bigdata_emis.demo.world.treatment import hourly_rise, untreated_quarters

REGION = Path("regions") / REGION_ID
ARCHIVE = Path("providers") / REGION_ID
PARTS = (ARCHIVE, TRUTH, REGION)
MARK = "generated.json"
MAKING = ".making-" + REGION_ID

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class World:
    """Everything that is true of the simulated region for the whole period; readings are made from it day by day."""

    seed: int
    size: Size
    industry: Industry
    meters: Meters
    stacks: pd.DataFrame
    utilisation: Shares
    untreated: Flags
    activity: Shares
    emission_key: pd.DataFrame
    emission: Shares
    links: pd.DataFrame
    fleet: TrueFleet
    cells: pd.DataFrame
    areas: Areas
    index: Shares


def generate(*, seed: int, size: str, home: Path, progress: Progress | None = None) -> Path:
    """The region folder of the demonstration below `home`; what lies there already is kept when it is of the same making.

    Raises InputError when the size is unknown.
    """
    plan = size_named(size)
    mark = {"seed": seed, "size": size, "generator_version": GENERATOR_VERSION}
    if _is_made(home, mark):
        return home / REGION
    making = home / MAKING
    shutil.rmtree(making, ignore_errors=True)
    steps = len(days()) + 2
    _tell(progress, "drawing enterprises, roads and areas (simulated)", 0, steps)
    world = draw_world(seed, plan)
    _write_static(world, making)
    logs = []
    for number, day in enumerate(days()):
        _tell(progress, f"simulating {day}", number + 1, steps)
        logs.append(_write_day(world, making, number, day))
    _write_forecast_days(world, making)
    TruthFiles(making / TRUTH).frame("faults", pd.concat(logs, ignore_index=True))
    TruthFiles(making / TRUTH).frame("miscounted_total", _miscounted(world))
    (making / REGION / MARK).write_text(json.dumps(mark) + "\n", "utf-8")
    _move_into_place(making, home)
    _tell(progress, "simulated region ready", steps, steps)
    return home / REGION


def draw_world(seed: int, size: Size) -> World:
    """Draw everything that holds for the whole period."""
    industry = draw_industry(seed, size)
    stacks = draw_stacks(seed, industry.truth)
    lines = with_tiers(seed, industry.truth, stacks)
    industry = replace(industry, truth=lines, enterprise=with_districts(industry.enterprise))
    utilisation, untreated = true_utilisation(seed, lines), untreated_quarters(seed, lines)
    activity = hourly_mean(utilisation) * lines["capacity_per_h"].to_numpy(dtype=np.float32)[:, None]
    key, emission = true_emission(seed, lines=lines, true_factors=industry.true_factors, activity=activity)
    emission = emission * hourly_rise(untreated, key, industry.emission_factor)
    areas = draw_areas(seed, size)
    return World(
        seed=seed,
        size=size,
        industry=industry,
        meters=draw_meters(seed, size, lines),
        stacks=stacks,
        utilisation=utilisation,
        untreated=untreated,
        activity=activity,
        emission_key=key,
        emission=emission,
        links=draw_links(seed, size),
        fleet=draw_true_fleet(seed, fleet_mix()),
        cells=draw_cells(seed, size),
        areas=areas,
        index=true_index(seed, areas),
    )


def _write_static(world: World, making: Path) -> None:
    write_region_files(making / REGION, seed=world.seed, size=world.size, version=GENERATOR_VERSION)
    write_registry(
        making / REGION,
        {
            "enterprise": world.industry.enterprise,
            "production_line": world.industry.production_line,
            "meter": world.meters.frame,
            "meter_share": world.meters.meter_share,
            "stack": world.stacks,
            "emission_factor": world.industry.emission_factor,
            "road_link": world.links,
            "fleet_mix": fleet_mix(),
            "activity_area": world.areas.activity_area,
            "area_emission_annual": world.areas.area_emission_annual,
            "station": stations(),
        },
    )
    truth = TruthFiles(making / TRUTH)
    told = [
        "production_line_id",
        "industry_code",
        "tier",
        "base_load_share",
        "power_elasticity",
        "reference_energy_kwh",
        "planned_cut_share",
        "compliance",
        "is_idle",
    ]
    truth.frame("line", world.industry.truth[told])
    truth.frame("line_factor", world.industry.true_factors)
    truth.frame(
        "area",
        pd.DataFrame({"activity_area_id": world.areas.activity_area["activity_area_id"], "obeys": world.areas.obeys}),
    )
    truth.frame("area_annual", world.areas.true_annual)
    truth.frame("link", world.links[["link_id", "flow_factor"]])


def _write_day(world: World, making: Path, number: int, day: date) -> pd.DataFrame:
    sender = DaySender(world.seed, day, number, FeedFiles(making / REGION, making / ARCHIVE, world.size.drop_suffix))
    truth = TruthFiles(making / TRUTH)
    hours = slice(number * HOURS_PER_DAY, (number + 1) * HOURS_PER_DAY)
    logs = _send_industry(world, sender, number)
    truth.activity(day, world.industry.truth["production_line_id"].to_numpy(), world.activity[:, hours])
    traffic = true_traffic(world.seed, number, world.links)
    readings = day_traffic_readings(
        world.seed, number, links=world.links, traffic=traffic, interval_min=world.size.interval_min
    )
    logs.append(sender.traffic(world.links["link_id"].to_numpy(), readings, world.size.interval_min))
    counts = day_counts(world.seed, number, world.cells)
    counts["cell_id"] = world.cells["cell_id"].to_numpy()[counts["cell_row"]]
    logs.append(sender.hourly("signalling", counts, ids=("cell_id",), sensor="cell_row", value="present_device_count"))
    indices = day_index_readings(world.seed, number, areas=world.areas, index=world.index)
    logs.append(
        sender.hourly("area_activity", indices, ids=("activity_area_id",), sensor="area_row", value="activity_index")
    )
    sender.air_quality()
    sender.weather()
    speed, flow = traffic.hourly()
    link_grams = day_link_emission(
        world.fleet, world.links, speed_km_per_h=speed, flow_veh_per_h=flow, weather=regional_weather(day)
    )
    truth.emission(
        day,
        [
            (world.emission_key.rename(columns={"production_line_id": "source_id"}), world.emission[:, hours]),
            *((_link_keys(world.links, pollutant), grams) for pollutant, grams in link_grams.items()),
            _area_part(world, number),
        ],
    )
    return pd.concat(logs, ignore_index=True).assign(day=str(day))


def _send_industry(world: World, sender: DaySender, number: int) -> list[pd.DataFrame]:
    lines = world.industry.truth
    energy = day_energy(
        world.seed, number, meters=world.meters, lines=lines, utilisation=world.utilisation, untreated=world.untreated
    )
    totals = day_totals(
        world.seed,
        number,
        enterprise=world.industry.enterprise,
        meters=world.meters,
        lines=lines,
        utilisation=world.utilisation,
        untreated=world.untreated,
    )
    readings = day_stack_readings(
        world.seed,
        number,
        stacks=world.stacks,
        lines=lines,
        key=world.emission_key,
        emission=world.emission,
        activity=world.activity,
    )
    measured = _measured_activity(world, number)
    return [
        sender.power(world.meters.frame["meter_id"].to_numpy(), energy),
        sender.hourly(
            "district_energy",
            totals,
            ids=("district_id", "industry_code"),
            sensor="cell_row",
            value="district_energy_kwh",
        ),
        sender.hourly(
            "cems", readings, ids=("stack_id", "pollutant_code"), sensor="stack_row", value="concentration_mg_per_m3"
        ),
        sender.hourly(
            "measured_activity",
            measured,
            ids=("production_line_id", "activity_unit_code"),
            sensor="stack_row",
            value="activity",
        ),
    ]


def _miscounted(world: World) -> pd.DataFrame:
    """The totals of the power bureau that were planted wrong, by day, district and industry."""
    cells = [
        miscounted_cells(world.seed, number, enterprise=world.industry.enterprise, lines=world.industry.truth).assign(
            day=str(day)
        )
        for number, day in enumerate(days())
    ]
    return pd.concat(cells, ignore_index=True)


def _measured_activity(world: World, number: int) -> pd.DataFrame:
    """Lines with a stack monitor also report their output by the hour."""
    row = world.stacks["line_row"].to_numpy()
    activity = world.activity[row, number * HOURS_PER_DAY : (number + 1) * HOURS_PER_DAY]
    return pd.DataFrame(
        {
            "production_line_id": np.repeat(world.stacks["production_line_id"].to_numpy(), HOURS_PER_DAY),
            "activity_unit_code": "t",
            "stack_row": np.repeat(np.arange(len(row)), HOURS_PER_DAY),
            "hour_number": np.tile(np.arange(HOURS_PER_DAY), len(row)),
            "activity": activity.ravel().astype(float).round(4),
        }
    )


def _link_keys(links: pd.DataFrame, pollutant: str) -> pd.DataFrame:
    return pd.DataFrame({"source_id": links["link_id"], "sector_code": "mobile", "pollutant_code": pollutant})


def _area_part(world: World, number: int) -> tuple[pd.DataFrame, Shares]:
    keys, grams = day_area_emission(number, areas=world.areas, index=world.index)
    return keys.rename(columns={"activity_area_id": "source_id"}), grams


def _write_forecast_days(world: World, making: Path) -> None:
    frame = forecasts(world.seed)
    files = FeedFiles(making / REGION, making / ARCHIVE, world.size.drop_suffix)
    ahead = [LAST_DAY + timedelta(days=i + 1) for i in range((MEASURED_UNTIL - LAST_DAY).days)]
    for number, day in enumerate([*days(), *ahead]):
        DaySender(world.seed, day, number, files).forecast(frame)


def _is_made(home: Path, mark: dict[str, object]) -> bool:
    path = home / REGION / MARK
    return (
        path.is_file() and json.loads(path.read_text("utf-8")) == mark and all((home / part).is_dir() for part in PARTS)
    )


def _move_into_place(making: Path, home: Path) -> None:
    """The region folder, which carries the mark, goes first when the old is removed and last when the new arrives."""
    for part in reversed(PARTS):
        shutil.rmtree(home / part, ignore_errors=True)
    for part in PARTS:
        (home / part).parent.mkdir(parents=True, exist_ok=True)
        (making / part).rename(home / part)
    shutil.rmtree(making)


def _tell(progress: Progress | None, what: str, number: int, steps: int) -> None:
    if progress:
        progress(what, number, steps)
