"""Feeds are sent in the columns of their provider, and only simulated feeds have faults."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.plan import simulated_days
from bigdata_emis.demo.providers import feeds
from bigdata_emis.demo.providers.faults import FaultRates
from bigdata_emis.demo.providers.feed_files import FeedFiles
from bigdata_emis.demo.providers.feeds import OUTAGE_DAY, OUTAGE_HOURS, DaySender
from bigdata_emis.demo.world.air import day_weather

NO_FAULTS = FaultRates(gap=0, duplicate=0, spike=0, negative=0, text=0, late=0, dead_sensor=0)


@pytest.fixture(autouse=True)
def without_faults(monkeypatch):
    monkeypatch.setattr(feeds, "FAULT_RATES", dict.fromkeys(feeds.FAULT_RATES, NO_FAULTS))


def sender(folder, day: date) -> DaySender:
    return DaySender(1, day, simulated_days().index(day), FeedFiles(folder, folder / "archive", "csv.gz"))


def dropped(folder, feed: str, day: date) -> pd.DataFrame:
    return pd.read_csv(folder / "drop" / feed / f"{day}.csv.gz", dtype=str)


def test_power_is_sent_as_text_in_the_names_of_the_provider(tmp_path):
    day = date(2015, 12, 14)
    log = sender(tmp_path, day).send_power(np.array(["M1"], dtype=object), np.arange(96, dtype=np.float32)[None, :])
    rows = dropped(tmp_path, "power", day)
    assert rows.columns.tolist() == ["meterNo", "startTime", "kWh"]
    assert rows.iloc[1].tolist() == ["M1", "2015-12-14T00:15:00+08:00", "1"]
    assert (len(rows), len(log)) == (96, 0)


def test_a_reading_that_is_damaged_to_text_is_a_pair_of_dashes(tmp_path, monkeypatch):
    monkeypatch.setitem(feeds.FAULT_RATES, "power", FaultRates(0, 0, 0, 0, text=1.0, late=0, dead_sensor=0))
    day = date(2015, 12, 14)
    log = sender(tmp_path, day).send_power(np.array(["M1"], dtype=object), np.ones((1, 96), dtype=np.float32))
    assert set(dropped(tmp_path, "power", day)["kWh"]) == {"--"}
    assert set(log["feed_id"] + " " + log["fault"]) == {"power text"}


def test_an_hourly_feed_has_its_key_its_hour_and_its_values(tmp_path):
    day = date(2015, 12, 14)
    frame = pd.DataFrame(
        {"cell_row": [0, 0], "hour_number": [0, 1], "present_device_count": [7, 9], "cell_id": ["r1c2", "r1c2"]}
    )
    sender(tmp_path, day).send_hourly(
        "signalling", frame, ids=("cell_id",), sensor="cell_row", value="present_device_count"
    )
    rows = dropped(tmp_path, "signalling", day)
    assert rows.to_dict("list") == {
        "cell_id": ["r1c2", "r1c2"],
        "hour_utc": ["2015-12-13T16:00:00Z", "2015-12-13T17:00:00Z"],
        "present_device_count": ["7", "9"],
    }


def test_the_traffic_feed_has_no_rows_in_the_hours_of_its_outage(tmp_path):
    frame = pd.DataFrame({"link_row": 0, "step": np.arange(24), "speed_km_per_h": 50.0, "flow_veh_per_h": np.nan})
    sender(tmp_path, OUTAGE_DAY).send_traffic(np.array(["R1"], dtype=object), frame, 60)
    rows = dropped(tmp_path, "traffic", OUTAGE_DAY)
    hours = pd.to_datetime(rows["interval_start_utc"]).dt.tz_convert("Asia/Shanghai").dt.hour
    assert set(range(24)) - set(hours) == set(OUTAGE_HOURS)
    assert rows["flow_veh_per_h"].isna().all()


def test_measured_weather_is_sent_unchanged(tmp_path):
    day = date(2015, 12, 14)
    sender(tmp_path, day).send_weather()
    rows = dropped(tmp_path, "weather", day)
    assert rows["air_temperature_degc"].astype(float).tolist() == day_weather(day)["air_temperature_degc"].tolist()


def test_a_forecast_is_sent_on_the_day_that_it_is_about_with_its_issue(tmp_path):
    day = date(2015, 12, 14)
    start = 1_450_022_400_000_000  # 2015-12-13T16:00Z
    hour = 3_600_000_000
    frame = pd.DataFrame(
        {
            "issued_us": [start - 10 * hour] * 2,
            "hour_us": [start - hour, start],
            "pollutant_code": "CO",
            "concentration_ug_per_m3": [1.0, 2.0],
        }
    )
    sender(tmp_path, day).send_forecast(frame)
    rows = dropped(tmp_path, "forecast", day)
    assert rows[["issued_utc", "hour_utc", "concentration_ug_per_m3"]].to_numpy().tolist() == [
        ["2015-12-13T06:00:00Z", "2015-12-13T16:00:00Z", "2"]
    ]
