"""The reason of an alert level in words, in both languages."""

from datetime import UTC, date, datetime

import pyarrow as pa

from bigdata_emis.control.alert.alert_rules import read_alert_rules
from bigdata_emis.control.alert.forecast_index import compute_index_series
from bigdata_emis.control.alert.notices import Notice
from bigdata_emis.control.alert.reasons import describe_notice, explain_alert
from bigdata_emis.control.alert.spells import find_processes
from tests.control.alert.forecasts import HOUR, series, spells

NOW = datetime(2025, 12, 18, tzinfo=UTC)
RULES = read_alert_rules(date(2025, 12, 18))
TWO_DAYS = spells((0, 48, 160), start=NOW, issued=NOW)


def explain(forecast: pa.Table = TWO_DAYS, *, city_level="yellow", regional_level="none", episode=("", "")):
    air = compute_index_series(forecast, at_utc=NOW)
    return explain_alert(
        find_processes(air.air, RULES.alternatives, apart_h=RULES.apart_h),
        air,
        rules=RULES,
        city_level=city_level,
        regional_level=regional_level,
        episode=episode,
    )


def test_the_condition_and_the_peak_are_named() -> None:
    english, chinese = explain()
    assert english.startswith(
        "yellow by the national rules of 2024: 24-h AQI above 150 on at least 2 days in a row, forecast from "
        "2025-12-18 00:00 +00:00 to 2025-12-20 00:00 +00:00 (48 h); highest 24-h AQI 160 (primary pollutant PM2.5)"
    )
    assert "（48小时），24小时AQI大于150连续2天及以上" in chinese


def test_a_span_without_clean_ends_is_shorter_than_the_days_of_its_condition() -> None:
    """Two days in a row whose first five hours are clean: 43 h, and the condition is still that of two days."""
    forecast = spells((5, 48, 195), start=NOW, issued=NOW)
    assert "on at least 2 days in a row, forecast from 2025-12-18 05:00 +00:00 to " in explain(forecast)[0]
    assert "2025-12-20 00:00 +00:00 (43 h)" in explain(forecast)[0]
    assert "（43小时），24小时AQI大于150连续2天及以上" in explain(forecast)[1]


def test_without_a_condition_the_peak_is_that_of_the_whole_forecast() -> None:
    english, _ = explain(spells((0, 24, 160), start=NOW, issued=NOW), city_level="none")
    assert english.startswith("no condition of the national rules of 2024 is met; highest 24-h AQI 160")


def test_a_forecast_without_an_index_has_no_peak() -> None:
    english, chinese = explain(series([200.0] * 5, start=NOW, issued=NOW))
    assert "no complete 24 h" in english
    assert "不足以计算" in chinese


def test_a_clean_day_has_no_primary_pollutant() -> None:
    english, chinese = explain(series([20.0] * 48, start=NOW, issued=NOW))
    assert "(primary pollutant none)" in english
    assert "首要污染物无" in chinese


def test_a_higher_regional_prompt_raises_the_level_and_a_lower_one_does_not() -> None:
    assert "raised to red by the regional prompt" in explain(regional_level="red")[0]
    assert "the regional prompt (blue) is not higher" in explain(regional_level="blue")[0]


def test_the_gaps_of_a_forecast_are_listed() -> None:
    values = [None if k in (3, 9, 12) else 130.0 for k in range(48)]
    older = series([130.0] * 60, start=NOW, issued=NOW - HOUR, pollutant="PM10")
    english, chinese = explain(pa.concat_tables([series(values, start=NOW, issued=NOW), older]))
    assert "covers only 60 of 120 h ahead" in english
    assert "PM10 is in part of the issue of 2025-12-17 23:00 +00:00" in english
    assert "no forecast of SO2, NO2, CO, O3" in english
    assert "3 h within it are missing" in explain(series(values, start=NOW, issued=NOW))[0]
    assert "60小时" in chinese


def test_the_course_of_the_alert_follows_the_condition() -> None:
    english, chinese = explain(episode=("continues the yellow alert", "延续黄色预警"))
    assert english.split("; ")[1] == "continues the yellow alert"
    assert chinese.split("；")[1] == "延续黄色预警"


def test_a_notice_is_described_in_both_languages() -> None:
    english, chinese = describe_notice(Notice("dust", 500, NOW, NOW + HOUR))
    assert english == "notice: dust, outside the plan; the index would be 500"
    assert "沙尘" in chinese
    assert "500" in chinese
