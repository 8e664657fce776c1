"""The level of constructed forecasts: daily PM2.5 is chosen so that the index is known on paper."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.alert.episode import AlertPeriod
from bigdata_emis.control.alert.level import AlertDecision, AlertOptions, evaluate_alert, require_hour
from bigdata_emis.errors import InputError
from tests.control.alert.forecasts import HOUR, pm25_of, series, spells, table, together

NOW = datetime(2024, 12, 17, 16, tzinfo=UTC)
"""Midnight in Beijing."""
OTHERS = ("PM10", "SO2", "NO2", "CO", "O3")


def ask(forecast: pa.Table, version: str = "2024", *, at: datetime = NOW, in_force=None, **options) -> AlertDecision:
    chosen = AlertOptions(rule_version=version, time_zone="Asia/Shanghai", **options)
    return evaluate_alert(forecast, at_utc=at, options=chosen, in_force=in_force)


def hours_of(decision: AlertDecision) -> tuple[str, float | None, float | None]:
    """Level, first hour and hour after the last, counted from now."""
    ends = (decision.from_utc, decision.to_utc)
    return (decision.level, *(None if end is None else (end - NOW) / HOUR for end in ends))


def polluted(*parts: tuple[int, int, float], clean: float = 50, hours: int = 168) -> pa.Table:
    return spells(*parts, start=NOW, issued=NOW, clean=clean, hours=hours)


def by_day(*indices: float) -> pa.Table:
    return series([pm25_of(i) for i in indices for _ in range(24)], start=NOW, issued=NOW)


@pytest.mark.parametrize(("missing", "level"), [(5, "yellow"), (6, "yellow"), (7, "none")])
def test_a_day_of_which_at_most_a_quarter_is_missing_counts(missing: int, level: str) -> None:
    values: list[float | None] = [pm25_of(240 if 12 <= hour < 36 else 50) for hour in range(168)]
    values[16 : 16 + missing] = [None] * missing
    assert ask(series(values, start=NOW, issued=NOW)).level == level


@pytest.mark.parametrize(("hours", "expected"), [(30, ("yellow", 0, 30)), (20, ("none", None, None))])
def test_a_forecast_shorter_than_the_rule_calls_what_it_shows(hours: int, expected: tuple[str, int, int]) -> None:
    assert hours_of(ask(polluted((0, hours, 400), hours=hours))) == expected


@pytest.mark.parametrize(
    ("version", "parts", "expected"),
    [
        pytest.param("2024", [(12, 36, 240)], ("yellow", 12, 36), id="a day across midnight"),
        pytest.param("2024", [(24, 48, 240)], ("yellow", 24, 48), id="the same day of the calendar"),
        pytest.param("2024", [(9, 57, 180)], ("yellow", 9, 57), id="two days across midnight"),
        pytest.param("2024", [(17, 65, 240)], ("orange", 17, 65), id="two worse days across midnight"),
        pytest.param("2017", [(40, 160, 250), (60, 108, 350)], ("red", 40, 160), id="96 h of which 48 h are worse"),
        pytest.param("2024", [(0, 24, 240), (44, 96, 240)], ("orange", 0, 96), id="20 h between two spells"),
        pytest.param("2024", [(0, 24, 240), (59, 111, 240)], ("orange", 0, 111), id="35 h between two spells"),
        pytest.param("2024", [(0, 24, 240), (60, 112, 240)], ("yellow", 0, 24), id="36 h between two spells"),
        pytest.param("2024", [(0, 52, 240), (72, 96, 240)], ("orange", 0, 96), id="the worse spell comes first"),
        pytest.param("2024", [(0, 24, 240)], ("yellow", 0, 24), id="one day"),
        pytest.param("2024", [(0, 100, 430)], ("red", 0, 100), id="the air turns at 04:00"),
        pytest.param("2018", [(0, 24, 240), (44, 96, 240)], ("yellow", 44, 96), id="one day is no spell in 2018"),
    ],
)
def test_a_level_has_the_hours_of_its_process(version, parts, expected):
    assert hours_of(ask(polluted(*parts), version)) == expected


@pytest.mark.parametrize(
    ("version", "parts", "expected"),
    [
        pytest.param("2024", [(0, 24, 240), (25, 77, 240)], ("orange", 0, 77), id="one clean hour within a process"),
        pytest.param("2024", [(5, 29, 201)], ("yellow", 5, 29), id="just above the threshold"),
        pytest.param("2024", [(5, 29, 200)], ("none", None, None), id="at the threshold is not above it"),
        pytest.param("2024", [(7, 54, 151)], ("none", None, None), id="47 h of 48"),
        pytest.param("2018", [(3, 50, 240)], ("yellow", 3, 50), id="47 h whose second day is above all the same"),
        pytest.param("2024", [(0, 24, 240), (48, 72, 160)], ("yellow", 0, 24), id="a moderate day later is no spell"),
        pytest.param("2024", [(10, 34, 310)], ("yellow", 10, 34), id="a severe day without three days is not red"),
        pytest.param("2017", [(2, 98, 310)], ("red", 2, 98), id="96 h, all severe"),
        pytest.param("2017", [(2, 50, 310)], ("yellow", 2, 50), id="48 h, all severe, are no 72 h"),
        pytest.param("2016", [(4, 28, 499)], ("blue", 4, 28), id="a day just below 500"),
        pytest.param("2024", [(0, 24, 240), (59, 83, 240)], ("yellow", 0, 83), id="35 h between two single days"),
        pytest.param("2024", [(0, 24, 240), (50, 98, 160), (120, 168, 240)], ("orange", 0, 168), id="a chain of three"),
        pytest.param(
            "2024", [(0, 24, 160), (24, 48, 240), (48, 72, 160)], ("orange", 0, 72), id="three days, one worse"
        ),
        pytest.param("2018", [(0, 48, 240), (83, 155, 240)], ("orange", 0, 155), id="35 h, the second is longer"),
        pytest.param("2018", [(0, 48, 240), (84, 156, 240)], ("yellow", 0, 48), id="36 h are two processes"),
        pytest.param("2018", [(10, 82, 240)], ("orange", 10, 82), id="three days from 10 o'clock"),
        pytest.param("2024", [(7, 79, 160)], ("orange", 7, 79), id="three moderate days from 7 o'clock"),
        pytest.param("2024", [(7, 55, 160)], ("yellow", 7, 55), id="two moderate days"),
        pytest.param("2024", [(7, 31, 160)], ("none", None, None), id="one moderate day"),
        pytest.param("2024", [(1, 73, 210), (49, 73, 310)], ("red", 1, 73), id="the last of three days is severe"),
        pytest.param("2017", [(5, 101, 230), (30, 78, 320)], ("red", 5, 101), id="96 h with 48 h severe within"),
        pytest.param("2017", [(5, 101, 230), (30, 54, 320)], ("orange", 5, 101), id="96 h with one severe day"),
        pytest.param("2017", [(5, 101, 230)], ("yellow", 5, 101), id="96 h without a severe day"),
        pytest.param("2016", [(3, 27, 500)], ("red", 3, 27), id="a day at 500 under the trial of 2016"),
        pytest.param("beijing-2013", [(8, 80, 330)], ("red", 8, 80), id="2013: three severe days"),
        pytest.param("beijing-2013", [(8, 80, 230), (32, 56, 330)], ("orange", 8, 80), id="2013: grades in turn"),
        pytest.param("beijing-2013", [(8, 80, 230)], ("yellow", 8, 80), id="2013: three days of grade 5"),
        pytest.param("beijing-2013", [(8, 32, 230)], ("blue", 8, 32), id="2013: one day of grade 5"),
        pytest.param("beijing-2015", [(8, 80, 230)], ("orange", 8, 80), id="2015: three days"),
        pytest.param("beijing-2015", [(8, 82, 230)], ("red", 8, 82), id="2015: more than three days"),
        pytest.param("beijing-2015", [(8, 56, 230)], ("yellow", 8, 56), id="2015: two days"),
    ],
)
def test_more_forecasts_by_version(version, parts, expected):
    assert hours_of(ask(polluted(*parts), version)) == expected


@pytest.mark.parametrize(("reach", "level"), [(72, "yellow"), (96, "orange"), (144, "red")])
def test_a_rule_of_96_hours_is_seen_as_far_as_the_forecast_reaches(reach, level):
    """Above 200 from 16 to 136 h, of which above 300 from 40 to 88 h: 72 h show two days, 96 h three with a severe."""
    parts = [(16, min(136, reach), 230), (40, min(88, reach), 330)]
    assert ask(polluted(*parts, hours=reach), "2017").level == level


@pytest.mark.parametrize("version", ["2016", "beijing-2016", "2017", "2018"])
def test_a_process_that_begins_tomorrow_is_called_today_when_the_forecast_ends_within_it(version):
    """Above 200 from 40 to 160 h with 48 h above 300; 144 h show 104 h of it, enough for the rule of 96 h."""
    decision = ask(polluted((40, 160, 250), (60, 108, 350), hours=144), version)
    assert hours_of(decision) == ("red", 40, 144)


@pytest.mark.parametrize(("hour", "expected"), [(99, ("red", 0, 100)), (100, ("none", None, None))])
def test_red_is_lifted_in_the_hour_in_which_the_air_turns(hour, expected):
    """An index of 430 until day 4 at 04:00, clean from then on: the mean of 24 h is above 200 for hours after it."""
    before = AlertPeriod("red", NOW, None)
    decision = ask(polluted((0, 100, 430)), "2017", at=NOW + hour * HOUR, in_force=before)
    assert hours_of(decision) == expected


@pytest.mark.parametrize(("low", "high"), [(140.1, 159.9), (149.9, 150.1), (0.1, 299.9), (149.7, 150.3)])
def test_a_mean_at_the_threshold_is_not_above_it_for_the_noise_of_numbers(low, high):
    """Alternating values whose mean of any 24 h is 150 ug/m3, an index of 200."""
    decision = ask(series([low, high] * 84, start=NOW, issued=NOW), "2018")
    assert decision.level == "none"
    assert "highest 24-h AQI 200 " in decision.reason_en


@pytest.mark.parametrize(
    ("version", "concentration", "level"),
    [("2024", 115.0, "none"), ("2024", 115.6, "orange"), ("2024", 250.0, "orange"), ("2024", 250.6, "red")],
)
def test_three_days_at_a_breakpoint_are_not_above_its_index(version, concentration, level):
    """115 ug/m3 is an index of 150, 250 one of 300."""
    assert ask(series([concentration] * 72 + [20.0] * 96, start=NOW, issued=NOW), version).level == level


def test_hours_of_a_zone_at_half_past_are_those_of_the_clock():
    midnight = NOW + 2.5 * HOUR
    forecast = series([pm25_of(240)] * 48 + [10.0] * 48, start=midnight, issued=midnight)
    options = AlertOptions(rule_version="2024", time_zone="Asia/Kolkata")
    decision = evaluate_alert(forecast, at_utc=midnight, options=options)
    assert (decision.level, decision.from_utc) == ("orange", NOW + 2 * HOUR)
    assert decision.to_utc == NOW + 50 * HOUR


def test_an_issue_within_the_hour_is_known_after_it_and_not_before():
    clean, bad = polluted(), spells((0, 48, 240), start=NOW, issued=NOW + timedelta(minutes=10))
    both = pa.concat_tables([clean, bad])
    assert ask(both, at=NOW + timedelta(minutes=9)).level == "none"
    assert hours_of(ask(both, at=NOW + timedelta(minutes=25))) == ("orange", 0, 48)


def test_a_forecast_of_two_daily_values_is_of_two_days():
    assert ask(table([(NOW, "PM2.5", NOW + k * 24 * HOUR, pm25_of(v)) for k, v in enumerate((160, 170))])).level == (
        "yellow"
    )


@pytest.mark.parametrize(("first", "level"), [(first, "yellow") for first in (0, 5, 12, 19, 24, 31)])
def test_one_extreme_day_never_counts_as_two(first, level):
    """24 h at 400 and 90 around it: both halves with the hours beside them are above 200, and still it is one day."""
    decision = ask(polluted((first, first + 24, 400), clean=90))
    assert hours_of(decision) == (level, first, first + 24)
    assert ask(polluted((first, first + 24, 400), clean=90), "2018").level == "none"


def test_two_extreme_days_never_count_as_three():
    assert ask(polluted((12, 60, 400), clean=90)).level == "orange"
    assert ask(polluted((12, 60, 400), clean=90), "2017").level == "yellow"


@pytest.mark.parametrize("first", range(0, 48, 7))
def test_the_hour_at_which_a_spell_begins_does_not_change_its_level(first):
    assert hours_of(ask(polluted((first, first + 72, 210), (first + 20, first + 44, 330)))) == (
        "red",
        first,
        first + 72,
    )


def test_days_with_a_daily_cycle_count_as_days():
    """By day 100 and by night 290: the mean of any 24 h is above 200, though many hours are not."""
    cycle = [pm25_of(100 if 10 <= k % 24 < 16 else 290) for k in range(48)]
    assert ask(series(cycle + [20.0] * 96, start=NOW, issued=NOW), "2018").level == "yellow"


def test_index_at_the_threshold_is_not_above_it():
    assert ask(series([150.0] * 96, start=NOW, issued=NOW), "2018").level == "none"
    assert ask(series([150.5] * 96, start=NOW, issued=NOW), "2018").level == "orange"


@pytest.mark.parametrize("missing", [range(12, 17), range(20, 26), range(30, 36), (12, 15, 18, 21, 24, 27)])
def test_missing_hours_up_to_a_quarter_neither_end_nor_delay_a_spell(missing):
    values = [None if k in missing else pm25_of(240 if 12 <= k < 36 else 50) for k in range(168)]
    assert hours_of(ask(series(values, start=NOW, issued=NOW))) == ("yellow", 12, 36)


def test_ten_missing_hours_of_a_day_leave_no_index():
    values = [None if 15 <= k < 25 else pm25_of(240 if 12 <= k < 36 else 50) for k in range(168)]
    assert ask(series(values, start=NOW, issued=NOW)).level == "none"


def test_missing_hours_after_the_forecast_are_not_part_of_a_spell():
    assert hours_of(ask(polluted((0, 40, 240), hours=40))) == ("yellow", 0, 40)


@pytest.mark.parametrize("step", [2, 3, 6, 12, 24])
def test_steps_of_several_hours_are_as_hourly_values(step):
    hourly = polluted((24, 96, 240), hours=144)
    rows = [(NOW, "PM2.5", NOW + k * HOUR, hourly["concentration_ug_per_m3"][k].as_py()) for k in range(0, 144, step)]
    assert hours_of(ask(table(rows))) == hours_of(ask(hourly)) == ("orange", 24, 96)


def test_a_newer_issue_replaces_only_its_own_pollutant_and_hours():
    red = polluted((0, 120, 350))
    ozone = series([40.0] * 168, start=NOW, issued=NOW + HOUR, pollutant="O3")
    short = series([pm25_of(350)] * 24, start=NOW, issued=NOW + HOUR)
    for newer in (ozone, short):
        decision = ask(pa.concat_tables([red, newer]), at=NOW + HOUR)
        assert hours_of(decision) == ("red", 1, 120)
    assert "PM2.5 is in part of the issue of 2024-12-18 00:00 +08:00" in decision.reason_en


def test_dust_days_have_a_notice_and_no_level():
    decision = ask(together({"PM2.5": 70, "PM10": 1500}, hours=48, start=NOW, issued=NOW))
    assert decision.level == "none"
    (notice,) = decision.notices
    assert (notice.cause, notice.index_aqi) == ("dust", 500)
    assert (notice.from_utc, notice.to_utc) == (NOW, NOW + 48 * HOUR)
    assert "notice: dust, outside the plan; the index would be 500" in decision.reason_en


def test_ozone_days_have_a_notice_and_no_level():
    """280 ug/m3 over 8 h: 200 + 100 × 15 / 535, rounded up to 203."""
    decision = ask(together({"O3": 280, "PM2.5": 40}, hours=96, start=NOW, issued=NOW))
    (notice,) = decision.notices
    assert (decision.level, notice.cause, notice.index_aqi) == ("none", "ozone", 203)


def test_pm10_of_haze_counts_as_pm25_does():
    haze = ask(together({"PM2.5": 260, "PM10": 420}, hours=48, start=NOW, issued=NOW))
    alone = ask(together({"PM2.5": 260}, hours=48, start=NOW, issued=NOW))
    assert hours_of(haze) == hours_of(alone) == ("orange", 0, 48)
    assert not haze.notices


@pytest.mark.parametrize(("wind", "level"), [(9.0, "none"), (1.0, "orange"), (None, "orange")])
def test_coarse_particles_between_haze_and_dust_are_told_apart_by_the_wind(wind, level):
    """PM2.5 of 100 is an index of 129, PM10 of 450 one of 338, and their ratio is 0.22 … 0.5."""
    rows = [(NOW, name, NOW + k * HOUR, v) for name, v in (("PM2.5", 150.0), ("PM10", 450.0)) for k in range(48)]
    forecast = table(rows, wind_speed_m_per_s=pa.array([wind] * len(rows), pa.float64()))
    assert ask(forecast).level == ("yellow" if level == "none" else level)


@pytest.mark.parametrize(("word", "level"), [("yes", "none"), ("no", "orange"), ("auto", "none")])
def test_the_word_of_an_operator_decides_what_is_dust(word, level):
    forecast = together({"PM2.5": 70, "PM10": 1500}, hours=48, start=NOW, issued=NOW)
    assert ask(forecast, dust=word).level == level


def test_dust_at_the_end_of_haze_ends_the_process():
    haze = [(NOW, "PM2.5", NOW + k * HOUR, 200.0 if k < 48 else 90.0) for k in range(96)]
    coarse = [(NOW, "PM10", NOW + k * HOUR, 260.0 if k < 48 else 1200.0) for k in range(96)]
    decision = ask(table(haze + coarse))
    assert hours_of(decision) == ("orange", 0, 48)
    assert [notice.cause for notice in decision.notices] == ["dust"]


@pytest.mark.parametrize(
    ("regional", "level"), [("none", "yellow"), ("yellow", "yellow"), ("orange", "orange"), ("red", "red")]
)
def test_effective_level_is_the_higher_of_city_and_region(regional: str, level: str):
    assert ask(polluted((0, 24, 240)), regional_level=regional).level == level


def test_level_of_the_region_alone_begins_now_and_has_no_end():
    result = ask(polluted(), regional_level="orange")
    assert (result.from_utc, result.to_utc) == (NOW, None)
    assert "regional prompt" in result.reason_en
    assert "区域" in result.reason_zh


def test_a_level_in_force_is_kept_until_the_air_improves():
    """Orange since 10 h, 20 more hours at 240: less than any condition of 2018, and not yet better."""
    before = AlertPeriod("orange", NOW - 10 * HOUR, None)
    decision = ask(polluted((0, 20, 240)), "2018", in_force=before)
    assert hours_of(decision) == ("orange", -10, 20)


def test_reason_names_condition_peak_and_pollutant_in_both_languages():
    result = ask(by_day(250, 350, 350, 250), "2017")
    assert "24-h AQI above 200 on at least 4 days in a row and 24-h AQI above 300 on at least 2 " in result.reason_en
    assert "highest 24-h AQI 350 (primary pollutant PM2.5)" in result.reason_en
    assert "红色预警条件" in result.reason_zh
    assert "350（首要污染物PM2.5）" in result.reason_zh


def test_a_second_process_is_listed_after_the_first():
    decision = ask(polluted((0, 24, 240), (80, 152, 330)))
    assert [period.level for period in decision.processes] == ["yellow", "red"]
    assert "then red from 2024-12-21 08:00 +08:00 to 2024-12-24 08:00 +08:00" in decision.reason_en


def test_a_short_forecast_is_evaluated_and_its_reach_is_stated():
    result = ask(by_day(250, 250), "2017")
    assert result.level == "yellow"
    assert "covers only 48 of 144 h" in result.reason_en
    assert "48小时" in result.reason_zh


def test_a_forecast_of_less_than_a_day_gives_no_level():
    result = ask(series([500.0] * 12, start=NOW, issued=NOW))
    assert (result.level, result.from_utc, result.to_utc) == ("none", None, None)
    assert "no complete 24 h" in result.reason_en


def test_missing_pollutants_are_named():
    clean = [series([0.0] * 48, start=NOW, issued=NOW, pollutant=name) for name in OTHERS]
    assert "no forecast of SO2, NO2, CO, O3, PM10" in ask(by_day(250, 250)).reason_en
    assert "no forecast" not in ask(pa.concat_tables([by_day(250, 250), *clean])).reason_en


def test_an_alert_does_not_begin_in_the_past():
    started = series([200.0] * 96, start=NOW - 20 * HOUR, issued=NOW - 20 * HOUR)
    assert ask(started).from_utc == NOW


def test_a_process_that_is_over_calls_for_nothing():
    assert ask(spells((0, 23, 400), start=NOW - 23 * HOUR, issued=NOW - 23 * HOUR)).level == "none"


def test_forecast_with_nothing_ahead_is_refused():
    with pytest.raises(InputError, match="no value for the hours ahead"):
        ask(series([200.0] * 24, start=NOW - 48 * HOUR, issued=NOW - 48 * HOUR))


@pytest.mark.parametrize("options", [{"version": "1999"}, {"regional_level": "purple"}])
def test_unknown_version_or_level_is_refused(options: dict[str, str]):
    with pytest.raises(InputError, match="unknown|selects no single version"):
        ask(by_day(250), **options)


def test_time_without_a_zone_is_refused_and_one_within_an_hour_is_its_start():
    with pytest.raises(InputError, match="no time zone"):
        require_hour(NOW.replace(tzinfo=None))
    assert require_hour(NOW + timedelta(minutes=25)) == NOW


@pytest.mark.parametrize("seed", range(5))
def test_more_pollution_never_gives_a_lower_level(seed: int):
    random = np.random.default_rng(seed)
    order: Sequence[str] = ["none", "yellow", "orange", "red"]
    base = random.uniform(60, 260, 168)
    levels = [
        max(order.index(p.level) for p in found) if (found := ask(series(v, start=NOW, issued=NOW)).processes) else 0
        for v in (base.tolist(), (base * 1.2).tolist(), (base * 1.5).tolist())
    ]
    assert levels == sorted(levels)
