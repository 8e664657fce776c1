"""Simulated speed and flow of every road link by quarter hour, and the readings of its detectors.

Belongs here: traffic of a day. Does not: the register of links (roads) or the emission of the vehicles (traffic_truth).
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.alert_orders import ordered_vehicle_cut
from bigdata_emis.demo.plan import (
    FIRST_DAY,
    QUARTERS_PER_HOUR,
    alert_hours,
    draw_autocorrelated,
    random_stream,
    read_shipped,
)
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY
from bigdata_emis.window import HOURS_PER_DAY

USUAL_CROWDING_SHARE = 0.14  # speed reduction of an average link on the plateau of a working day
WEEKEND_CROWDING_SHARE = 0.92  # of that of a working day
# Course of a day, share of the plateau: plateau from 09 to 18, minimum from 02 to 05, as in Chinese road counts; own
# assumption. The detectors lend their variety, not the rush hours and empty Sundays of California.
COURSE_BY_HOUR = (
    *(0.35, 0.25, 0.18, 0.16, 0.17, 0.24, 0.48, 0.85, 1.05, 1.0, 1.0, 0.96),
    *(0.92, 0.94, 0.98, 1.0, 1.02, 1.08, 1.0, 0.82, 0.70, 0.62, 0.52, 0.43),
)
HIGHEST_SPEED_SHARE, LOWEST_SPEED_SHARE = 0.985, 0.15  # of free-flow speed
SPEED_NOISE_SD = 0.03
READING_SD_KM_PER_H = 1.0
COUNTER_SD = 0.05
LEAST_BELOW_SHARE = 0.01  # a detector above its usual free speed still carries vehicles
MOST_VARIETY = 3.0  # times the mean of all detectors; a few of them stand in jams all day
WEEKEND = (5, 6)
QUARTER_MIDDLES_H = (np.arange(QUARTERS_PER_DAY) + 0.5) / QUARTERS_PER_HOUR
MEASURED_WEEKDAYS = (3, 4, 5, 6, 0)  # the shipped detectors were measured from a Thursday to a Monday


@dataclass(frozen=True)
class TrafficDay:
    """True speed and flow, `(links, quarter hours)`."""

    speed_km_per_h: npt.NDArray[np.float32]
    flow_veh_per_h: npt.NDArray[np.float32]

    def hourly(self) -> tuple[Floats, Floats]:
        """Return hourly mean speed and flow, each `(links, hours)`."""
        shape = (len(self.speed_km_per_h), HOURS_PER_DAY, QUARTERS_PER_HOUR)
        return self.speed_km_per_h.reshape(shape).mean(axis=2), self.flow_veh_per_h.reshape(shape).mean(axis=2)


def draw_traffic(seed: int, day_number: int, links: pd.DataFrame) -> TrafficDay:
    """Draw the traffic of a day: speed from measured detectors, flow by the Underwood relation.

        q = f × k × v × ln(v_free / v)

    k: jam density. f: hidden factor of the link against its class.
    """
    random = random_stream(seed, f"traffic {day_number}")
    crowding = _draw_crowding(random, day_number)[links["detector"].to_numpy()]
    noise = draw_autocorrelated(random, len(links), steps=QUARTERS_PER_DAY, persistence_share=0.7)
    share = np.clip(
        1 - crowding + np.float32(SPEED_NOISE_SD) * noise * crowding, LOWEST_SPEED_SHARE, HIGHEST_SPEED_SHARE
    )
    free = links["free_speed_km_per_h"].to_numpy(dtype=np.float32)[:, None]
    density = (links["jam_density_veh_per_km"] * links["flow_factor"]).to_numpy(dtype=np.float32)[:, None]
    speed = share * free
    return TrafficDay(speed.astype(np.float32), (density * speed * -np.log(share)).astype(np.float32))


def day_traffic_readings(
    seed: int, day_number: int, *, links: pd.DataFrame, traffic: TrafficDay, interval_min: int
) -> pd.DataFrame:
    """Draw the readings: speed of all links, flow of links with a counter; one row an interval."""
    random = random_stream(seed, f"traffic readings {day_number}")
    steps = HOURS_PER_DAY * 60 // interval_min
    shape = (len(links), steps, QUARTERS_PER_DAY // steps)
    speed = traffic.speed_km_per_h.reshape(shape).mean(axis=2)
    flow = traffic.flow_veh_per_h.reshape(shape).mean(axis=2)
    read_speed = np.maximum(speed + READING_SD_KM_PER_H * random.standard_normal(speed.shape), 1.0)
    read_flow = flow * np.exp(COUNTER_SD * random.standard_normal(flow.shape))
    counted = np.repeat(links["has_counter"].to_numpy()[None, :], steps, axis=0).ravel()
    return pd.DataFrame(
        {
            "link_row": np.tile(np.arange(len(links)), steps),
            "step": np.repeat(np.arange(steps), len(links)),
            "speed_km_per_h": read_speed.T.ravel().round(1),
            "flow_veh_per_h": np.where(counted, read_flow.T.ravel().round(0), np.nan),
        }
    )


@cache
def _read_detectors() -> tuple[Integers, Floats]:
    table = read_shipped("speed_shape.csv.gz")
    return table["weekday_number"].to_numpy(), table.drop(columns=["weekday_number", "quarter_hour_number"]).to_numpy(
        dtype=float
    ).T


def _draw_crowding(random: np.random.Generator, day_number: int) -> npt.NDArray[np.float32]:
    """Draw the speed reduction of each detector below free-flow speed, `(detectors, quarter hours)`.

    The course over the day is that of COURSE_BY_HOUR; how a place and a quarter hour differ from it is measured. It is
    smaller at weekends and under the alert.
    """
    weekdays, share = _read_detectors()
    weekday = (FIRST_DAY + timedelta(days=day_number)).weekday()
    source = weekday if weekday in MEASURED_WEEKDAYS else int(random.choice((3, 4, 0)))
    below = np.clip(1 - share[:, weekdays == source], LEAST_BELOW_SHARE, None)
    variety = np.minimum(below / below.mean(axis=0, keepdims=True), MOST_VARIETY)
    variety /= variety.mean(axis=0, keepdims=True)
    course = np.interp(QUARTER_MIDDLES_H, np.arange(HOURS_PER_DAY) + 0.5, COURSE_BY_HOUR, period=HOURS_PER_DAY)
    level = USUAL_CROWDING_SHARE * (WEEKEND_CROWDING_SHARE if weekday in WEEKEND else 1.0)
    in_alert = alert_hours()[day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY]
    factor = level * course * np.where(np.repeat(in_alert, QUARTERS_PER_HOUR), 1 - ordered_vehicle_cut(), 1.0)
    return np.asarray(np.clip(variety * factor, 1 - HIGHEST_SPEED_SHARE, 1 - LOWEST_SPEED_SHARE), dtype=np.float32)
