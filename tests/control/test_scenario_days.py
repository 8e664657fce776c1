"""The conditions of an event: level and local hour, hour by hour."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario_days import make_event
from bigdata_emis.region import Grid, Region
from bigdata_emis.window import Window

ZONE = "Asia/Shanghai"
REGION = Region("r", Path("r"), "R", "区", ZONE, True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})
START = datetime(2015, 12, 20, 14, tzinfo=UTC)


def test_the_hours_of_an_event_have_their_local_hour() -> None:
    event = make_event(REGION, Window(START, START + timedelta(hours=4)), "red", [])
    assert [condition.local_hour for condition in event.conditions()] == [22, 23, 0, 1]
    assert {condition.level for condition in event.conditions()} == {"red"}


def test_conditions_up_to_an_instant_begin_with_the_event() -> None:
    event = make_event(REGION, Window(START, START + timedelta(hours=40)), "red", [])
    assert event.conditions(START + timedelta(hours=3)) == event.conditions()[:3]


def test_an_event_has_the_limits_and_machine_shares_of_its_region() -> None:
    event = make_event(REGION, Window(START, START + timedelta(hours=1)), "red", [Measure("m", "red", cut_share=1)])
    assert event.cuts.limits["coal_power"].is_supply_guaranteed
    assert "nonroad_machinery" in event.cuts.machine_shares


def test_hours_before_an_event_have_no_level() -> None:
    event = make_event(REGION, Window(START, START + timedelta(hours=1)), "red", [])
    listed = event.conditions(START + timedelta(hours=2), from_utc=START - timedelta(hours=1))
    assert [condition.level for condition in listed] == ["", "red", ""]
