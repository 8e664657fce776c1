"""True utilisation of every simulated production line by quarter hour, and its response to the alert.

Belongs here: the hidden utilisation. Does not: power, emission, or anything that a provider sends.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.demo.plan import (
    QUARTERS_PER_HOUR,
    alert_hours,
    draw_autocorrelated,
    random_stream,
    read_shipped,
    simulated_days,
)
from bigdata_emis.window import HOURS_PER_DAY

Shares = npt.NDArray[np.float32]
QUARTERS_PER_DAY = HOURS_PER_DAY * QUARTERS_PER_HOUR
WEEKS_SHIPPED = 4
BATCH_FLOOR_SHARE, BATCH_EXPONENT = 0.1, 0.6
"""Furnaces of several lines overlap, so a line has lower peaks than the metered works."""
WEEKEND_OFF_SHARE = 0.4
STOPS_PER_DAY = 0.03
LONGEST_STOP_H = 12
SLOWEST_RESPONSE_H = 5
MEAN_OF_RHYTHM = {"continuous": 0.99, "demand": 0.99, "batch": 0.38, "night": 0.89, "shift": 0.6}
"""Mean of each pattern with its stops, relative to the usual utilisation of the line."""
NOISE_SD = {"continuous": 0.05, "demand": 0.06, "batch": 0.08, "night": 0.08, "shift": 0.1}
PARTLY_SHARE = 0.5  # share of the planned cut that a partly compliant line carries out
DAILY_SWING_SHARE = 0.15


def draw_utilisation(seed: int, lines: pd.DataFrame) -> Shares:
    """Draw the share of capacity at which each line runs, `(lines, quarter hours)`."""
    random = random_stream(seed, "activity")
    utilisation = draw_undisturbed_utilisation(random, lines, simulated_days())
    utilisation *= _alert_response(random, lines)
    return np.clip(utilisation, 0, 1)


def draw_undisturbed_utilisation(random: np.random.Generator, lines: pd.DataFrame, days: Sequence[date]) -> Shares:
    """Draw the utilisation as it would be without an alert, `(lines, quarter hours)`; not yet limited to 0–1."""
    utilisation = np.zeros((len(lines), len(days) * QUARTERS_PER_DAY), dtype=np.float32)
    for rhythm, rows in lines.groupby("rhythm").indices.items():
        utilisation[rows] = _draw_rhythm(str(rhythm), random, len(rows), days)
        utilisation[rows] *= np.exp(_draw_noise(random, len(rows), NOISE_SD[str(rhythm)], len(days)))
    utilisation *= lines["utilisation_share"].to_numpy(dtype=np.float32)[:, None]
    utilisation[lines["is_idle"].to_numpy()] = 0
    utilisation[_draw_stops(random, len(lines), len(days))] = 0
    return utilisation


def hourly_mean(quarters: Shares) -> Shares:
    """Return the mean of the four quarters of each hour, `(lines, hours)`."""
    return np.asarray(quarters.reshape(len(quarters), -1, QUARTERS_PER_HOUR).mean(axis=2), dtype=np.float32)


def _draw_noise(random: np.random.Generator, count: int, sd: float, day_count: int) -> Shares:
    hourly = draw_autocorrelated(random, count, steps=day_count * HOURS_PER_DAY, persistence_share=0.9)
    quarterly = random.standard_normal((count, hourly.shape[1] * QUARTERS_PER_HOUR), dtype=np.float32)
    return np.asarray(np.float32(sd) * (np.repeat(hourly, QUARTERS_PER_HOUR, axis=1) + np.float32(0.3) * quarterly))


def _local_hours(day_count: int) -> Floats:
    return np.tile(np.arange(QUARTERS_PER_DAY) / QUARTERS_PER_HOUR, day_count)


def _weekdays(days: Sequence[date]) -> Integers:
    return np.repeat([day.weekday() for day in days], QUARTERS_PER_DAY)


def _draw_rhythm(rhythm: str, random: np.random.Generator, count: int, days: Sequence[date]) -> Shares:
    """Draw the regular daily pattern of an industry, relative to its usual utilisation."""
    hour = _local_hours(len(days))
    if rhythm == "batch":
        return _draw_batches(random, count, days)
    if rhythm == "demand":
        swing = np.cos((hour - 18) / HOURS_PER_DAY * 2 * np.pi)
        return np.asarray(1 + DAILY_SWING_SHARE * random.uniform(0.5, 1.5, (count, 1)) * swing, dtype=np.float32)
    if rhythm == "night":
        return np.where((hour < 8) | (hour >= 22), np.float32(1.5), np.float32(0.5)) * np.ones(
            (count, 1), dtype=np.float32
        )
    if rhythm == "shift":
        return _draw_shifts(random, count, days)
    return np.ones((count, len(hour)), dtype=np.float32)


def _draw_batches(random: np.random.Generator, count: int, days: Sequence[date]) -> Shares:
    """Take the measured quarter-hour load of a steel works from a drawn week, on the same weekday."""
    measured = read_shipped("steel_meter_shape.csv.gz")["load_share"].to_numpy(dtype=np.float32)
    span = len(days) * QUARTERS_PER_DAY
    start = days[0].weekday() * QUARTERS_PER_DAY + random.integers(0, WEEKS_SHIPPED, count) * 7 * QUARTERS_PER_DAY
    shift = random.integers(-4, 5, count)
    index = (start[:, None] + shift[:, None] + np.arange(span)) % len(measured)
    return np.asarray(BATCH_FLOOR_SHARE + (1 - BATCH_FLOOR_SHARE) * measured[index] ** BATCH_EXPONENT, dtype=np.float32)


def _draw_shifts(random: np.random.Generator, count: int, days: Sequence[date]) -> Shares:
    """Draw one or two shifts a day; some works rest on Sunday."""
    hour, weekday = _local_hours(len(days)), _weekdays(days)
    opens = random.choice([7.0, 7.5, 8.0], count)[:, None]
    closes = random.choice([18.0, 20.0, 23.75], count)[:, None]
    rests = (random.random(count) < WEEKEND_OFF_SHARE)[:, None] & (weekday == 6)
    return np.where((hour >= opens) & (hour < closes) & ~rests, np.float32(1.2), np.float32(0.03))


def _draw_stops(random: np.random.Generator, count: int, day_count: int) -> Flags:
    """Flag unplanned stops of a few hours."""
    span = day_count * QUARTERS_PER_DAY
    stopped = np.zeros((count, span), dtype=bool)
    for row in np.flatnonzero(random.random(count) < STOPS_PER_DAY * day_count):
        start = int(random.integers(0, span))
        stopped[row, start : start + int(random.integers(2, LONGEST_STOP_H + 1)) * QUARTERS_PER_HOUR] = True
    return stopped


def _alert_response(random: np.random.Generator, lines: pd.DataFrame) -> Shares:
    """Draw the share of its usual activity that remains for each line under the alert, once it has responded."""
    fulfilled_share = (
        lines["compliance"].map({"complies": 1.0, "partly": PARTLY_SHARE, "ignores": 0.0}).to_numpy(dtype=float)
    )
    remaining = 1 - lines["planned_cut_share"].to_numpy(dtype=float) * fulfilled_share
    in_alert = np.repeat(alert_hours(), QUARTERS_PER_HOUR)
    start = int(np.argmax(in_alert))
    quarters_since = np.arange(len(in_alert)) - start
    delay = random.integers(0, SLOWEST_RESPONSE_H * QUARTERS_PER_HOUR, len(lines))
    responds = quarters_since[None, :] >= delay[:, None]
    return np.where(responds & in_alert[None, :], remaining[:, None], 1.0).astype(np.float32)
