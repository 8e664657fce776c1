"""Shares of a year by counts: hours as they were counted, days of fires, and the days of Spring Festival."""

from datetime import date, timedelta

import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.areas.counted_hours import counted_hours, firework_areas
from bigdata_emis.reference.work_calendar import work_calendar
from bigdata_emis.window import day_window

ZONE = "Asia/Shanghai"
DAY = date(2015, 2, 19)
START = day_window(DAY, ZONE).from_utc
CALENDAR = work_calendar(reference.read("calendar_period"), ["china"])
REGISTER = [
    {"activity_area_id": "apron", "activity_unit_code": "lto", "annual_activity": 1000.0},
    {"activity_area_id": "fields", "activity_unit_code": "fire", "annual_activity": 60.0},
]


def count(area, hour, number):
    return {"activity_area_id": area, "hour_utc": START + timedelta(hours=hour), "counted_activity": number}


def shares(*counts, fireworks=(), days=(DAY,), calendar=CALENDAR):
    rows = counted_hours(counts, REGISTER, fireworks, days=days, calendar=calendar, time_zone=ZONE)
    return {(r["activity_area_id"], r["hour_utc"]): (r["counted_share"], r["counted_of"]) for r in rows.to_pylist()}


def test_an_hour_has_its_part_of_the_landings_of_the_year_and_zero_is_a_count():
    assert shares(count("apron", 0, 12.0), count("apron", 5, 0.0)) == {
        ("apron", START): (0.012, "hour"),
        ("apron", START + timedelta(hours=5)): (0.0, "hour"),
    }


def test_fires_of_a_day_are_those_of_all_its_hours():
    """Two fires at 2 and one at 13 hours of local time, of 60 in a year."""
    of_day = shares(count("fields", 2, 2.0), count("fields", 13, 1.0))
    assert len(of_day) == 24
    assert set(of_day.values()) == {(3 / 60, "day")}


def test_counts_of_days_before_and_of_other_areas_are_not_of_the_day():
    assert shares(count("apron", -1, 5.0), count("fields", -1, 5.0), count("shed", 0, 1.0)) == {}


def test_fireworks_are_shared_alike_by_the_days_of_spring_festival():
    """2015: New Year's Eve on 18 February to the Lantern Festival on 5 March, 16 days."""
    first, last = date(2015, 2, 18), date(2015, 3, 5)
    days = [date(2015, 1, 1) + timedelta(days=n) for n in range(365)]
    of_year = shares(fireworks=["town"], days=days)
    by_day = {}
    for (_, hour), (share, counted_of) in of_year.items():
        assert counted_of == "calendar"
        by_day[(hour + timedelta(hours=8)).date()] = share
    assert {day for day, share in by_day.items() if share} == {first + timedelta(days=n) for n in range(16)}
    assert by_day[last] == pytest.approx(1 / 16)
    assert sum(by_day.values()) == pytest.approx(1.0)


def test_a_year_without_a_known_festival_has_no_share():
    assert shares(fireworks=["town"], calendar=work_calendar(reference.read("calendar_period"), [])) == {}


def test_only_fireworks_are_firework_areas():
    areas = [
        {"activity_area_id": a, "industry_code": i} for a, i in (("z", "fireworks"), ("b", "fireworks"), ("c", "port"))
    ]
    assert firework_areas(areas) == ["b", "z"]
