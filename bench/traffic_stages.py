"""The traffic day by the stages of the flow.

Belongs here: the order of the stages, and which tables are written between them. Does not: any computation.
"""

from pathlib import Path

from bench.stage_runs import BenchLake
from bigdata_emis.context import Context
from bigdata_emis.inventory.combine import combine
from bigdata_emis.inventory.emit_traffic import emit_traffic

FLEETS = ("fleet_mix", "local_fleet", "traffic_restriction", "calendar_period")
CORRECTIONS = (
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


def run_traffic(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """Flow and speed to the emission of links, to the inventory, to the grid; seconds by step."""
    lake = BenchLake(inputs, results)
    with lake.timed("emission"):
        names = ("traffic_hourly", "road_link", *FLEETS, "weather_hourly", *CORRECTIONS)
        tables = [*(lake.read(name) for name in names), lake.empty("activity_area")]
        links = emit_traffic(*tables, context=context)["emission_road_hourly"]
    with lake.timed("sum and write"):
        industry, areas = lake.empty("emission_industry_hourly"), lake.empty("emission_area_hourly")
        lake.write_days("emission_hourly", combine(industry, links, areas, lake.read("uncertainty_rating")), context)
    with lake.timed("grid"):
        lake.write_gridded()
    return lake.seconds
