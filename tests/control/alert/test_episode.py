"""An alert from one evaluation to the next, for forecasts with a known index; lifting and joining take 36 hours."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis.control.alert.episode import AlertPeriod
from bigdata_emis.control.alert.level import AlertDecision, evaluate_alert

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


def decided(table: pa.Table, before: AlertPeriod | None) -> AlertDecision:
    return evaluate_alert(table, at_utc=NOW, rule_version="2024", before=before)


def in_force(level: str, from_h: int, to_h: int) -> AlertPeriod:
    return AlertPeriod(level, NOW + from_h * HOUR, NOW + to_h * HOUR)


def test_alert_in_force_is_lifted_when_36_clear_hours_are_forecast():
    result = decided(days(50, 50, 50, 50), in_force("orange", -48, 10))
    assert (result.level, result.from_utc, result.to_utc) == ("none", None, None)
    assert "orange is lifted" in result.reason_en
    assert "解除" in result.reason_zh


def test_alert_in_force_is_kept_while_the_index_is_not_clear_for_36_hours():
    """Yesterday at 200 ug/m3, clean from now on: the running mean is below 115 (index 150) after 13 hours.

    With k clean hours: (200 × (24 − k) + 35 k) / 24 ≤ 115 from k = 12.4 on, so the hours k = 1 to 12 are not clear.
    """
    result = decided(days(50, 50, 50, 50, past=250), in_force("orange", -48, 2))
    assert (result.level, result.from_utc, result.to_utc) == ("orange", NOW - 48 * HOUR, NOW + 12 * HOUR)
    assert "orange is kept" in result.reason_en
    assert decided(days(50, 50, 50, 50, past=250), None).level == "none"


def test_unknown_hours_do_not_lift_an_alert():
    result = decided(days(50), in_force("yellow", -24, 6))
    assert (result.level, result.to_utc) == ("yellow", NOW + 36 * HOUR)


def test_pollution_after_36_clear_hours_does_not_keep_the_alert():
    result = decided(days(50, 50, 160, 50), in_force("yellow", -24, 6))
    assert result.level == "none"


def test_an_alert_that_ended_as_planned_is_not_revived_by_a_remainder_of_pollution():
    assert decided(days(50, 50, 50, 50, past=250), in_force("orange", -72, -1)).level == "none"


def test_alert_that_had_not_begun_is_withdrawn_freely():
    assert decided(days(50, 50, 50, 50, past=250), in_force("red", 20, 60)).level == "none"


def test_the_same_level_continues_from_its_first_hour():
    result = decided(days(250, 250, 50, 50), in_force("orange", -48, 5))
    assert (result.level, result.from_utc, result.to_utc) == ("orange", NOW - 48 * HOUR, NOW + 48 * HOUR)
    assert "continues the orange alert of 2025-12-16T00:00Z" in result.reason_en


def test_a_higher_level_applies_as_soon_as_the_forecast_calls_for_it():
    result = decided(days(250, 350, 250, 50), in_force("orange", -48, 5))
    assert (result.level, result.from_utc) == ("red", NOW)
    assert "follows the orange alert" in result.reason_en


@pytest.mark.parametrize(("begun_h", "level"), [(-24, "orange"), (-23, "yellow")], ids=["48 h in all", "47 h in all"])
def test_past_hours_count_for_the_level_in_force(begun_h: int, level: str):
    """One more polluted day calls for yellow; with the past day it is a spell of 48 h, which is orange."""
    result = decided(days(250, 50, 50, 50), in_force("orange", begun_h, 60))
    assert (result.level, result.to_utc) == (level, NOW + 24 * HOUR)
    assert result.from_utc == (NOW + begun_h * HOUR if level == "orange" else NOW)


@pytest.mark.parametrize(("gap_h", "is_one"), [(35, True), (36, False)])
def test_spells_less_than_36_hours_apart_are_one_episode(gap_h: int, is_one: bool):
    """The next spell begins in 24 hours; the last alert ended this many hours before that."""
    result = decided(days(50, 250, 250, 50), in_force("orange", -60, 24 - gap_h))
    assert result.level == "orange"
    assert result.from_utc == NOW + (-60 if is_one else 24) * HOUR


def test_alert_of_another_level_leaves_no_gap_within_an_episode():
    result = decided(days(50, 250, 50, 50), in_force("orange", -48, 10))
    assert (result.level, result.from_utc, result.to_utc) == ("yellow", NOW + 10 * HOUR, NOW + 48 * HOUR)


def test_two_spells_of_one_forecast_less_than_36_hours_apart_are_one():
    result = decided(days(250, 50, 250, 50), None)
    assert (result.level, result.from_utc, result.to_utc) == ("yellow", NOW, NOW + 72 * HOUR)


def test_a_regional_level_above_the_kept_one_applies():
    result = evaluate_alert(
        days(50, 50, 50, 50, past=250),
        at_utc=NOW,
        rule_version="2024",
        before=in_force("yellow", -9, 9),
        regional_level="red",
    )
    assert (result.level, result.to_utc) == ("red", None)
