"""Windows and local days."""

from datetime import UTC, date, datetime

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.window import Window, day_window, parse_day, parse_instant


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_local_day_of_beijing_starts_at_sixteen_utc_of_the_day_before() -> None:
    assert day_window(date(2015, 12, 20), "Asia/Shanghai") == Window(at("2015-12-19T16:00"), at("2015-12-20T16:00"))


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2015, 3, 29), 23), (date(2015, 10, 25), 25), (date(2015, 6, 1), 24)],
    ids=["spring", "autumn", "plain"],
)
def test_day_has_as_many_hours_as_its_clock(day: date, hours: int) -> None:
    assert day_window(day, "Europe/Zurich").hours == hours


def test_window_touches_each_local_day_it_has_an_hour_of() -> None:
    window = Window(at("2015-12-19T15:00"), at("2015-12-20T16:00"))
    assert window.days("Asia/Shanghai") == [date(2015, 12, 19), date(2015, 12, 20)]
    assert window.whole_days("Asia/Shanghai").hours == 48


def test_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InputError, match="ends .* before it starts"):
        Window(at("2015-12-20T00:00"), at("2015-12-19T00:00"))


def test_window_end_within_an_hour_is_refused() -> None:
    with pytest.raises(InputError, match="not a whole hour"):
        Window(at("2015-12-20T00:30"), at("2015-12-20T02:00"))


def test_time_without_offset_is_local_time_of_the_region() -> None:
    assert parse_instant("2015-12-20T08:00", "Asia/Shanghai") == at("2015-12-20T00:00")
    assert parse_instant("2015-12-20T08:00+00:00", "Asia/Shanghai") == at("2015-12-20T08:00")


def test_text_that_is_no_time_is_refused_with_a_way_to_mend() -> None:
    with pytest.raises(InputError, match="write 2015-12-20"):
        parse_instant("yesterday", "UTC")
    with pytest.raises(InputError, match="not a date"):
        parse_day("2015-13-01")


@pytest.mark.parametrize("text", ["0001-01-01", "1969-12-31", "2201-01-01", "9999-12-31"])
def test_a_year_outside_1970_to_2200_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not in the years 1970 to 2200"):
        parse_day(text)
    with pytest.raises(InputError, match="not in the years 1970 to 2200"):
        parse_instant(f"{text}T00:00", "Asia/Shanghai")


def test_the_first_and_last_days_have_windows() -> None:
    assert [day_window(parse_day(text), "Asia/Shanghai").hours for text in ("1970-01-01", "2200-12-31")] == [24, 24]


def test_a_window_of_more_than_five_years_is_refused() -> None:
    assert Window(at("2010-01-01T00:00"), at("2015-01-01T00:00")).hours == 1826 * 24
    with pytest.raises(InputError, match="3652 days, more than 1830"):
        Window(at("2010-01-01T00:00"), at("2020-01-01T00:00"))
