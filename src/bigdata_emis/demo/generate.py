"""Generator of the simulated region: region folder, feed files, provider archive and hidden truth, from seed and size.

Belongs here: the order of generation, and moving the result into place as a whole. Does not: any random draw.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags
from bigdata_emis.codes import ActivityUnit, Sector
from bigdata_emis.demo.accounts.emission_accounts import draw_audited_months, draw_city_totals
from bigdata_emis.demo.alert_orders import region_measures
from bigdata_emis.demo.haulage.simulated_gates import day_passages, draw_gates, transport_orders
from bigdata_emis.demo.haulage.simulated_trucks import day_positions
from bigdata_emis.demo.plan import (
    GENERATOR_VERSION,
    LAST_DAY,
    QUARTERS_PER_HOUR,
    REGION_ID,
    Size,
    day_start_us,
    find_size,
    simulated_days,
)
from bigdata_emis.demo.providers.feed_files import FeedFiles
from bigdata_emis.demo.providers.feeds import DaySender
from bigdata_emis.demo.providers.region_files import write_region_files, write_registry
from bigdata_emis.demo.providers.simulation_notices import write_notices
from bigdata_emis.demo.truth.area_truth import day_area_emission
from bigdata_emis.demo.truth.industry_truth import day_stack_readings, draw_stacks, true_emission
from bigdata_emis.demo.truth.traffic_truth import TrueFleet, day_link_emission, draw_true_fleet
from bigdata_emis.demo.truth.truth import FOLDER as TRUTH
from bigdata_emis.demo.truth.truth import TruthFiles
from bigdata_emis.demo.world.activity import Shares, draw_utilisation, hourly_mean
from bigdata_emis.demo.world.air import MEASURED_UNTIL, draw_forecasts, read_stations, regional_weather
from bigdata_emis.demo.world.areas import Areas, day_index_readings, draw_areas, draw_index
from bigdata_emis.demo.world.bureau import day_totals, miscounted_cells
from bigdata_emis.demo.world.enterprises import IndustryRegister, draw_industry, keep_regional_mass
from bigdata_emis.demo.world.phone_counts import cell_vehicle_km, day_counts, draw_cells
from bigdata_emis.demo.world.power_meters import Meters, day_energy, draw_meters
from bigdata_emis.demo.world.roads import draw_links, fleet_mix
from bigdata_emis.demo.world.tiers import assign_districts, assign_tiers
from bigdata_emis.demo.world.traffic_flow import TrafficDay, day_traffic_readings, draw_traffic
from bigdata_emis.demo.world.treatment import draw_untreated_quarters, untreated_emission_ratio
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

REGION = Path("regions") / REGION_ID
ARCHIVE = Path("providers") / REGION_ID
PARTS = (ARCHIVE, TRUTH, REGION)
MARK = "generated.json"
STAGING = ".making-" + REGION_ID
LINE_TRUTH = [
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

Progress = Callable[[str, int, int], None]


class Operation(TypedDict):
    """What meters and the power bureau count: the keyword arguments that both have."""

    meters: Meters
    lines: pd.DataFrame
    utilisation: Shares
    untreated: Flags


@dataclass(frozen=True)
class World:
    """The truth of the simulated region for the whole period; readings follow from it by day."""

    seed: int
    size: Size
    industry: IndustryRegister
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

    def operation(self) -> Operation:
        """What meters and the power bureau count."""
        return {
            "meters": self.meters,
            "lines": self.industry.truth,
            "utilisation": self.utilisation,
            "untreated": self.untreated,
        }

    def accounted(self) -> dict[str, Any]:
        """What auditors and statistical offices look at."""
        return {
            "lines": self.industry.truth,
            "true_factors": self.industry.true_factors,
            "usual_activity_per_h": self.activity.mean(axis=1, dtype=float),
        }

    def stack_readings(self, number: int) -> pd.DataFrame:
        """The readings of the stack monitors on a day, counted from 0."""
        return day_stack_readings(
            self.seed,
            number,
            stacks=self.stacks,
            lines=self.industry.truth,
            key=self.emission_key,
            emission=self.emission,
            activity=self.activity,
        )


def generate(*, seed: int, size: str, home: Path, progress: Progress | None = None) -> Path:
    """Generate the simulated region below `home` and return its folder.

    A region that already lies there with the same seed, size and generator version is left as it is.

    Raises InputError when the size is unknown.
    """
    plan = find_size(size)
    mark = {"seed": seed, "size": size, "generator_version": GENERATOR_VERSION}
    if _is_current(home, mark):
        return home / REGION
    staging = home / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    steps = len(simulated_days()) + 2
    _report(progress, "drawing enterprises, roads and areas (simulated)", 0, steps)
    world = draw_world(seed, plan)
    _write_registry(world, staging)
    _write_period_truth(world, staging)
    logs = []
    for number, day in enumerate(simulated_days()):
        _report(progress, f"simulating {day}", number + 1, steps)
        logs.append(_write_day(world, staging, number, day))
    _write_forecast_days(world, staging)
    write_notices(staging / ARCHIVE, staging / TRUTH)
    TruthFiles(staging / TRUTH).write_frame("faults", pd.concat(logs, ignore_index=True))
    (staging / REGION / MARK).write_text(json.dumps(mark) + "\n", "utf-8")
    _move_into_place(staging, home)
    _report(progress, "simulated region ready", steps, steps)
    return home / REGION


def draw_world(seed: int, size: Size) -> World:
    """Draw everything that holds for the whole period."""
    industry = keep_regional_mass(draw_industry(seed, size))
    stacks = draw_stacks(seed, industry.truth)
    lines = assign_tiers(seed, industry.truth, stacks)
    industry = replace(industry, truth=lines, enterprise=assign_districts(industry.enterprise))
    utilisation, untreated = draw_utilisation(seed, lines), draw_untreated_quarters(seed, lines)
    activity = hourly_mean(utilisation) * lines["capacity_per_h"].to_numpy(dtype=np.float32)[:, None]
    key, emission = true_emission(seed, lines=lines, true_factors=industry.true_factors, activity=activity)
    emission = emission * untreated_emission_ratio(untreated, key, industry.emission_factor)
    areas, links = draw_areas(seed, size), draw_links(seed, size)
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
        links=links,
        fleet=draw_true_fleet(seed, fleet_mix()),
        cells=draw_cells(seed, size, links),
        areas=areas,
        index=draw_index(seed, areas),
    )


def _write_registry(world: World, staging: Path) -> None:
    """Write the region folder with the registry, as an authority would hold it."""
    write_region_files(staging / REGION, seed=world.seed, size=world.size, version=GENERATOR_VERSION)
    write_registry(
        staging / REGION,
        {
            "enterprise": world.industry.enterprise,
            "production_line": world.industry.production_line,
            "meter": world.meters.frame,
            "meter_share": world.meters.meter_share,
            "stack": world.stacks,
            "emission_factor": world.industry.emission_factor,
            "audited_emission_monthly": draw_audited_months(world.seed, **world.accounted()),
            "district_emission_annual": draw_city_totals(
                world.seed, enterprise=world.industry.enterprise, **world.accounted()
            ),
            "road_link": world.links,
            "fleet_mix": fleet_mix(),
            "activity_area": world.areas.activity_area,
            "area_emission_annual": world.areas.area_emission_annual,
            "machine": world.areas.machine,
            "vehicle_stock": world.areas.vehicle_stock,
            "station": read_stations(),
            "measure": region_measures(),
            "transport_order": transport_orders(),
        },
    )


def _write_period_truth(world: World, staging: Path) -> None:
    """Write the hidden truth that holds for the whole period."""
    truth = TruthFiles(staging / TRUTH)
    area_ids = world.areas.activity_area["activity_area_id"]
    truth.write_frame("line", world.industry.truth[LINE_TRUTH])
    truth.write_frame("line_factor", world.industry.true_factors)
    truth.write_frame("area", pd.DataFrame({"activity_area_id": area_ids, "obeys": world.areas.obeys}))
    truth.write_frame("gate", draw_gates(world.seed, world.industry.enterprise, world.industry.truth))
    truth.write_frame("area_annual", world.areas.true_annual)
    truth.write_frame("link", world.links[["link_id", "flow_factor"]])
    truth.write_frame("miscounted_total", _miscounted_totals(world))
    truth.write_frame("untreated_hour", _untreated_hours(world))


def _write_day(world: World, staging: Path, number: int, day: date) -> pd.DataFrame:
    """Write the feeds and the hidden truth of one day, and return the log of the faults."""
    files = FeedFiles(staging / REGION, staging / ARCHIVE, world.size.drop_suffix)
    sender = DaySender(world.seed, day, number, files)
    traffic = draw_traffic(world.seed, number, world.links)
    logs = [
        *_send_energy(world, sender, number),
        *_send_production(world, sender, number),
        *_send_traffic_and_areas(world, sender, number, traffic),
    ]
    sender.send_air_quality()
    sender.send_weather()
    _write_day_truth(world, TruthFiles(staging / TRUTH), number, day, traffic)
    return pd.concat(logs, ignore_index=True).assign(day=str(day))


def _send_energy(world: World, sender: DaySender, number: int) -> list[pd.DataFrame]:
    """Send the power meters and the totals of the power bureau."""
    energy = day_energy(world.seed, number, **world.operation())
    totals = day_totals(world.seed, number, enterprise=world.industry.enterprise, **world.operation())
    cell_key = ("district_id", "industry_code")
    return [
        sender.send_power(world.meters.frame["meter_id"].to_numpy(), energy),
        sender.send_hourly("district_energy", totals, ids=cell_key, sensor="cell_row", value="district_energy_kwh"),
    ]


def _send_production(world: World, sender: DaySender, number: int) -> list[pd.DataFrame]:
    """Send the stack monitors and the reported activity of monitored lines."""
    readings = world.stack_readings(number)
    stack_key, line_key = ("stack_id", "pollutant_code"), ("production_line_id", "activity_unit_code")
    measured = _measured_activity(world, number)
    return [
        sender.send_hourly("cems", readings, ids=stack_key, sensor="stack_row", value="concentration_mg_per_m3"),
        sender.send_hourly("measured_activity", measured, ids=line_key, sensor="stack_row", value="activity"),
    ]


def _send_traffic_and_areas(world: World, sender: DaySender, number: int, traffic: TrafficDay) -> list[pd.DataFrame]:
    """Send road detectors, phone counts and the activity indices of areas."""
    interval_min = world.size.interval_min
    readings = day_traffic_readings(world.seed, number, links=world.links, traffic=traffic, interval_min=interval_min)
    (speed, flow), cell_m = traffic.hourly(), world.size.cell_m
    positions = day_positions(world.seed, number, links=world.links, speed_km_per_h=speed, flow_veh_per_h=flow)
    sender.send_vehicles("truck", positions, time="position_utc")
    gates = draw_gates(world.seed, world.industry.enterprise, world.industry.truth)
    sender.send_vehicles("gate", day_passages(world.seed, number, gates), time="passed_utc")
    driven = cell_vehicle_km(world.cells, world.links, flow_veh_per_h=flow, cell_m=cell_m)
    counts = day_counts(world.seed, number, world.cells, driven)
    counts["cell_id"] = world.cells["cell_id"].to_numpy()[counts["cell_row"]]
    indices = day_index_readings(world.seed, number, areas=world.areas, index=world.index)
    area_key = ("activity_area_id",)
    return [
        sender.send_traffic(world.links["link_id"].to_numpy(), readings, interval_min),
        sender.send_hourly("signalling", counts, ids=("cell_id",), sensor="cell_row", value="present_device_count"),
        sender.send_hourly("area_activity", indices, ids=area_key, sensor="area_row", value="activity_index"),
    ]


def _write_day_truth(world: World, truth: TruthFiles, number: int, day: date, traffic: TrafficDay) -> None:
    """Write the true activity and the true emission of one day."""
    hours = slice(number * HOURS_PER_DAY, (number + 1) * HOURS_PER_DAY)
    truth.write_activity(day, world.industry.truth["production_line_id"].to_numpy(), world.activity[:, hours])
    speed, flow = traffic.hourly()
    link_grams = day_link_emission(
        world.fleet, world.links, speed_km_per_h=speed, flow_veh_per_h=flow, weather=regional_weather(day)
    )
    parts = [
        (world.emission_key.rename(columns={"production_line_id": "source_id"}), world.emission[:, hours]),
        *((_link_keys(world.links, pollutant), grams) for pollutant, grams in link_grams.items()),
        _area_emission(world, number),
    ]
    truth.write_emission(day, parts)


def _miscounted_totals(world: World) -> pd.DataFrame:
    """Return the wrong totals of the power bureau that were planted, by day, district and industry."""
    lines, enterprise = world.industry.truth, world.industry.enterprise
    cells = [
        miscounted_cells(world.seed, number, enterprise=enterprise, lines=lines).assign(day=str(day))
        for number, day in enumerate(simulated_days())
    ]
    return pd.concat(cells, ignore_index=True)


def _untreated_hours(world: World) -> pd.DataFrame:
    """Return the hours in which the treatment of a line was off for a quarter of an hour or more."""
    by_hour = world.untreated.reshape(len(world.untreated), -1, QUARTERS_PER_HOUR).any(axis=2)
    row, hour = np.nonzero(by_hour)
    instant = pd.to_datetime(day_start_us(simulated_days()[0]) + hour * HOUR_US, unit="us", utc=True)
    lines = world.industry.truth["production_line_id"].to_numpy()
    return pd.DataFrame({"production_line_id": lines[row], "hour_utc": instant})


def _measured_activity(world: World, number: int) -> pd.DataFrame:
    """Return the hourly output that lines with a stack monitor report."""
    row = world.stacks["line_row"].to_numpy()
    activity = world.activity[row, number * HOURS_PER_DAY : (number + 1) * HOURS_PER_DAY]
    return pd.DataFrame(
        {
            "production_line_id": np.repeat(world.stacks["production_line_id"].to_numpy(), HOURS_PER_DAY),
            "activity_unit_code": ActivityUnit.T,
            "stack_row": np.repeat(np.arange(len(row)), HOURS_PER_DAY),
            "hour_number": np.tile(np.arange(HOURS_PER_DAY), len(row)),
            "activity": activity.ravel().astype(float).round(4),
        }
    )


def _link_keys(links: pd.DataFrame, pollutant: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"source_id": links["link_id"], "sector_code": Sector.MOBILE.value, "pollutant_code": pollutant}
    )


def _area_emission(world: World, number: int) -> tuple[pd.DataFrame, Shares]:
    keys, grams = day_area_emission(number, areas=world.areas, index=world.index)
    return keys.rename(columns={"activity_area_id": "source_id"}), grams


def _write_forecast_days(world: World, staging: Path) -> None:
    """Write the forecast feed, which reaches beyond the last simulated day."""
    frame = draw_forecasts(world.seed)
    files = FeedFiles(staging / REGION, staging / ARCHIVE, world.size.drop_suffix)
    ahead = [LAST_DAY + timedelta(days=i + 1) for i in range((MEASURED_UNTIL - LAST_DAY).days)]
    for number, day in enumerate([*simulated_days(), *ahead]):
        DaySender(world.seed, day, number, files).send_forecast(frame)


def _is_current(home: Path, mark: dict[str, object]) -> bool:
    path = home / REGION / MARK
    return (
        path.is_file() and json.loads(path.read_text("utf-8")) == mark and all((home / part).is_dir() for part in PARTS)
    )


def _move_into_place(staging: Path, home: Path) -> None:
    """Replace the old region by the new one.

    The region folder has the mark: it is the first part to be removed and the last to be moved, so that an interrupted
    run is recognised.
    """
    for part in reversed(PARTS):
        shutil.rmtree(home / part, ignore_errors=True)
    for part in PARTS:
        (home / part).parent.mkdir(parents=True, exist_ok=True)
        (staging / part).rename(home / part)
    shutil.rmtree(staging)


def _report(progress: Progress | None, what: str, number: int, steps: int) -> None:
    if progress:
        progress(what, number, steps)
