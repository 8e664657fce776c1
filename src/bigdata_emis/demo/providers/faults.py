"""Simulated transmission faults: gaps, duplicates, spikes, wrong signs, text, dead sensors and late rows.

Belongs here: the draw of the faults of one feed and day, and their log for the hidden truth. Does not: the true values.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.window import HOUR_US

LARGEST_DELAY_H = 6


@dataclass(frozen=True)
class FaultRates:
    """Share of the readings with each fault."""

    gap: float = 0.01
    duplicate: float = 0.01
    spike: float = 0.002
    negative: float = 0.0002
    text: float = 0.0001
    late: float = 0.01
    dead_sensor: float = 0.01


@dataclass(frozen=True)
class Damage:
    """The readings that arrive, in order of time; `arrived_row` repeats a duplicated reading."""

    arrived_row: Integers
    value: Floats
    is_text: Flags
    arrival_us: Integers
    log: pd.DataFrame


def damage_readings(
    random: np.random.Generator,
    value: Floats,
    *,
    event_us: Integers,
    sensor: Integers,
    interval_us: int,
    rates: FaultRates,
) -> Damage:
    """Draw the faults of one day of readings and apply them; `sensor` is the device number."""
    count = len(value)
    fault = np.full(count, "", dtype=object)
    changed = value.copy()
    _mark(random, fault, "spike", rates.spike)
    _mark(random, fault, "negative", rates.negative)
    _mark(random, fault, "text", rates.text)
    _mark(random, fault, "dead", 0.0, where=_flag_dead_sensors(random, event_us, sensor, rates.dead_sensor))
    _mark(random, fault, "gap", rates.gap)
    spikes, negatives = fault == "spike", fault == "negative"
    changed[spikes] *= random.uniform(10, 50, int(spikes.sum()))
    changed[negatives] *= -1
    present = np.flatnonzero((fault != "gap") & (fault != "dead"))
    duplicated = present[random.random(len(present)) < rates.duplicate]
    arrived_row = np.sort(np.concatenate([present, duplicated]), kind="stable")
    is_late = random.random(count) < rates.late
    delay = np.where(is_late, random.integers(1, LARGEST_DELAY_H + 1, count), 0) * HOUR_US
    arrival = (event_us + interval_us + delay)[arrived_row]
    log = _list_faults(fault, event_us, sensor, duplicated, np.flatnonzero(is_late))
    return Damage(arrived_row, changed[arrived_row], (fault == "text")[arrived_row], arrival, log)


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


def _flag_dead_sensors(random: np.random.Generator, event_us: Integers, sensor: Integers, rate: float) -> Flags:
    """Flag the readings of dead sensors: some sensors send nothing for 4 to 20 hours."""
    sensors = int(sensor.max()) + 1 if len(sensor) else 0
    start = event_us.min() + random.integers(0, 20, sensors) * HOUR_US if sensors else np.zeros(0, dtype=np.int64)
    end = start + random.integers(4, 21, sensors) * HOUR_US
    is_dead = random.random(sensors) < rate
    return np.asarray(is_dead[sensor] & (event_us >= start[sensor]) & (event_us < end[sensor]))


def _list_faults(
    fault: "np.typing.NDArray[np.object_]", event_us: Integers, sensor: Integers, duplicated: Integers, late: Integers
) -> pd.DataFrame:
    rows = np.concatenate([np.flatnonzero(fault != ""), duplicated, late])
    names = np.concatenate([fault[fault != ""], np.full(len(duplicated), "duplicate"), np.full(len(late), "late")])
    return pd.DataFrame({"sensor": sensor[rows], "event_us": event_us[rows], "fault": names.astype(str)})
