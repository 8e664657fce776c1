"""A level in force and what the forecast makes of it; the rules of 2024 ask for 36 hours of improvement."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.control.alert.episode import AlertPeriod
from bigdata_emis.control.alert.level import AlertOptions, evaluate_alert
from tests.chinese_text import english_in
from tests.control.alert.forecasts import HOUR, spells

NOW = datetime(2025, 12, 18, 0, tzinfo=UTC)


def decide(*parts, level="orange", since_h=-48, to_h=None, hours=168, version="2024"):
    """Level, first hour and hour after the last from now, with an alert in force; polluted parts from a day ago."""
    end = None if to_h is None else NOW + to_h * HOUR
    shifted = [(first + 24, after + 24, index) for first, after, index in parts]
    forecast = spells(*shifted, start=NOW - 24 * HOUR, issued=NOW - 24 * HOUR, hours=hours + 24)
    in_force = AlertPeriod(level, NOW + since_h * HOUR, end)
    result = evaluate_alert(forecast, at_utc=NOW, options=AlertOptions(rule_version=version), in_force=in_force)
    ends = tuple(None if at is None else (at - NOW) / HOUR for at in (result.from_utc, result.to_utc))
    return (result.level, *ends), result


@pytest.mark.parametrize(
    ("parts", "alert", "expected"),
    [
        pytest.param([], {}, ("none", None, None), id="lifted when 36 clear hours are forecast"),
        pytest.param(
            [(-24, 0, 250)], {}, ("none", None, None), id="lifted where the air turns, not where its mean does"
        ),
        pytest.param([(-24, 10, 250)], {}, ("orange", -48, 10), id="kept until the air turns"),
        pytest.param([(0, 20, 240), (40, 64, 240)], {}, ("orange", -48, 64), id="kept over a short improvement"),
        pytest.param([(0, 20, 240), (57, 80, 240)], {}, ("orange", -48, 20), id="36 clear hours between"),
        pytest.param([(0, 24, 240)], {}, ("orange", -48, 24), id="a lower level is called, and the higher one is kept"),
        pytest.param([(0, 72, 240)], {}, ("orange", -48, 72), id="the same level continues"),
        pytest.param([(0, 72, 330)], {}, ("red", 0, 72), id="a higher level applies at once"),
        pytest.param([(20, 92, 330)], {}, ("red", 0, 92), id="raised over a short improvement"),
        pytest.param([(60, 140, 330)], {"level": "yellow"}, ("red", 60, 140), id="a later process is another one"),
        pytest.param([(0, 24, 240)], {"to_h": 0}, ("yellow", 0, 24), id="an alert that has ended is over"),
        pytest.param([(0, 24, 240)], {"since_h": 5}, ("yellow", 0, 24), id="an alert that has not begun is replaced"),
        pytest.param([(0, 80, 170)], {"level": "red"}, ("orange", 0, 80), id="red is lowered at or below 200 for 36 h"),
        pytest.param([(0, 20, 170)], {"level": "red"}, ("yellow", 0, 20), id="red is lowered and not lifted above 150"),
        pytest.param([(0, 20, 240)], {"version": "2018", "since_h": -10}, ("orange", -10, 20), id="rules of 2018"),
        pytest.param(
            [(-24, 0, 180), (0, 36, 140)],
            {"version": "chengdu-2020"},
            ("none", None, None),
            id="2023-12-14 Chengdu: light pollution for 36 h lifts",
        ),
        pytest.param(
            [(0, 20, 180), (20, 40, 140), (40, 64, 180)],
            {"version": "chengdu-2020"},
            ("orange", -48, 64),
            id="Chengdu: light pollution for 20 h does not lift",
        ),
    ],
)
def test_what_becomes_of_an_alert_in_force(parts, alert, expected) -> None:
    assert decide(*parts, **alert)[0] == expected


def test_hours_that_are_not_forecast_do_not_lift_an_alert() -> None:
    assert decide(hours=30)[0] == ("orange", -48, 36)
    assert decide((0, 10, 240), hours=30)[0] == ("orange", -48, 36)


@pytest.mark.parametrize(
    ("parts", "level", "words"),
    [
        ([], "orange", "orange is lifted: the air is forecast to stay at or below 150 for 36 h"),
        ([(0, 10, 250)], "orange", "orange is kept: the air is not yet forecast to stay at or below 150 for 36 h"),
        ([(0, 72, 240)], "orange", "continues the orange alert of 2025-12-16 00:00 +00:00"),
        ([(0, 72, 330)], "orange", "follows the orange alert of 2025-12-16 00:00 +00:00"),
        ([(0, 80, 170)], "red", "lowered from red: the air is forecast to stay at or below 200 for 36 h"),
    ],
)
def test_the_reason_says_what_became_of_it(parts, level, words) -> None:
    _, result = decide(*parts, level=level)
    assert words in result.reason_en
    assert result.reason_zh
    assert english_in(result.reason_zh) == []
