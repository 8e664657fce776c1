"""Each feed's days as its provider would send them: true readings, damaged in transit, in the provider's own columns.

Belongs here: one function a feed. Does not: what is true (activity, traffic, areas …) or how files look (feed_files).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.plan import HOUR_US, HOURS_PER_DAY, day_start_us, stream
from bigdata_emis.demo.providers.faults import Damage, Rates, damage
from bigdata_emis.demo.providers.feed_files import US_PER_MINUTE, FeedFiles, beijing_text, number_column, utc_text
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.demo.world.air import day_air_quality, day_weather
from bigdata_emis.demo.world.power_meters import INTERVAL_MIN

RATES = {
    "power": Rates(),
    "district_energy": Rates(gap=0.005, negative=0.0, text=0.0, dead_sensor=0.002),
    "cems": Rates(gap=0.02, spike=0.003, text=0.0),
    "traffic": Rates(spike=0.001, negative=0.0, text=0.0),
    "signalling": Rates(spike=0.0, negative=0.0, text=0.0, dead_sensor=0.002),
    "area_activity": Rates(gap=0.02, spike=0.001, text=0.0),
    "measured_activity": Rates(gap=0.005, spike=0.0, negative=0.0, text=0.0, dead_sensor=0.0),
}
TEXT_READING = "--"
OUTAGE_FEED, OUTAGE_DAY, OUTAGE_HOURS = "traffic", date(2015, 12, 17), range(13, 16)


@dataclass(frozen=True)
class DaySender:
    """Sends one local day of every feed to its files and returns the log of injected faults."""

    seed: int
    day: date
    day_number: int
    files: FeedFiles

    def power(self, meter_id: "np.typing.NDArray[np.object_]", energy: Shares) -> pd.DataFrame:
        """Quarter-hourly energy in the provider's naming: meterNo, startTime in Beijing time, kWh as text."""
        step = np.repeat(np.arange(QUARTERS_PER_DAY), len(meter_id))
        meter = np.tile(np.arange(len(meter_id)), QUARTERS_PER_DAY)
        event = day_start_us(self.day) + step * INTERVAL_MIN * US_PER_MINUTE
        hurt = self._damage("power", energy.T.ravel().astype(float), event, meter, INTERVAL_MIN)
        text = np.asarray(number_column(hurt.value.round(3)).cast(pa.string()).to_numpy(zero_copy_only=False))
        text[hurt.is_text] = TEXT_READING
        records = {
            "meterNo": _chosen(meter_id, meter[hurt.kept]),
            "startTime": beijing_text(event[hurt.kept]),
            "kWh": pa.array(text, pa.string()),
        }
        return self._send("power", records, event, hurt)

    def hourly(
        self, feed_id: str, frame: pd.DataFrame, *, ids: tuple[str, ...], sensor: str, value: str
    ) -> pd.DataFrame:
        """An hourly feed with the declared field names; `value` is what faults strike, `sensor` numbers the device."""
        event = (day_start_us(self.day) + frame["hour_number"].to_numpy() * HOUR_US).astype(np.int64)
        hurt = self._damage(feed_id, frame[value].to_numpy(dtype=float), event, frame[sensor].to_numpy(), 60)
        kept = frame.iloc[hurt.kept]
        records: dict[str, pa.Array] = {name: pa.array(kept[name].astype(str), pa.string()) for name in ids}
        records["hour_utc"] = utc_text(event[hurt.kept])
        for name in (c for c in frame.columns if c not in {*ids, sensor, "hour_number"}):
            records[name] = _column(hurt.value if name == value else kept[name].to_numpy(), frame[name].dtype.kind)
        return self._send(feed_id, records, event, hurt)

    def traffic(self, link_id: "np.typing.NDArray[np.object_]", frame: pd.DataFrame, interval_min: int) -> pd.DataFrame:
        """Speeds and flows; the feed sends nothing for three hours of one afternoon."""
        event = (day_start_us(self.day) + frame["step"].to_numpy() * interval_min * US_PER_MINUTE).astype(np.int64)
        if self.day == OUTAGE_DAY:
            hour = (event - day_start_us(self.day)) // HOUR_US
            up = ~np.isin(hour, OUTAGE_HOURS)
            frame, event = frame[up], event[up]
        link = frame["link_row"].to_numpy()
        hurt = self._damage("traffic", frame["speed_km_per_h"].to_numpy(), event, link, interval_min)
        records = {
            "link_id": _chosen(link_id, link[hurt.kept]),
            "interval_start_utc": utc_text(event[hurt.kept]),
            "speed_km_per_h": number_column(hurt.value.round(1)),
            "flow_veh_per_h": number_column(frame["flow_veh_per_h"].to_numpy()[hurt.kept]),
        }
        return self._send("traffic", records, event, hurt)

    def air_quality(self) -> None:
        """Measured air quality, as it was: no faults are injected into measured data."""
        self._plain("air_quality", day_air_quality(self.day))

    def weather(self) -> None:
        """Measured weather, as it was."""
        self._plain("weather", day_weather(self.day))

    def forecast(self, frame: pd.DataFrame) -> None:
        """All forecast hours of the day, whenever they were issued; each is known from its issue on."""
        start = day_start_us(self.day)
        of_day = frame[(frame["hour_us"] >= start) & (frame["hour_us"] < start + HOURS_PER_DAY * HOUR_US)]
        issued = utc_text(of_day["issued_us"].to_numpy())
        self._plain(
            "forecast", of_day.drop(columns="issued_us"), {"issued_utc": issued}, of_day["issued_us"].to_numpy()
        )

    def _plain(
        self,
        feed_id: str,
        frame: pd.DataFrame,
        first: dict[str, pa.Array] | None = None,
        arrival: Integers | None = None,
    ) -> None:
        event = frame["hour_us"].to_numpy(dtype=np.int64)
        records = {**(first or {}), "hour_utc": utc_text(event)}
        for name in (c for c in frame.columns if c != "hour_us"):
            records[name] = _column(frame[name].to_numpy(), frame[name].dtype.kind)
        arrival_us = event + HOUR_US if arrival is None else arrival.astype(np.int64)
        self.files.write(feed_id, self.day, records=pa.table(records), event_us=event, arrival_us=arrival_us)

    def _damage(self, feed_id: str, value: Floats, event: Integers, sensor: Integers, interval_min: int) -> Damage:
        random = stream(self.seed, f"faults {feed_id} {self.day_number}")
        return damage(
            random, value, event_us=event, sensor=sensor, interval_us=interval_min * US_PER_MINUTE, rates=RATES[feed_id]
        )

    def _send(self, feed_id: str, records: dict[str, pa.Array], event: Integers, hurt: Damage) -> pd.DataFrame:
        self.files.write(
            feed_id, self.day, records=pa.table(records), event_us=event[hurt.kept], arrival_us=hurt.arrival_us
        )
        return hurt.log.assign(feed_id=feed_id)


def _chosen(names: "np.typing.NDArray[np.object_]", row: Integers) -> pa.Array:
    return pa.array(names.astype(str), pa.string()).take(pa.array(row))


def _column(values: "np.typing.NDArray[Any]", kind: str) -> pa.Array:
    if kind in "iu":
        return pa.array(np.nan_to_num(values.astype(float)).round().astype(np.int64))
    if kind == "f":
        return number_column(values.astype(float).round(4))
    return pa.array(values.astype(object), pa.string(), from_pandas=True)
