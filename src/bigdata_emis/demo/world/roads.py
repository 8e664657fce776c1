"""Simulated road links and their fleet: geometry, free-flow speed, and the vehicle mix by hour.

Belongs here: the register of roads. Does not: speeds and flows of a day (traffic_flow).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.codes import RoadClass
from bigdata_emis.demo.plan import Size, draw_lognormal, random_stream, read_shipped
from bigdata_emis.demo.world.places import counties, draw_points, find_counties
from bigdata_emis.window import HOURS_PER_DAY

KM_PER_DEGREE = 111.2
LONG_DISTANCE = (RoadClass.MOTORWAY, RoadClass.TRUNK)
COUNTER_SHARE = 0.1
FREE_SPEED_SD = 0.08
FLOW_ERROR_SD = 0.15  # relative; the true speed-flow relation of a link against that of its class
CAPACITY_SHARE_BY_CLASS = {
    RoadClass.MOTORWAY: 1.0,
    RoadClass.TRUNK: 1.0,
    RoadClass.PRIMARY: 1.0,
    RoadClass.SECONDARY: 0.6,
}  # own estimate
DAY_HOURS = range(6, 22)


def draw_links(seed: int, size: Size) -> pd.DataFrame:
    """Draw the registered links with their truth.

    City and county are those of the middle. flow_factor: scales the speed-flow relation of the class. detector: number
    of the measured speed shape.
    """
    random = random_stream(seed, "roads")
    classes = read_shipped("road_classes.csv")
    code = np.sort(random.choice(classes["road_class_code"], size=size.links, p=classes["link_share"]))
    table = classes.set_index("road_class_code").reindex(code)
    length = (table["length_km"].to_numpy() * draw_lognormal(random, 0.3, size.links)).round(3)
    start, end = _draw_link_ends(random, code, length)
    free = table["free_speed_km_per_h"].to_numpy() * np.clip(
        1 + FREE_SPEED_SD * random.standard_normal(size.links), 0.8, 1.3
    )
    detectors = read_shipped("speed_shape.csv.gz").shape[1] - 2
    county = counties().reindex(find_counties((start + end) / 2))
    return pd.DataFrame(
        {
            "link_id": [f"R{i:06d}" for i in range(1, size.links + 1)],
            "road_class_code": code,
            "length_km": length,
            "free_speed_km_per_h": free.round(2),
            "jam_density_veh_per_km": table["jam_density_veh_per_km"].to_numpy(),
            "geometry_wkt": [
                f"LINESTRING ({a:.5f} {b:.5f}, {c:.5f} {d:.5f})" for (a, b), (c, d) in zip(start, end, strict=True)
            ],
            "city_name": county["city_name"].to_numpy(),
            "county_id": county["county_id"].to_numpy(),
            "flow_factor": draw_lognormal(random, FLOW_ERROR_SD, size.links)
            * pd.Series(code).map(CAPACITY_SHARE_BY_CLASS).to_numpy(),
            "detector": random.integers(0, detectors, size.links),
            "has_counter": random.random(size.links) < COUNTER_SHARE,
        }
    )


def _draw_link_ends(
    random: np.random.Generator, code: "np.typing.NDArray[np.object_]", length_km: Floats
) -> tuple[Floats, Floats]:
    """Draw start and end of each link, `(links, 2)` in degrees.

    City roads start at a drawn point; long-distance roads lie on the straight line between neighbouring counties.
    """
    count = len(code)
    points = draw_points(random, count)
    start = np.stack([points.longitude_deg, points.latitude_deg], axis=1)
    angle = random.uniform(0, 2 * np.pi, count)
    centres = np.array([(p.x, p.y) for p in (g.representative_point() for g in counties()["geometry"])])
    county = points.county_row
    neighbour = _nearest_counties(centres)[county, random.integers(0, 3, count)]
    along = centres[neighbour] - centres[county]
    is_long_distance = np.isin(code, LONG_DISTANCE)
    start[is_long_distance] = (centres[county] + random.random((count, 1)) * along)[is_long_distance]
    angle = np.where(is_long_distance, np.arctan2(along[:, 1], along[:, 0] * np.cos(np.radians(start[:, 1]))), angle)
    step = length_km / KM_PER_DEGREE
    end = start + np.stack([step * np.cos(angle) / np.cos(np.radians(start[:, 1])), step * np.sin(angle)], axis=1)
    return start, end


def _nearest_counties(centres: Floats) -> Integers:
    """Return the three nearest counties of each county, `(counties, 3)`."""
    distance = np.linalg.norm(centres[:, None, :] - centres[None, :, :], axis=2)
    return np.argsort(distance, axis=1)[:, 1:4]


def fleet_mix() -> pd.DataFrame:
    """Return the flow share by road class, local hour, vehicle class, fuel and stage.

    It sums to 1 for each road class and hour.
    """
    classes, stages = read_shipped("fleet_classes.csv"), read_shipped("fleet_stages.csv")
    hours = pd.DataFrame({"local_hour": np.arange(HOURS_PER_DAY)})
    mix = classes.merge(hours, how="cross").merge(stages, on="vehicle_class_code", validate="many_to_many")
    is_daytime = mix["local_hour"].isin(DAY_HOURS)
    mix["fleet_share"] = np.where(is_daytime, mix["day_share"], mix["night_share"]) * mix["stage_share"]
    mix = mix[mix["fleet_share"] > 0]
    mix["fleet_share"] /= mix.groupby(["road_class_code", "local_hour"])["fleet_share"].transform("sum")
    return mix.drop(columns=["day_share", "night_share", "stage_share"])
