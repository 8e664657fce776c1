"""Day types, day numbers and local hours, also of days on which clocks change."""

from datetime import date

from bigdata_emis.control.projection.local_hours import day_numbers, day_start_us, day_types, local_hours

NEW_YORK = "America/New_York"


def test_types_tell_workdays_saturdays_and_sundays_apart() -> None:
    week = [date(2015, 12, day) for day in range(21, 28)]
    assert day_types(week).tolist() == [0, 0, 0, 0, 0, 1, 2]


def test_consecutive_days_have_consecutive_numbers() -> None:
    assert (day_numbers([date(2016, 2, 28), date(2016, 2, 29), date(2016, 3, 1)]) - 736022).tolist() == [0, 1, 2]


def test_a_day_starts_at_its_local_midnight() -> None:
    assert day_start_us(date(1970, 1, 2), "Asia/Shanghai") == 16 * 3_600_000_000


def test_an_ordinary_day_has_its_hours_in_order() -> None:
    assert local_hours(date(2015, 12, 20), "Asia/Shanghai").tolist() == list(range(24))


def test_clocks_skip_and_repeat_an_hour() -> None:
    assert local_hours(date(2019, 3, 10), NEW_YORK).tolist() == [h for h in range(24) if h != 2]
    assert local_hours(date(2019, 11, 3), NEW_YORK).tolist() == [0, 1, 1, *range(2, 24)]
