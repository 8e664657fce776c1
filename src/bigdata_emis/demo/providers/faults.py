"""What goes wrong between a sensor and its reader: gaps, duplicates, spikes, wrong signs, text, dead sensors, late rows.

Belongs here: drawing the faults of one feed and day, and their log for the hidden truth. Does not: the true values.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.demo.plan import HOUR_US

LATEST_H = 6


@dataclass(frozen=True)
class Rates:
    """Share of readings that suffer each fault."""

    gap: float = 0.01
    duplicate: float = 0.01
    spike: float = 0.002
    negative: float = 0.0002
    text: float = 0.0001
    late: float = 0.01
    dead_sensor: float = 0.01


@dataclass(frozen=True)
class Damage:
    """Which readings arrive (`kept`, with repeats for duplicates, in order of time), with what value, and when."""

    kept: Integers
    value: Floats
    is_text: Flags
    arrival_us: Integers
    log: pd.DataFrame


def damage(
    random: np.random.Generator, value: Floats, *, event_us: Integers, sensor: Integers, interval_us: int, rates: Rates
) -> Damage:
    """The readings of one day after their journey; `sensor` numbers the device of each reading."""
    count = len(value)
    fault = np.full(count, "", dtype=object)
    changed = value.copy()
    _mark(random, fault, "spike", rates.spike)
    _mark(random, fault, "negative", rates.negative)
    _mark(random, fault, "text", rates.text)
    _mark(random, fault, "dead", 0.0, where=_dead(random, event_us, sensor, rates.dead_sensor))
    _mark(random, fault, "gap", rates.gap)
    spikes, negatives = fault == "spike", fault == "negative"
    changed[spikes] *= random.uniform(10, 50, int(spikes.sum()))
    changed[negatives] *= -1
    present = np.flatnonzero((fault != "gap") & (fault != "dead"))
    twice = present[random.random(len(present)) < rates.duplicate]
    kept = np.sort(np.concatenate([present, twice]), kind="stable")
    is_late = random.random(count) < rates.late
    delay = np.where(is_late, random.integers(1, LATEST_H + 1, count), 0) * HOUR_US
    arrival = (event_us + interval_us + delay)[kept]
    log = _log(fault, event_us, sensor, twice, np.flatnonzero(is_late))
    return Damage(kept, changed[kept], (fault == "text")[kept], arrival, log)


def _mark(
    random: np.random.Generator,
    fault: "np.typing.NDArray[np.object_]",
    name: str,
    rate: float,
    *,
    where: Flags | None = None,
) -> None:
    chosen = random.random(len(fault)) < rate if where is None else where
    fault[chosen] = name


def _dead(random: np.random.Generator, event_us: Integers, sensor: Integers, rate: float) -> Flags:
    """Some sensors send nothing for 4 to 20 hours."""
    sensors = int(sensor.max()) + 1 if len(sensor) else 0
    start = event_us.min() + random.integers(0, 20, sensors) * HOUR_US if sensors else np.zeros(0, dtype=np.int64)
    end = start + random.integers(4, 21, sensors) * HOUR_US
    is_dead = random.random(sensors) < rate
    return np.asarray(is_dead[sensor] & (event_us >= start[sensor]) & (event_us < end[sensor]))


def _log(
    fault: "np.typing.NDArray[np.object_]", event_us: Integers, sensor: Integers, twice: Integers, late: Integers
) -> pd.DataFrame:
    rows = np.concatenate([np.flatnonzero(fault != ""), twice, late])
    names = np.concatenate([fault[fault != ""], np.full(len(twice), "duplicate"), np.full(len(late), "late")])
    return pd.DataFrame({"sensor": sensor[rows], "event_us": event_us[rows], "fault": names.astype(str)})
