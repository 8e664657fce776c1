"""Which rules are valid where and when, and the worked examples of known alerts."""

from datetime import UTC, date, datetime

import pytest

from bigdata_emis import reference
from bigdata_emis.control.alert.alert_rules import alert_levels, is_higher, read_alert_rules, require_level
from bigdata_emis.control.alert.level import AlertOptions, evaluate_alert
from bigdata_emis.errors import InputError
from tests.control.alert.forecasts import pm25_of, series

KNOWN_ALERTS = [
    pytest.param("beijing-2013", (250, 250, 250), "yellow", id="2014-02-20 three days of grade 5"),
    pytest.param("beijing-2013", (250, 350, 250), "orange", id="2014-02-21 grades 5 and 6 in turn"),
    pytest.param("beijing-2013", (350, 350, 350), "red", id="three days of grade 6"),
    pytest.param("beijing-2013", (250,), "blue", id="one day of grade 5"),
    pytest.param("beijing-2013", (350,), "yellow", id="one day of grade 6"),
    pytest.param("beijing-2015", (250, 250, 250, 250), "red", id="2015-12-07 more than three days"),
    pytest.param("beijing-2015", (250, 250, 250), "orange", id="2016-12-02 three days"),
    pytest.param("beijing-2016", (250, 350, 350, 250, 250, 250), "red", id="2016-12-15 six days, two severe"),
    pytest.param("beijing-2016", (180, 250, 320, 250), "orange", id="2017-11-03 three heavy days, one severe"),
    pytest.param("chengdu-2020", (180, 250, 180), "orange", id="2021-12-20 PM2.5 above 115, one day above 150"),
    pytest.param("beijing-2023", (180, 180, 180), "orange", id="2023-10-29 three moderate days"),
    pytest.param("beijing-2023", (160, 160, 110), "yellow", id="2024-10-30 two moderate days"),
    pytest.param("2018", (250,) * 6, "orange", id="2019-12-17 six heavy days; the city went higher"),
    pytest.param("2024", (180, 180), "yellow", id="2024-01-10 two moderate days; the city went higher"),
    pytest.param("2024", (210,), "yellow", id="one day at 210"),
    pytest.param("2024", (160, 170), "yellow", id="160, 170"),
    pytest.param("2024", (160, 170, 180), "orange", id="160, 170, 180"),
    pytest.param("2024", (210, 220), "orange", id="210, 220"),
    pytest.param("2024", (210, 220, 320), "red", id="210, 220, 320"),
    pytest.param("2024", (210, 220, 230), "orange", id="no day above 300"),
    pytest.param("2024", (500, 100, 100, 100), "yellow", id="one day at 500 under 2024"),
    pytest.param("2018", (160, 170, 180), "none", id="2018 knows 200 only"),
    pytest.param("2018", (210, 310, 320, 240), "red", id="96 h of which 48 h above 300"),
    pytest.param("2018", (500,), "red", id="the index reaches 500"),
    pytest.param("2017", (250, 250, 250, 100), "yellow", id="2017 orange needs a severe day"),
    pytest.param("2017", (250, 350, 250, 100), "orange", id="2017 orange"),
    pytest.param("shanghai-2014", (350,), "orange", id="Shanghai one severe day"),
    pytest.param("shanghai-2014", (460,), "red", id="Shanghai above 450"),
]


@pytest.mark.parametrize(("version", "days", "level"), KNOWN_ALERTS)
def test_level_of_daily_indices(version: str, days: tuple[int, ...], level: str) -> None:
    now = datetime(2016, 12, 1, tzinfo=UTC)
    hourly = [pm25_of(index) for index in (*days, *[60] * (7 - len(days))) for _ in range(24)]
    forecast = series(hourly, start=now, issued=now)
    assert evaluate_alert(forecast, at_utc=now, options=AlertOptions(rule_version=version)).level == level


@pytest.mark.parametrize(
    ("day", "area", "version"),
    [
        (date(2014, 2, 20), "Beijing", "beijing-2013"),
        (date(2015, 12, 19), "Beijing", "beijing-2015"),
        (date(2016, 12, 2), "Beijing", "beijing-2015"),
        (date(2016, 12, 15), "Beijing", "beijing-2016"),
        (date(2017, 11, 3), "Beijing", "beijing-2016"),
        (date(2019, 2, 22), "Beijing", "2018"),
        (date(2023, 10, 29), "Beijing", "beijing-2023"),
        (date(2025, 1, 1), "Beijing", "2024"),
        (date(2016, 12, 2), None, "2016"),
        (date(2017, 11, 3), None, "2017"),
        (date(2023, 12, 31), "key", "2018"),
        (date(2024, 1, 1), "other", "2024"),
        (date(2021, 12, 20), "Chengdu", "chengdu-2020"),
    ],
)
def test_the_version_is_that_of_the_city_on_the_day_else_the_national_one(day, area, version) -> None:
    assert read_alert_rules(day, plan_area=area).rule_version == version


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "day 2015-12-19 selects no single version"),
        ({"rule_version": "1999"}, "version '1999' selects no single version"),
        ({"plan_area": "Atlantis"}, "no plan of alerts of 'Atlantis'; use one of Beijing"),
    ],
)
def test_what_selects_no_version_is_refused(options, words) -> None:
    with pytest.raises(InputError, match=words):
        read_alert_rules(date(2015, 12, 19), **options)


def test_every_version_has_an_end_and_one_plan_a_day() -> None:
    rows = reference.read("alert_rule").to_pylist()
    ends = {row["rule_version"] for row in reference.read("alert_episode").to_pylist()}
    assert {row["rule_version"] for row in rows} == ends
    periods = {(r["plan_area"], r["rule_version"]): (r["valid_from"], r["valid_to"] or date.max) for r in rows}
    for (area, version), (first, _) in periods.items():
        others = [p for (a, v), p in periods.items() if a == area and v != version]
        assert not [p for p in others if p[0] <= first <= p[1]]


def test_thresholds_and_durations_of_a_version() -> None:
    rules = read_alert_rules(date(2025, 1, 1))
    assert (rules.lowest_threshold_aqi, rules.longest_h, rules.lowest_level) == (150, 72, "yellow")
    assert (rules.threshold_of("red"), rules.threshold_of("orange")) == (200, 150)
    assert (rules.clear_h, rules.apart_h) == (36, 36)


def test_levels_have_an_order() -> None:
    assert alert_levels() == ["none", "blue", "yellow", "orange", "red"]
    assert is_higher("red", "orange")
    assert not is_higher("yellow", "yellow")
    with pytest.raises(InputError, match="regional level 'purple' is unknown"):
        require_level("purple", what="regional level")
