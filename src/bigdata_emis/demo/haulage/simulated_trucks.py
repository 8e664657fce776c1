"""Simulated positions of a telematics platform: a share of the true trucks of long-distance roads, with faults.

Belongs here: positions of a day. Does not: the true flow (world.traffic_flow), how they are counted (collect).
"""

import numpy as np
import pandas as pd
import shapely

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import RoadClass
from bigdata_emis.demo.plan import day_start_us, draw_lognormal, random_stream, read_shipped, simulated_days
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

COVERED = (RoadClass.MOTORWAY, RoadClass.TRUNK)
PENETRATION_SHARE = 0.02  # of the trucks report to the platform; own assumption, small so that the files are
LINK_ERROR_SD = 0.1  # of the share of trucks on a link against that of its class
TRUCK_CLASSES = ("HeavyT", "MediumT", "LightT")
DAY_HOURS = range(6, 22)
RECEIVER_SD_DEG = 0.00003  # some three metres
SPEED_SD = 0.08
FAULT_SHARES = {"no_fix": 0.002, "off_road": 0.02, "standing": 0.02, "impossible_speed": 0.001}  # own assumption
OFF_ROAD_DEG, IMPOSSIBLE_KM_PER_H = 0.02, 400.0


def day_positions(
    seed: int, day_number: int, *, links: pd.DataFrame, speed_km_per_h: Floats, flow_veh_per_h: Floats
) -> pd.DataFrame:
    """Draw one position of each truck on each link and hour of a day that reports to the platform.

    speed_km_per_h, flow_veh_per_h: true, (links, hours). Trucks of one row each; `event_us` is their time.
    """
    random = random_stream(seed, f"truck positions {day_number}")
    covered = np.flatnonzero(links["road_class_code"].isin(COVERED))
    share = truck_shares(links["road_class_code"].to_numpy()[covered])
    by_link = draw_lognormal(random_stream(seed, "truck share"), LINK_ERROR_SD, len(links))[covered]
    trucks = random.poisson(PENETRATION_SHARE * by_link[:, None] * share * flow_veh_per_h[covered])
    link, hour = (np.repeat(place, trucks.ravel()) for place in np.indices(trucks.shape).reshape(2, -1))
    count = len(link)
    ends = shapely.get_coordinates(shapely.from_wkt(links["geometry_wkt"].to_numpy()[covered])).reshape(-1, 2, 2)[link]
    place = ends[:, 0] + random.random((count, 1)) * (ends[:, 1] - ends[:, 0])
    place += RECEIVER_SD_DEG * random.standard_normal((count, 2))
    speed = speed_km_per_h[covered][link, hour] * np.exp(SPEED_SD * random.standard_normal(count))
    start = day_start_us(simulated_days()[day_number])
    event = start + hour * HOUR_US + (random.random(count) * HOUR_US).astype(np.int64) // 1_000_000 * 1_000_000
    frame = {
        "vehicle_id": [f"SIM{number:07d}" for number in range(count)],
        "longitude_deg": place[:, 0].round(6),
        "latitude_deg": place[:, 1].round(6),
        "speed_km_per_h": np.clip(speed, 2.0, 120.0).round(0),
        "event_us": event,
    }
    return _add_faults(random, pd.DataFrame(frame))


def truck_shares(road_class: "np.typing.NDArray[np.object_]") -> Floats:
    """The share of trucks in the flow of links of these classes, (links, hours)."""
    classes = read_shipped("fleet_classes.csv")
    trucks = classes[classes["vehicle_class_code"].isin(TRUCK_CLASSES)].groupby("road_class_code")
    by_class = trucks[["day_share", "night_share"]].sum().reindex(road_class).to_numpy()
    is_day = np.isin(np.arange(HOURS_PER_DAY), DAY_HOURS)
    return np.asarray(np.where(is_day[None, :], by_class[:, :1], by_class[:, 1:]))


def _add_faults(random: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Receivers without a fix, trucks in yards and standing ones, and speeds that no truck has."""
    kind = random.choice(
        ["", *FAULT_SHARES], size=len(frame), p=[1 - sum(FAULT_SHARES.values()), *FAULT_SHARES.values()]
    )
    frame.loc[kind == "no_fix", ["longitude_deg", "latitude_deg"]] = 0.0
    frame.loc[kind == "off_road", "latitude_deg"] += OFF_ROAD_DEG
    frame.loc[kind == "standing", "speed_km_per_h"] = 0.0
    frame.loc[kind == "impossible_speed", "speed_km_per_h"] = IMPOSSIBLE_KM_PER_H
    return frame
