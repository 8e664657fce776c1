"""The alert level of constructed forecasts: daily PM2.5 is chosen so that the index is known on paper."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis.control.alert.level import AlertDecision, evaluate_alert
from bigdata_emis.errors import InputError

NOW = datetime(2015, 12, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PM25 = {100: 75.0, 160: 122.0, 201: 150.5, 250: 200.0, 350: 300.0, 500: 500.0}
"""PM2.5 in ug/m3 whose 24-hour index is the key (HJ 633-2012; 122 is between 115 and 150: 150 + 50 / 35 x 7 = 160)."""
OTHERS = ("PM10", "SO2", "NO2", "CO", "O3")


def _forecast(days: Sequence[int], *, hours: int | None = None, start: datetime = NOW, others: bool = True) -> pa.Table:
    """Whole days of constant index from now on; the other pollutants at zero."""
    values = [PM25[index] for index in days for _ in range(24)][: hours if hours is not None else len(days) * 24]
    return _table(
        [("PM2.5", start + k * HOUR, v) for k, v in enumerate(values)]
        + [(p, start + k * HOUR, 0.0) for k in range(len(values)) for p in (OTHERS if others else ())]
    )


def _table(rows: list[tuple[str, datetime, float | None]], issued: datetime = NOW) -> pa.Table:
    instant = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "issued_utc": pa.array([issued] * len(rows), instant),
            "pollutant_code": pa.array([r[0] for r in rows], pa.string()),
            "hour_utc": pa.array([r[1] for r in rows], instant),
            "concentration_ug_per_m3": pa.array([r[2] for r in rows], pa.float64()),
        }
    )


def _level(days: Sequence[int], version: str) -> str:
    return evaluate_alert(_forecast(days), at_utc=NOW, rule_version=version).level


@pytest.mark.parametrize(
    ("version", "days", "level"),
    [
        ("2017", (100, 100, 100, 100), "none"),
        ("2017", (250, 100, 100, 100), "blue"),
        ("2017", (250, 250, 100, 100), "yellow"),
        ("2017", (250, 250, 250, 100), "yellow"),
        ("2017", (250, 350, 250, 100), "orange"),
        ("2017", (250, 350, 250, 250), "orange"),
        ("2017", (250, 350, 350, 250), "red"),
        ("2017", (500, 100, 100, 100), "red"),
        ("2017", (160, 160, 160, 160), "none"),
        ("2018", (250, 100, 100, 100), "none"),
        ("2018", (250, 250, 100, 100), "yellow"),
        ("2018", (250, 250, 250, 100), "orange"),
        ("2018", (250, 350, 250, 250), "orange"),
        ("2018", (250, 350, 350, 250), "red"),
        ("2018", (100, 500, 100, 100), "red"),
        ("2024", (160, 100, 160, 100), "none"),
        ("2024", (160, 160, 100, 100), "yellow"),
        ("2024", (250, 100, 100, 100), "yellow"),
        ("2024", (160, 160, 160, 100), "orange"),
        ("2024", (100, 250, 250, 100), "orange"),
        ("2024", (250, 250, 250, 250), "orange"),
        ("2024", (250, 350, 250, 100), "red"),
        ("2024", (500, 100, 100, 100), "yellow"),
    ],
)
def test_level_by_version(version: str, days: Sequence[int], level: str):
    assert _level(days, version) == level


def test_index_at_the_threshold_is_not_above_it():
    at_200 = _table([("PM2.5", NOW + k * HOUR, 150.0) for k in range(96)])
    assert evaluate_alert(at_200, at_utc=NOW, rule_version="2017").level == "none"
    assert _level((201, 201, 201, 201), "2017") == "yellow"


def test_calendar_days_are_local():
    """From 16:00 UTC on it is the next day in Beijing: two local days above 200 are split by the UTC calendar."""
    rows = [("PM2.5", NOW + k * HOUR, 170.0 if 16 <= k < 64 else 0.0) for k in range(96)]
    assert evaluate_alert(_table(rows), at_utc=NOW, rule_version="2018", time_zone="Asia/Shanghai").level == "yellow"
    assert evaluate_alert(_table(rows), at_utc=NOW, rule_version="2018", time_zone="UTC").level == "none"


def test_the_extreme_day_must_be_within_the_spell():
    """Two days above 200, a clean one, then one above 300: no 72 h spell contains the extreme day."""
    assert _level((250, 250, 100, 350), "2024") == "orange"


def test_one_extreme_day_does_not_count_as_two():
    """24-hour spans that begin 5 h and 29 h from now both contain enough of the extreme day to be above 200."""
    assert _level((100, 350, 100, 100), "2018") == "none"
    assert _level((100, 350, 100, 100), "2017") == "blue"


def test_days_are_counted_from_now_too():
    rows = [("PM2.5", NOW + (k + 7) * HOUR, 200.0 if k < 48 else 0.0) for k in range(96)]
    result = evaluate_alert(_table(rows), at_utc=NOW + 7 * HOUR, rule_version="2018")
    assert (result.level, result.from_utc, result.to_utc) == ("yellow", NOW + 7 * HOUR, NOW + 55 * HOUR)


def test_running_index_counts_where_days_are_split():
    """350 ug/m3 for 48 h from hour 10: the running mean is above 150 ug/m3 for 24 x 3 - 2 x 10.3 = 51 hours."""
    rows = [("PM2.5", NOW + k * HOUR, 350.0 if 10 <= k < 58 else 0.0) for k in range(96)]
    result = evaluate_alert(_table(rows), at_utc=NOW, rule_version="2017")
    assert result.level == "yellow"


def test_a_decision_has_the_first_and_last_hour_of_its_spell():
    result = evaluate_alert(_forecast((100, 250, 250, 100)), at_utc=NOW, rule_version="2024")
    assert (result.level, result.from_utc, result.to_utc) == ("orange", NOW + 24 * HOUR, NOW + 72 * HOUR)


def test_alert_does_not_begin_in_the_past():
    started = _forecast((250, 250, 250, 250), start=NOW - 20 * HOUR)
    assert evaluate_alert(started, at_utc=NOW, rule_version="2024").from_utc == NOW


def test_version_is_that_of_the_day():
    years = {2015: "2017", 2019: "2018", 2025: "2024"}
    for year, version in years.items():
        at = datetime(year, 12, 18, tzinfo=UTC)
        forecast = _table([("PM2.5", at + k * HOUR, 200.0) for k in range(96)], issued=at)
        assert evaluate_alert(forecast, at_utc=at).rule_version == version


def test_day_is_the_local_one():
    at = datetime(2023, 12, 31, 18, tzinfo=UTC)
    forecast = _table([("PM2.5", at + k * HOUR, 10.0) for k in range(96)], issued=at)
    assert evaluate_alert(forecast, at_utc=at, time_zone="Asia/Shanghai").rule_version == "2024"
    assert evaluate_alert(forecast, at_utc=at, time_zone="UTC").rule_version == "2018"


@pytest.mark.parametrize(
    ("regional", "level"), [("none", "yellow"), ("yellow", "yellow"), ("orange", "orange"), ("red", "red")]
)
def test_effective_level_is_the_higher_of_city_and_region(regional: str, level: str):
    result = evaluate_alert(_forecast((250, 250, 100, 100)), at_utc=NOW, rule_version="2017", regional_level=regional)
    assert result.level == level


def test_level_of_the_region_alone_begins_now_and_has_no_end():
    result = evaluate_alert(_forecast((100, 100, 100, 100)), at_utc=NOW, regional_level="orange")
    assert (result.from_utc, result.to_utc) == (NOW, None)
    assert "regional prompt" in result.reason_en
    assert "区域" in result.reason_zh


def test_reason_names_condition_peak_and_pollutant_in_both_languages():
    result = evaluate_alert(_forecast((250, 350, 350, 250)), at_utc=NOW)
    assert "AQI above 200 for at least 96 h and AQI above 300 for at least 48 h" in result.reason_en
    assert "highest 24-h AQI 350 (primary pollutant PM2.5)" in result.reason_en
    assert "红色预警条件" in result.reason_zh
    assert "350（首要污染物PM2.5）" in result.reason_zh


def test_a_short_forecast_is_evaluated_and_its_reach_is_stated():
    result = evaluate_alert(_forecast((250, 250), hours=48), at_utc=NOW)
    assert result.level == "yellow"
    assert "covers only 48 of 96 h" in result.reason_en
    assert "48小时" in result.reason_zh


def test_a_forecast_of_less_than_a_day_gives_no_level():
    result = evaluate_alert(_forecast((500,), hours=12), at_utc=NOW)
    assert (result.level, result.from_utc, result.to_utc) == ("none", None, None)
    assert "no complete 24 h" in result.reason_en


def test_missing_hours_are_counted_and_four_of_a_day_are_allowed():
    readings = [("PM2.5", NOW + k * HOUR, 200.0 if k % 24 >= 4 else None) for k in range(96)]
    result = evaluate_alert(_table(readings), at_utc=NOW, rule_version="2018")
    assert result.level == "orange"
    assert "16 h within it are missing" in result.reason_en


def test_five_missing_hours_make_a_day_without_an_index():
    readings = [("PM2.5", NOW + k * HOUR, 200.0 if k % 24 >= 5 else None) for k in range(96)]
    assert evaluate_alert(_table(readings), at_utc=NOW, rule_version="2017").level == "none"


def test_missing_pollutants_are_named():
    result = evaluate_alert(_forecast((250, 250, 100, 100), others=False), at_utc=NOW)
    assert "no forecast of SO2, NO2, CO, O3, PM10" in result.reason_en
    assert "no forecast" not in evaluate_alert(_forecast((250, 250, 100, 100)), at_utc=NOW).reason_en


def test_the_newest_issue_known_at_the_hour_applies():
    later = _table([("PM2.5", NOW + k * HOUR, 200.0) for k in range(96)], issued=NOW + HOUR)
    both = pa.concat_tables([later, _forecast((100, 100, 100, 100), others=False)])
    assert evaluate_alert(both, at_utc=NOW).level == "none"
    assert evaluate_alert(both, at_utc=NOW + HOUR).level != "none"


def test_ozone_counts_by_its_largest_eight_hour_mean():
    """265 ug/m3 over 8 h is an index of 200; 300 ug/m3 is above it over eight hours of each day, not over seven."""

    def days(length: int) -> AlertDecision:
        rows = [("O3", NOW + k * HOUR, 300.0 if 10 <= k % 24 < 10 + length else 0.0) for k in range(96)]
        return evaluate_alert(_table(rows), at_utc=NOW, rule_version="2017")

    assert days(8).level == "yellow"
    assert days(7).level == "none"


def test_new_index_counts_from_march_2026():
    """PM2.5 of 75 ug/m3 is an index of 100 before and 114 after."""
    for day, index in ((datetime(2026, 2, 20, tzinfo=UTC), 100), (datetime(2026, 3, 5, tzinfo=UTC), 114)):
        forecast = _table([("PM2.5", day + k * HOUR, 75.0) for k in range(96)], issued=day)
        assert f"highest 24-h AQI {index} " in evaluate_alert(forecast, at_utc=day).reason_en


def test_forecast_with_nothing_ahead_is_refused():
    with pytest.raises(InputError, match="no value for the hours ahead"):
        evaluate_alert(_forecast((250,), start=NOW - 48 * HOUR), at_utc=NOW)


@pytest.mark.parametrize("options", [{"rule_version": "1999"}, {"regional_level": "purple"}])
def test_unknown_version_or_level_is_refused(options: dict[str, str]):
    with pytest.raises(InputError, match="unknown|selects no single version"):
        evaluate_alert(_forecast((250,)), at_utc=NOW, **options)


def test_time_without_a_zone_is_refused():
    with pytest.raises(InputError, match="no time zone"):
        evaluate_alert(_forecast((250,)), at_utc=NOW.replace(tzinfo=None))


def test_a_time_within_an_hour_is_its_start():
    forecast = _forecast((250, 250, 100, 100))
    assert evaluate_alert(forecast, at_utc=NOW + timedelta(minutes=25)) == evaluate_alert(forecast, at_utc=NOW)
