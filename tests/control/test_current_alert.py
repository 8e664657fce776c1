"""The alert level of a region from its collected forecasts, decision after decision."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.current_alert import current_alert
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store

NOW = datetime(2025, 12, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PM25 = {50: 35.0, 160: 122.0, 250: 200.0, 350: 300.0}  # 24-hour index: ug/m3


def forecast(hourly: list[int], *, start: datetime = NOW) -> pa.Table:
    instant = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "issued_utc": pa.array([start] * len(hourly), instant),
            "pollutant_code": ["PM2.5"] * len(hourly),
            "hour_utc": pa.array([start + k * HOUR for k in range(len(hourly))], instant),
            "concentration_ug_per_m3": [PM25[i] for i in hourly],
        }
    )


def write_forecast(air: pa.Table, days: list) -> None:
    unflagged = pa.array([[]] * air.num_rows, pa.list_(pa.string()))
    rows = air.append_column("record_number", pa.nulls(air.num_rows, pa.int64())).append_column("flag_codes", unflagged)
    declared = schema.table("air_quality_forecast")
    Store(settings().lake, "nys", "UTC").write(
        "air_quality_forecast", conform(rows, declared), days, known_utc=NOW, run_id="t"
    )


def test_evaluations_in_sequence_keep_and_lift_the_level_before(home):
    """Two polluted days call for orange; afterwards the alert is kept for the hours that are not clear, then lifted."""
    region = replace(load_region("nys"), time_zone="UTC", rules={"alert": "2024"})
    start = NOW - 24 * HOUR
    air = forecast([50] * 24 + [250] * 48 + [50] * 120, start=start)
    write_forecast(air, [(start + n * 24 * HOUR).date() for n in range(-1, 9)])
    documents = {h: current_alert(region, at_utc=NOW + h * HOUR) for h in (0, 24, 47, 48, 59, 60, 61)}
    assert [document["level"] for document in documents.values()] == ["orange"] * 5 + ["none", "none"]
    assert (documents[0]["to_utc"], documents[48]["to_utc"]) == (NOW + 48 * HOUR, NOW + 60 * HOUR)
    assert {document["from_utc"] for document in documents.values() if document["level"] == "orange"} == {NOW}
    assert "is kept" in documents[48]["reason"]
    assert "is lifted" in documents[60]["reason"]
    assert current_alert(region, at_utc=NOW + 59 * HOUR)["level"] == "orange"


def test_a_decision_is_recorded_in_the_registry(home):
    region = replace(load_region("nys"), time_zone="UTC", rules={"alert": "2024"})
    write_forecast(forecast([50] * 96), [NOW.date() + timedelta(days=n) for n in range(-2, 6)])
    document = current_alert(region, at_utc=NOW)
    (row,) = database.read("alert", "nys").to_pylist()
    assert (row["alert_level_code"], row["known_utc"], row["note"]) == ("none", NOW, document["reason"])


def test_a_region_without_a_forecast_is_refused(home):
    with pytest.raises(InputError, match="no forecast issued by 2025-12-18"):
        current_alert(load_region("nys"), at_utc=NOW)
