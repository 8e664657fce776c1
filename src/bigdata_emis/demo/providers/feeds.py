"""Feeds of the simulated providers: true readings with transmission faults, in the columns of each provider.

Belongs here: one method a feed. Does not: the true values (world), the faults (faults) or the files (feed_files).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.plan import day_start_us, random_stream
from bigdata_emis.demo.providers.faults import Damage, FaultRates, damage_readings
from bigdata_emis.demo.providers.feed_files import (
    US_PER_MINUTE,
    FeedFiles,
    format_beijing_time,
    format_utc,
    to_number_column,
)
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.demo.world.air import day_air_quality, day_weather
from bigdata_emis.demo.world.power_meters import INTERVAL_MIN
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

FAULT_RATES = {
    "power": FaultRates(),
    "district_energy": FaultRates(gap=0.005, negative=0.0, text=0.0, dead_sensor=0.002),
    "cems": FaultRates(gap=0.02, spike=0.003, text=0.0),
    "traffic": FaultRates(spike=0.001, negative=0.0, text=0.0),
    "signalling": FaultRates(spike=0.0, negative=0.0, text=0.0, dead_sensor=0.002),
    "area_activity": FaultRates(gap=0.02, spike=0.001, text=0.0),
    "measured_activity": FaultRates(gap=0.005, spike=0.0, negative=0.0, text=0.0, dead_sensor=0.0),
}
TEXT_READING = "--"
OUTAGE_DAY, OUTAGE_HOURS = date(2015, 12, 17), range(13, 16)
"""The traffic feed has no rows in these local hours."""


@dataclass(frozen=True)
class DaySender:
    """Writer of one local day of every feed; a feed with faults returns their log."""

    seed: int
    day: date
    day_number: int
    files: FeedFiles

    def send_power(self, meter_id: "np.typing.NDArray[np.object_]", energy: Shares) -> pd.DataFrame:
        """Send quarter-hourly energy: meterNo, startTime in Beijing time, kWh as text."""
        step = np.repeat(np.arange(QUARTERS_PER_DAY), len(meter_id))
        meter = np.tile(np.arange(len(meter_id)), QUARTERS_PER_DAY)
        event = day_start_us(self.day) + step * INTERVAL_MIN * US_PER_MINUTE
        damaged = self._apply_faults("power", energy.T.ravel().astype(float), event, meter, INTERVAL_MIN)
        text = np.asarray(to_number_column(damaged.value.round(3)).cast(pa.string()).to_numpy(zero_copy_only=False))
        text[damaged.is_text] = TEXT_READING
        records = {
            "meterNo": _take_names(meter_id, meter[damaged.arrived_row]),
            "startTime": format_beijing_time(event[damaged.arrived_row]),
            "kWh": pa.array(text, pa.string()),
        }
        return self._send_damaged("power", records, event, damaged)

    def send_hourly(
        self, feed_id: str, frame: pd.DataFrame, *, ids: tuple[str, ...], sensor: str, value: str
    ) -> pd.DataFrame:
        """Send an hourly feed with the declared field names.

        ids: text columns of the key. sensor: column that numbers the device. value: column that receives the faults.
        """
        event = (day_start_us(self.day) + frame["hour_number"].to_numpy() * HOUR_US).astype(np.int64)
        damaged = self._apply_faults(feed_id, frame[value].to_numpy(dtype=float), event, frame[sensor].to_numpy(), 60)
        arrived = frame.iloc[damaged.arrived_row]
        records: dict[str, pa.Array] = {name: pa.array(arrived[name].astype(str), pa.string()) for name in ids}
        records["hour_utc"] = format_utc(event[damaged.arrived_row])
        for name in (c for c in frame.columns if c not in {*ids, sensor, "hour_number"}):
            records[name] = _to_column(
                damaged.value if name == value else arrived[name].to_numpy(), frame[name].dtype.kind
            )
        return self._send_damaged(feed_id, records, event, damaged)

    def send_traffic(
        self, link_id: "np.typing.NDArray[np.object_]", frame: pd.DataFrame, interval_min: int
    ) -> pd.DataFrame:
        """Send speeds and flows; the feed has no rows for three hours of one afternoon."""
        event = (day_start_us(self.day) + frame["step"].to_numpy() * interval_min * US_PER_MINUTE).astype(np.int64)
        if self.day == OUTAGE_DAY:
            hour = (event - day_start_us(self.day)) // HOUR_US
            up = ~np.isin(hour, OUTAGE_HOURS)
            frame, event = frame[up], event[up]
        link = frame["link_row"].to_numpy()
        damaged = self._apply_faults("traffic", frame["speed_km_per_h"].to_numpy(), event, link, interval_min)
        records = {
            "link_id": _take_names(link_id, link[damaged.arrived_row]),
            "interval_start_utc": format_utc(event[damaged.arrived_row]),
            "speed_km_per_h": to_number_column(damaged.value.round(1)),
            "flow_veh_per_h": to_number_column(frame["flow_veh_per_h"].to_numpy()[damaged.arrived_row]),
        }
        return self._send_damaged("traffic", records, event, damaged)

    def send_vehicles(self, feed_id: str, frame: pd.DataFrame, *, time: str) -> None:
        """Send rows that name vehicles, with their faults in them; each arrives within a minute."""
        event = frame["event_us"].to_numpy(dtype=np.int64)
        records = {time: format_utc(event)}
        for name in (c for c in frame.columns if c != "event_us"):
            records[name] = _to_column(frame[name].to_numpy(), frame[name].dtype.kind)
        self.files.write(feed_id, self.day, records=pa.table(records), event_us=event, arrival_us=event + US_PER_MINUTE)

    def send_air_quality(self) -> None:
        """Send the measured air quality unchanged: measured data receive no faults."""
        self._send_unchanged("air_quality", day_air_quality(self.day))

    def send_weather(self) -> None:
        """Send the measured weather unchanged."""
        self._send_unchanged("weather", day_weather(self.day))

    def send_forecast(self, frame: pd.DataFrame) -> None:
        """Send all forecast hours of the day, whenever issued; each arrives at its issue time."""
        start = day_start_us(self.day)
        hours = frame[(frame["hour_us"] >= start) & (frame["hour_us"] < start + HOURS_PER_DAY * HOUR_US)]
        issued = format_utc(hours["issued_us"].to_numpy())
        self._send_unchanged(
            "forecast", hours.drop(columns="issued_us"), {"issued_utc": issued}, hours["issued_us"].to_numpy()
        )

    def _send_unchanged(
        self,
        feed_id: str,
        frame: pd.DataFrame,
        first: dict[str, pa.Array] | None = None,
        arrival: Integers | None = None,
    ) -> None:
        event = frame["hour_us"].to_numpy(dtype=np.int64)
        records = {**(first or {}), "hour_utc": format_utc(event)}
        for name in (c for c in frame.columns if c != "hour_us"):
            records[name] = _to_column(frame[name].to_numpy(), frame[name].dtype.kind)
        arrival_us = event + HOUR_US if arrival is None else arrival.astype(np.int64)
        self.files.write(feed_id, self.day, records=pa.table(records), event_us=event, arrival_us=arrival_us)

    def _apply_faults(
        self, feed_id: str, value: Floats, event: Integers, sensor: Integers, interval_min: int
    ) -> Damage:
        random = random_stream(self.seed, f"faults {feed_id} {self.day_number}")
        return damage_readings(
            random,
            value,
            event_us=event,
            sensor=sensor,
            interval_us=interval_min * US_PER_MINUTE,
            rates=FAULT_RATES[feed_id],
        )

    def _send_damaged(
        self, feed_id: str, records: dict[str, pa.Array], event: Integers, damaged: Damage
    ) -> pd.DataFrame:
        self.files.write(
            feed_id,
            self.day,
            records=pa.table(records),
            event_us=event[damaged.arrived_row],
            arrival_us=damaged.arrival_us,
        )
        return damaged.log.assign(feed_id=feed_id)


def _take_names(names: "np.typing.NDArray[np.object_]", row: Integers) -> pa.Array:
    return pa.array(names.astype(str), pa.string()).take(pa.array(row))


def _to_column(values: "np.typing.NDArray[Any]", kind: str) -> pa.Array:
    if kind in "iu":
        return pa.array(np.nan_to_num(values.astype(float)).round().astype(np.int64))
    if kind == "f":
        return to_number_column(values.astype(float).round(4))
    return pa.array(values.astype(object), pa.string(), from_pandas=True)
