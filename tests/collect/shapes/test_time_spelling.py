"""One spelling of times for a whole column."""

import datetime as dt

import pytest

from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError, detect_spelling, named_spelling

EIGHT = dt.datetime.fromisoformat("2015-12-20T08:00")


def read(text: str, *others: str) -> dt.datetime:
    reading = detect_spelling([text, *others]).read(text)
    assert reading
    return reading.at


@pytest.mark.parametrize(
    "text",
    [
        "2015-12-20T08:00",
        "2015-12-20 8:00:00",
        "2015-12-20 08",
        "2015/12/20 8:00",
        "2015.12.20 08:00",
        "2015年12月20日8时",
        "2015年12月20日 08:00",
        "2015-12-20 08时",
        "2015/12/20 8点00分",
        "20151220T0800",
        "20151220 08:00",
        "2015122008",
        "201512200800",
        "20151220080000",
        "20151220080000000",
        "20/12/2015 08:00",
        "20.12.2015 08:00",
        "12/20/2015 8:00 AM",
        "20-Dec-2015 08:00",
        "20DEC2015:08:00:00",
        "Sun, 20 Dec 2015 08:00:00",
        "Dec 20, 2015 8:00 AM",
        "2015/12/20 上午8:00",
        "2015年12月20日 上午8时00分",
        "42358.33333",
        "42358.3333",
    ],
)
def test_a_local_time_is_read_however_it_is_written(text):
    assert read(text) == EIGHT


@pytest.mark.parametrize(
    "text",
    [
        "2015-12-20T08:00:00Z",
        "2015-12-20T16:00:00+0800",
        "2015-12-20 03:00-05",
        "2015-12-20 16:00 GMT+8",
        "2015-12-20 03:00:00 UTC-05:00",
        "2015-12-20T16:00+08:00[Asia/Shanghai]",
        "Sun Dec 20 2015 16:00:00 GMT+0800 (中国标准时间)",
        "1450598400",
        "1450598400000",
    ],
)
def test_a_time_with_offset_and_a_count_since_1970_are_instants(text):
    assert read(text) == EIGHT.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2015-12-20 12:05 AM", 0),
        ("2015-12-20 12:05 PM", 12),
        ("2015/12/20 上午12:05", 0),
        ("2015/12/20 下午12:05", 12),
        ("2015/12/20 下午1:05:00", 13),
    ],
)
def test_twelve_of_the_night_is_the_hour_0(text, hour):
    assert read(text).hour == hour


@pytest.mark.parametrize("text", ["2015-12-20 24:00", "2015/12/20 24:00:00", "20151220240000"])
def test_midnight_written_as_24_is_the_next_day_and_marked(text):
    reading = detect_spelling([text]).read(text)
    assert (reading.at.isoformat(), reading.is_midnight_24) == ("2015-12-21T00:00:00", True)


@pytest.mark.parametrize(
    "text",
    ["2015-13-01", "2015-02-30", "24:00", "2015-12-20 24:01", "2015-12-20 13:00 PM", "1512-12-20", "99", "2015-W50-1"],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(UnreadTimesError, match="cannot be read as a time"):
        detect_spelling([text])


def test_one_time_that_is_written_in_another_way_refuses_all():
    texts = [f"2015-12-20 {hour:02d}:00" for hour in range(23)]
    with pytest.raises(UnreadTimesError, match=r"'2015/12/20 23h' cannot .* though 23 of 24 times") as refusal:
        detect_spelling([*texts, "2015/12/20 23h"])
    assert 'time_format = "' in refusal.value.remedy


def test_a_day_that_may_be_a_month_is_decided_by_the_other_times_or_by_name():
    assert read("11/12/2015", "13/12/2015").day == 11
    assert read("11/12/2015", "12/13/2015").day == 12
    assert read("12/12/2015").day == 12
    with pytest.raises(UnreadTimesError, match="may be day first or month first, and no other time decides it"):
        detect_spelling(["11/12/2015"])
    assert named_spelling("month first").read("11/12/2015").at.month == 11


@pytest.mark.parametrize("text", ["2015-12-20 08:00-09:00", "2015/12/20 8:00~9:00", "2015-12-20 08:00至08:15"])
def test_an_interval_from_to_is_read_as_its_start(text):
    assert named_spelling("2015-12-20 08:00-09:00").read(text).at == EIGHT


def test_the_end_of_an_interval_is_no_offset_where_the_other_times_show_it():
    """08:00-09:00 alone may be 08:00 in a zone nine hours west; no zone is 23 hours west."""
    day = [f"2015-12-20 {hour:02d}:00-{(hour + 1) % 24:02d}:00" for hour in range(24)]
    assert read(day[8], *day) == EIGHT
    assert read(day[23], *day).hour == 23
    with pytest.raises(UnreadTimesError, match="may be 2015-12-20 08:00 or 2015-12-20 08:00-09:00"):
        detect_spelling(day[7:9])
    with pytest.raises(UnreadTimesError, match="cannot be read as a time"):
        detect_spelling(["2015-12-20 08:00-20:00"])


def test_texts_without_a_digit_are_no_times():
    assert detect_spelling(["--", "2015-12-20"]).read("--") is None


def test_a_pattern_reads_what_is_written_so_and_the_midnight_that_ends_a_day():
    spelling = named_spelling("%d.%m.%y %H:%M")
    assert spelling.read("20.12.15 08:00").at == EIGHT
    assert spelling.read("20.12.15 24:00").at.isoformat() == "2015-12-21T00:00:00"
    assert spelling.read("20.12.2015 08:00") is None


def test_a_leap_second_is_the_second_after_it():
    assert read("2016-12-31T23:59:60Z", "2016-12-31T23:00:00Z").isoformat() == "2017-01-01T00:00:00+00:00"
    with pytest.raises(UnreadTimesError):
        detect_spelling(["2016-12-31T23:58:60Z"])


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("20/12/15 08:00", 'its year has two digits: write time_format = "%y/%m/%d %H:%M" or "%d/%m/%y %H:%M"'),
        ("15-12-20 08:00", 'its year has two digits: write time_format = "%y-%m-%d %H:%M" or "%d-%m-%y %H:%M"'),
        ("12月20日8时", "it has no year: ask the provider for whole dates"),
        ("12-20 08:00", "it has no year: ask the provider for whole dates"),
        ("20 Dezember 2015", 'for instance time_format = "%d.%m.%Y %H:%M"'),
    ],
)
def test_the_remedy_names_what_a_time_lacks(text, remedy):
    with pytest.raises(UnreadTimesError) as refusal:
        detect_spelling([text])
    assert remedy in refusal.value.remedy
