"""The reason of an alert level in words, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from bigdata_emis.control.alert.forecast_index import AHEAD_H, IndexSeries
from bigdata_emis.control.alert.reasons import MetCondition, explain_alert

NOW = datetime(2025, 12, 18, tzinfo=UTC)
HOURS = tuple(NOW + timedelta(hours=n) for n in range(4))
SERIES = IndexSeries(
    hours=HOURS,
    aqi=np.array([90.0, 210.0, 180.0, np.nan]),
    primary=((), ("PM2.5", "PM10"), ("PM2.5",), ()),
    day_ends=((),),
    missing_pollutants=(),
    hours_ahead=AHEAD_H,
    gap_hours=0,
)
MET = MetCondition("yellow", ((150, 48),), HOURS[0], HOURS[3], first=1, last=2)


def explained(met=MET, series=SERIES, city_level="yellow", regional_level="none", episode=("", "")):
    return explain_alert(
        met, series, rule_version="2024", city_level=city_level, regional_level=regional_level, episode=episode
    )


def test_the_condition_and_the_peak_are_named() -> None:
    english, chinese = explained()
    assert english == (
        "yellow by the 2024 rules: AQI above 150 for at least 48 h, forecast from 2025-12-18T00:00Z to "
        "2025-12-18T03:00Z; highest 24-h AQI 210 (primary pollutant PM2.5, PM10)"
    )
    assert "AQI大于150持续48小时及以上" in chinese
    assert chinese.count("；") == 1


def test_without_a_condition_the_peak_is_that_of_the_whole_forecast() -> None:
    english, _ = explained(met=None, city_level="none")
    assert english.startswith("no condition of the 2024 rules is met; highest 24-h AQI 210")


def test_a_forecast_without_an_index_has_no_peak() -> None:
    english, chinese = explained(met=None, series=replace(SERIES, aqi=np.full(4, np.nan)))
    assert "no complete 24 h" in english
    assert "不足以计算" in chinese


def test_a_day_without_a_primary_pollutant_says_none() -> None:
    english, chinese = explained(met=None, series=replace(SERIES, primary=((), (), (), ())))
    assert "(primary pollutant none)" in english
    assert "首要污染物无" in chinese


def test_a_higher_regional_prompt_raises_the_level_and_a_lower_one_does_not() -> None:
    assert "raised to red by the regional prompt" in explained(regional_level="red")[0]
    assert "the regional prompt (blue) is not higher" in explained(regional_level="blue")[0]


def test_the_gaps_of_a_forecast_are_listed() -> None:
    series = replace(SERIES, hours_ahead=48, gap_hours=3, missing_pollutants=("SO2", "O3"))
    english, _ = explained(series=series)
    assert "covers only 48 of 96 h ahead" in english
    assert "3 h within it are missing" in english
    assert "no forecast of SO2, O3" in english


def test_the_course_of_the_episode_follows_the_condition() -> None:
    english, chinese = explained(episode=("continues the yellow alert", "延续黄色预警"))
    assert english.split("; ")[1] == "continues the yellow alert"
    assert chinese.split("；")[1] == "延续黄色预警"
