"""What every production line truly does, quarter hour by quarter hour, and how it obeys the alert.

Belongs here: the hidden utilisation. Does not: power, emission or anything a provider would send.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.demo.plan import (
    FIRST_DAY,
    HOURS_PER_DAY,
    QUARTERS_PER_HOUR,
    alert_hours,
    autocorrelated,
    days,
    shipped,
    stream,
)

Shares = npt.NDArray[np.float32]
QUARTERS_PER_DAY = HOURS_PER_DAY * QUARTERS_PER_HOUR
WEEKS_SHIPPED = 4
BATCH_FLOOR_SHARE, BATCH_EXPONENT = (
    0.1,
    0.6,
)  # furnaces of several lines overlap, so that a line is less peaky than the metered works
WEEKEND_OFF_SHARE = 0.4
STOPS_PER_DAY = 0.03
LONGEST_STOP_H = 12
SLOWEST_RESPONSE_H = 5
NOISE_SD = {"continuous": 0.05, "demand": 0.06, "batch": 0.08, "night": 0.08, "shift": 0.1}
PARTLY_SHARE = 0.5  # how much of the planned cut a half-hearted line makes
DAILY_SWING_SHARE = 0.15


def true_utilisation(seed: int, lines: pd.DataFrame) -> Shares:
    """Share of capacity at which each line (row) runs in each quarter hour (column) of the simulated days."""
    random = stream(seed, "activity")
    utilisation = np.zeros((len(lines), len(days()) * QUARTERS_PER_DAY), dtype=np.float32)
    for rhythm, rows in lines.groupby("rhythm").indices.items():
        utilisation[rows] = _rhythm(str(rhythm), random, len(rows))
        utilisation[rows] *= np.exp(_noise(random, len(rows), NOISE_SD[str(rhythm)]))
    utilisation *= lines["utilisation_share"].to_numpy(dtype=np.float32)[:, None]
    utilisation[lines["is_idle"].to_numpy()] = 0
    utilisation[_stopped(random, len(lines))] = 0
    utilisation *= _obedience(random, lines)
    return np.clip(utilisation, 0, 1)


def hourly_mean(quarters: Shares) -> Shares:
    """The mean of the four quarters of each hour."""
    return np.asarray(quarters.reshape(len(quarters), -1, QUARTERS_PER_HOUR).mean(axis=2), dtype=np.float32)


def _noise(random: np.random.Generator, count: int, sd: float) -> Shares:
    hourly = autocorrelated(random, count, steps=len(days()) * HOURS_PER_DAY, persistence_share=0.9)
    quarterly = random.standard_normal((count, hourly.shape[1] * QUARTERS_PER_HOUR), dtype=np.float32)
    return np.asarray(np.float32(sd) * (np.repeat(hourly, QUARTERS_PER_HOUR, axis=1) + np.float32(0.3) * quarterly))


def _local_hours() -> Floats:
    return np.tile(np.arange(QUARTERS_PER_DAY) / QUARTERS_PER_HOUR, len(days()))


def _weekdays() -> Integers:
    return np.repeat([(FIRST_DAY.weekday() + i) % 7 for i in range(len(days()))], QUARTERS_PER_DAY)


def _rhythm(rhythm: str, random: np.random.Generator, count: int) -> Shares:
    """The regular pattern of a trade, relative to its usual utilisation."""
    hour = _local_hours()
    if rhythm == "batch":
        return _batch(random, count)
    if rhythm == "demand":
        swing = np.cos((hour - 18) / HOURS_PER_DAY * 2 * np.pi)
        return np.asarray(1 + DAILY_SWING_SHARE * random.uniform(0.5, 1.5, (count, 1)) * swing, dtype=np.float32)
    if rhythm == "night":
        return np.where((hour < 8) | (hour >= 22), np.float32(1.5), np.float32(0.5)) * np.ones(
            (count, 1), dtype=np.float32
        )
    if rhythm == "shift":
        return _shifts(random, count)
    return np.ones((count, len(hour)), dtype=np.float32)


def _batch(random: np.random.Generator, count: int) -> Shares:
    """Measured quarter-hour load of a steel works, taken from a drawn week on the same weekday."""
    measured = shipped("steel_meter_shape.csv.gz")["load_share"].to_numpy(dtype=np.float32)
    span = len(days()) * QUARTERS_PER_DAY
    start = FIRST_DAY.weekday() * QUARTERS_PER_DAY + random.integers(0, WEEKS_SHIPPED, count) * 7 * QUARTERS_PER_DAY
    shift = random.integers(-4, 5, count)
    index = (start[:, None] + shift[:, None] + np.arange(span)) % len(measured)
    return np.asarray(BATCH_FLOOR_SHARE + (1 - BATCH_FLOOR_SHARE) * measured[index] ** BATCH_EXPONENT, dtype=np.float32)


def _shifts(random: np.random.Generator, count: int) -> Shares:
    """One or two shifts a day; some works rest on Sunday."""
    hour, weekday = _local_hours(), _weekdays()
    opens = random.choice([7.0, 7.5, 8.0], count)[:, None]
    closes = random.choice([18.0, 20.0, 23.75], count)[:, None]
    rests = (random.random(count) < WEEKEND_OFF_SHARE)[:, None] & (weekday == 6)
    return np.where((hour >= opens) & (hour < closes) & ~rests, np.float32(1.2), np.float32(0.03))


def _stopped(random: np.random.Generator, count: int) -> Flags:
    """Unplanned stops of a few hours."""
    span = len(days()) * QUARTERS_PER_DAY
    stopped = np.zeros((count, span), dtype=bool)
    for row in np.flatnonzero(random.random(count) < STOPS_PER_DAY * len(days())):
        start = int(random.integers(0, span))
        stopped[row, start : start + int(random.integers(2, LONGEST_STOP_H + 1)) * QUARTERS_PER_HOUR] = True
    return stopped


def _obedience(random: np.random.Generator, lines: pd.DataFrame) -> Shares:
    """What is left of each line's usual work under the alert, once it has responded."""
    made_share = (
        lines["compliance"].map({"complies": 1.0, "partly": PARTLY_SHARE, "ignores": 0.0}).to_numpy(dtype=float)
    )
    left = 1 - lines["planned_cut_share"].to_numpy(dtype=float) * made_share
    in_alert = np.repeat(alert_hours(), QUARTERS_PER_HOUR)
    start = int(np.argmax(in_alert))
    quarters_since = np.arange(len(in_alert)) - start
    delay = random.integers(0, SLOWEST_RESPONSE_H * QUARTERS_PER_HOUR, len(lines))
    responds = quarters_since[None, :] >= delay[:, None]
    return np.where(responds & in_alert[None, :], left[:, None], 1.0).astype(np.float32)
