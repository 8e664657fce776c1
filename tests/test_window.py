"""Windows and local days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.window import Window, day_window, is_time_zone, local_stamp, odd_offset, parse_day, parse_instant


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


def test_an_empty_window_is_called_empty() -> None:
    with pytest.raises(InputError, match="the window is empty: it begins and ends at 2015-12-20"):
        Window(at("2015-12-20T00:00"), at("2015-12-20T00:00"))


def test_window_end_within_an_hour_is_refused() -> None:
    with pytest.raises(InputError, match="not a whole hour"):
        Window(at("2015-12-20T00:30"), at("2015-12-20T02:00"))


def test_time_without_offset_is_local_time_of_the_region() -> None:
    assert parse_instant("2015-12-20T08:00", "Asia/Shanghai") == at("2015-12-20T00:00")
    assert parse_instant("2015-12-20T08:00+00:00", "Asia/Shanghai") == at("2015-12-20T08:00")


def test_a_text_that_is_not_a_time_is_refused_with_a_remedy() -> None:
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


def test_a_day_that_the_clocks_skipped_is_refused_by_its_name() -> None:
    with pytest.raises(
        InputError, match=r"2011-12-30 does not exist in Pacific/Apia: its clocks skipped the day; give an"
    ):
        day_window(date(2011, 12, 30), "Pacific/Apia")
    assert [day_window(date(2011, 12, day), "Pacific/Apia").hours for day in (29, 31)] == [24, 24]


def test_a_window_over_a_skipped_day_has_the_days_before_and_after_it() -> None:
    window = Window(at("2011-12-29T10:00"), at("2011-12-31T10:00"))
    assert window.days("Pacific/Apia") == [date(2011, 12, 29), date(2011, 12, 31)]
    after = day_window(date(2011, 12, 31), "Pacific/Apia")
    assert after.widened(days_before=1, time_zone="Pacific/Apia").hours == 48


def test_a_day_without_midnight_begins_at_its_first_hour() -> None:
    assert day_window(date(2018, 11, 4), "America/Sao_Paulo") == Window(at("2018-11-04T03:00"), at("2018-11-05T02:00"))


def test_a_day_that_begins_within_an_hour_is_refused_in_words() -> None:
    with pytest.raises(
        InputError, match=r"2010-01-01 in America/Caracas begins at 04:30 .* expected whole hours; give a day"
    ):
        day_window(date(2010, 1, 1), "America/Caracas")


@pytest.mark.parametrize(
    ("name", "hours"), [("Asia/Kolkata", 5.5), ("Asia/Kathmandu", 5.75), ("Australia/Lord_Howe", 10.5)]
)
def test_a_zone_with_parts_of_hours_is_found_by_its_first_odd_offset(name: str, hours: float) -> None:
    offset = odd_offset(name)
    assert offset is not None
    assert offset % timedelta(hours=1) == timedelta(hours=hours % 1)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Etc/GMT+5", "UTC", "America/Caracas", "Europe/London"])
def test_a_zone_of_whole_hours_has_no_odd_offset(name: str) -> None:
    assert odd_offset(name) is None


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Phobos", "../../etc/passwd", "/etc/localtime", "localtime", "posix/UTC", "right/UTC", "a\0", "Asia"],
)
def test_what_is_no_zone_of_every_machine_is_none(name: str) -> None:
    assert not is_time_zone(name)


@pytest.mark.parametrize("text", ["２０１５-12-20", "2015-12-20T25:00", "9" * 5000, "2015-12-20\0"])
def test_a_text_that_is_no_time_is_shown_short(text: str) -> None:
    for parse in (parse_day, lambda given: parse_instant(given, "UTC")):
        with pytest.raises(InputError, match="is not a date") as refusal:
            parse(text)
        assert len(str(refusal.value)) < 300


def test_a_stamp_is_local_with_its_offset_from_utc():
    instant = datetime(2015, 12, 20, 16, tzinfo=UTC)
    assert local_stamp(instant, "Asia/Shanghai") == "2015-12-21 00:00 +08:00"
    assert local_stamp(instant, "America/New_York") == "2015-12-20 11:00 -05:00"
