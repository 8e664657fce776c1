"""The calendar: holidays and exchanged workdays by their notices, seasons over the new year, unknown years refused."""

from datetime import date, timedelta

import pytest

from bigdata_emis import reference
from bigdata_emis.codes import CalendarBasis, CalendarKind, DayType
from bigdata_emis.reference.work_calendar import WorkCalendar, work_calendar


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return work_calendar(reference.read("calendar_period"), ["china", "north", "transmission_cities"])


@pytest.mark.parametrize(
    ("day", "day_type", "weekday"),
    [
        (date(2015, 12, 18), DayType.WORKDAY, 5),
        (date(2015, 12, 19), DayType.SATURDAY, 6),
        (date(2015, 12, 20), DayType.SUNDAY, 7),
        (date(2015, 10, 1), DayType.SUNDAY, 7),  # National Day, a Thursday
        (date(2015, 10, 3), DayType.SUNDAY, 7),  # a Saturday of that holiday
        (date(2015, 10, 10), DayType.WORKDAY, 3),  # a Saturday worked in exchange
        (date(2015, 9, 3), DayType.SUNDAY, 7),  # once only: 70 years after the war
        (date(2020, 1, 31), DayType.SUNDAY, 7),  # Spring Festival, extended in 2020
        (date(2024, 2, 18), DayType.WORKDAY, 3),  # a Sunday worked in exchange for Spring Festival
    ],
)
def test_a_day_is_what_the_notice_of_its_year_says(calendar, day, day_type, weekday):
    assert (calendar.day_type(day), calendar.profile_weekday(day)) == (day_type, weekday)
    assert calendar.basis(day) == CalendarBasis.CALENDAR


def test_a_year_without_a_notice_counts_by_weekday_and_says_so(calendar):
    day = date(2031, 10, 1)  # a Wednesday
    assert (calendar.day_type(day), calendar.basis(day)) == (DayType.WORKDAY, CalendarBasis.WEEKDAY)


def test_a_region_without_areas_counts_by_weekday():
    plain = work_calendar(reference.read("calendar_period"), [])
    days = [date(2015, 9, 28) + timedelta(days=number) for number in range(14)]
    assert [plain.profile_weekday(day) for day in days] == [day.isoweekday() for day in days]
    assert {plain.basis(day) for day in days} == {CalendarBasis.WEEKDAY}


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        (CalendarKind.HEATING_SEASON, date(2015, 11, 14), False),
        (CalendarKind.HEATING_SEASON, date(2015, 11, 15), True),
        (CalendarKind.HEATING_SEASON, date(2016, 3, 15), True),
        (CalendarKind.HEATING_SEASON, date(2016, 3, 16), False),
        (CalendarKind.HEATING_SEASON, date(2011, 12, 1), None),
        (CalendarKind.SPRING_FESTIVAL, date(2015, 2, 18), True),  # New Year's Eve
        (CalendarKind.SPRING_FESTIVAL, date(2015, 3, 5), True),  # Lantern Festival
        (CalendarKind.SPRING_FESTIVAL, date(2015, 3, 6), False),
        (CalendarKind.OFF_PEAK_PRODUCTION, date(2015, 12, 20), None),
        (CalendarKind.OFF_PEAK_PRODUCTION, date(2018, 1, 5), True),
        (CalendarKind.SCHOOL_HOLIDAY, date(2018, 7, 20), None),
    ],
)
def test_a_season_is_known_inside_its_rows_only(calendar, kind, day, expected):
    assert calendar.is_in(kind, day) is expected


def test_the_days_of_a_festival_are_those_of_its_calendar_year(calendar):
    """2015: New Year's Eve on 18 February to the Lantern Festival on 5 March."""
    days = calendar.days_of_year(CalendarKind.SPRING_FESTIVAL, 2015)
    assert (min(days), max(days), len(days)) == (date(2015, 2, 18), date(2015, 3, 5), 16)
    assert calendar.days_of_year(CalendarKind.SPRING_FESTIVAL, 1999) == frozenset()


def test_the_season_of_another_area_does_not_count(calendar):
    harbin = work_calendar(reference.read("calendar_period"), ["china", "north_east"])
    day = date(2015, 10, 25)
    assert (calendar.is_in(CalendarKind.HEATING_SEASON, day), harbin.is_in(CalendarKind.HEATING_SEASON, day)) == (
        False,
        True,
    )


def test_every_period_ends_after_it_begins_and_days_have_one_kind():
    rows = reference.read("calendar_period").to_pylist()
    assert all(row["first_day"] <= row["last_day"] for row in rows)
    off = [r for r in rows if r["calendar_kind_code"] == "holiday"]
    worked = [r["first_day"] for r in rows if r["calendar_kind_code"] == "adjusted_workday"]
    assert not any(r["first_day"] <= day <= r["last_day"] for r in off for day in worked)
    assert all(day.isoweekday() > 5 for day in worked)


@pytest.mark.parametrize("year", range(2013, 2027))
def test_every_year_has_its_statutory_holidays(year):
    rows = reference.read("calendar_period").to_pylist()
    names = {r["name_en"] for r in rows if r["calendar_kind_code"] == "holiday" and r["last_day"].year == year}
    common = {"New Year's Day", "Spring Festival", "Tomb-sweeping Day", "Labour Day", "Dragon Boat Festival"}
    assert common | {"National Day"} <= names
