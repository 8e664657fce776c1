"""Episodes of observed air by rule version, beside alerts that were issued in Beijing in December 2015."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.alert_history.alert_backtest import backtest_alerts
from tests.validate.alert_history.observed_files import write_stations

CLEAN, HEAVY = 30.0, 220.0


def december(tmp_path: Path, *heavy: tuple[int, int]) -> dict:
    """December 2015, polluted in the given hours of the month."""
    values = [CLEAN] * (31 * 24)
    for first, after in heavy:
        values[first:after] = [HEAVY] * (after - first)
    write_stations(tmp_path, {"A": values}, start=datetime(2015, 12, 1, tzinfo=UTC))
    (series,) = backtest_alerts(tmp_path)["series"]
    return series


def test_episodes_are_those_of_each_version(tmp_path: Path) -> None:
    series = december(tmp_path, (18 * 24 + 7, 22 * 24 + 7))
    episodes = {one["rule_version"]: one["episodes"] for one in series["versions"]}
    assert [episode["level"] for episode in episodes["beijing-2015"]] == ["red"]
    assert [episode["level"] for episode in episodes["2018"]] == ["orange"]
    (red,) = episodes["beijing-2015"]
    assert (red["from_local"], red["to_local"], red["hours"]) == ("2015-12-19T07:00", "2015-12-23T07:00", 96)
    assert red["peak_aqi"] == 270


def test_an_issued_alert_agrees_or_has_a_reason(tmp_path: Path) -> None:
    issued = {one["from_local"]: one for one in december(tmp_path, (18 * 24 + 7, 22 * 24 + 7))["issued"]}
    agreeing = issued["2015-12-19T07:00"]
    assert (agreeing["agrees"], agreeing["rule_version"]) == (True, "beijing-2015")
    clean = issued["2015-12-08T07:00"]
    assert not clean["agrees"]
    assert clean["called"] is None
    assert "met no condition of beijing-2015: highest 24-h AQI" in clean["reason"]
    first, last = "2015-12-01T00:00", "2015-12-31T23:00"
    assert issued["2014-02-20T12:00"]["reason"] == f"not judged: it ended before the first observed hour, {first}"
    assert issued["2016-12-16T20:00"]["reason"] == f"not judged: it began after the last observed hour, {last}"
    assert issued["2014-02-20T12:00"]["agrees"] is None
    assert all(one["reason"] for one in issued.values())


def test_a_level_that_was_raised_later_is_a_first_step(tmp_path: Path) -> None:
    series = december(tmp_path, (6 * 24, 10 * 24 + 12))
    first = next(one for one in series["issued"] if one["from_local"] == "2015-12-07T00:00")
    assert (first["level"], first["agrees"]) == ("orange", True)
    assert "raised to red later" in first["reason"]


def test_a_lower_level_is_said_with_the_observed_hours(tmp_path: Path) -> None:
    series = december(tmp_path, (18 * 24 + 7, 20 * 24 + 7))
    one = next(one for one in series["issued"] if one["from_local"] == "2015-12-19T07:00")
    assert not one["agrees"]
    assert "calls for yellow only" in one["reason"]
    assert "48 h above 200" in one["reason"]


def test_a_folder_without_observations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds neither"):
        backtest_alerts(tmp_path)
