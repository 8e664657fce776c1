"""An alert from one evaluation to the next, by hand-made forecasts whose index is known on paper: lifting and joining take 36 hours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.alert.episode import Standing
from bigdata_emis.control.alert.level import AlertDecision, evaluate_alert
from bigdata_emis.control.current_alert import current_alert
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.settings import settings
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


def days(*indices: int, past: int = 50) -> pa.Table:
    """The day before now and the coming ones, each of constant index."""
    return forecast([i for index in (past, *indices) for i in [index] * 24], start=NOW - 24 * HOUR)


def decided(table: pa.Table, before: Standing | None) -> AlertDecision:
    return evaluate_alert(table, at_utc=NOW, rule_version="2024", before=before)


def stood(level: str, from_h: int, to_h: int) -> Standing:
    return Standing(level, NOW + from_h * HOUR, NOW + to_h * HOUR)


def test_alert_in_force_is_lifted_when_36_clear_hours_are_forecast():
    found = decided(days(50, 50, 50, 50), stood("orange", -48, 10))
    assert (found.level, found.from_utc, found.to_utc) == ("none", None, None)
    assert "orange is lifted" in found.reason_en
    assert "解除" in found.reason_zh


def test_alert_in_force_is_kept_while_the_index_is_not_clear_for_36_hours():
    """Yesterday at 200 ug/m3 and clean from now on: the running mean of 24 hours falls below 115 (index 150) after 13 hours.

    Of k clean hours: (200 × (24 − k) + 35 k) / 24 ≤ 115 from k = 12.4 on, so the hours ending with k = 1 to 12 are not clear.
    """
    found = decided(days(50, 50, 50, 50, past=250), stood("orange", -48, 2))
    assert (found.level, found.from_utc, found.to_utc) == ("orange", NOW - 48 * HOUR, NOW + 12 * HOUR)
    assert "orange is kept" in found.reason_en
    assert decided(days(50, 50, 50, 50, past=250), None).level == "none"


def test_unknown_hours_do_not_lift_an_alert():
    found = decided(days(50), stood("yellow", -24, 6))
    assert (found.level, found.to_utc) == ("yellow", NOW + 36 * HOUR)


def test_bad_air_after_36_clear_hours_does_not_keep_the_alert():
    found = decided(days(50, 50, 160, 50), stood("yellow", -24, 6))
    assert found.level == "none"


def test_alert_that_ended_as_planned_is_not_revived_by_a_remainder_of_bad_air():
    assert decided(days(50, 50, 50, 50, past=250), stood("orange", -72, -1)).level == "none"


def test_alert_that_had_not_begun_is_withdrawn_freely():
    assert decided(days(50, 50, 50, 50, past=250), stood("red", 20, 60)).level == "none"


def test_same_level_goes_on_from_its_first_hour():
    found = decided(days(250, 250, 50, 50), stood("orange", -48, 5))
    assert (found.level, found.from_utc, found.to_utc) == ("orange", NOW - 48 * HOUR, NOW + 48 * HOUR)
    assert "continues the orange alert of 2025-12-16T00:00Z" in found.reason_en


def test_higher_level_is_taken_as_soon_as_the_forecast_calls_for_it():
    found = decided(days(250, 350, 250, 50), stood("orange", -48, 5))
    assert (found.level, found.from_utc) == ("red", NOW)
    assert "follows the orange alert" in found.reason_en


@pytest.mark.parametrize(("begun_h", "level"), [(-24, "orange"), (-23, "yellow")], ids=["48 h in all", "47 h in all"])
def test_hours_that_have_passed_count_for_the_level_that_stands(begun_h: int, level: str):
    """One more bad day calls for yellow; with the day that has passed it is a spell of 48 h, which is orange."""
    found = decided(days(250, 50, 50, 50), stood("orange", begun_h, 60))
    assert (found.level, found.to_utc) == (level, NOW + 24 * HOUR)
    assert found.from_utc == (NOW + begun_h * HOUR if level == "orange" else NOW)


@pytest.mark.parametrize(("gap_h", "is_one"), [(35, True), (36, False)])
def test_spells_less_than_36_hours_apart_are_one_episode(gap_h: int, is_one: bool):
    """The next spell begins in 24 hours; the last alert ended so long before that."""
    found = decided(days(50, 250, 250, 50), stood("orange", -60, 24 - gap_h))
    assert found.level == "orange"
    assert found.from_utc == NOW + (-60 if is_one else 24) * HOUR


def test_alert_of_another_level_leaves_no_gap_within_an_episode():
    found = decided(days(50, 250, 50, 50), stood("orange", -48, 10))
    assert (found.level, found.from_utc, found.to_utc) == ("yellow", NOW + 10 * HOUR, NOW + 48 * HOUR)


def test_two_spells_of_one_forecast_less_than_36_hours_apart_are_one():
    found = decided(days(250, 50, 250, 50), None)
    assert (found.level, found.from_utc, found.to_utc) == ("yellow", NOW, NOW + 72 * HOUR)


def test_regional_level_above_the_kept_one_is_followed():
    found = evaluate_alert(
        days(50, 50, 50, 50, past=250),
        at_utc=NOW,
        rule_version="2024",
        before=stood("yellow", -9, 9),
        regional_level="red",
    )
    assert (found.level, found.to_utc) == ("red", None)


def test_evaluations_one_after_another_keep_and_lift_what_stood(home):
    """Two bad days are called orange; when they are over the alert is kept for the hours that are not clear, then lifted, then at rest."""
    region = replace(load_region("nys"), time_zone="UTC", rules={"alert": "2024"})
    store = Store(settings().lake, "nys", region.time_zone)
    start = NOW - 24 * HOUR
    air = forecast([50] * 24 + [250] * 48 + [50] * 120, start=start)
    unflagged = pa.array([[]] * air.num_rows, pa.list_(pa.string()))
    rows = air.append_column("record_number", pa.nulls(air.num_rows, pa.int64())).append_column("flag_codes", unflagged)
    listed = [(start + n * 24 * HOUR).date() for n in range(-1, 9)]
    store.write(
        "air_quality_forecast", conform(rows, schema.table("air_quality_forecast")), listed, known_utc=NOW, run_id="t"
    )
    told = {h: current_alert(region, at_utc=NOW + h * HOUR) for h in (0, 24, 47, 48, 59, 60, 61)}
    assert [document["level"] for document in told.values()] == ["orange"] * 5 + ["none", "none"]
    assert (told[0]["to_utc"], told[48]["to_utc"]) == (NOW + 48 * HOUR, NOW + 60 * HOUR)
    assert {document["from_utc"] for document in told.values() if document["level"] == "orange"} == {NOW}
    assert "is kept" in told[48]["reason"]
    assert "is lifted" in told[60]["reason"]
    assert current_alert(region, at_utc=NOW + 59 * HOUR)["level"] == "orange"
