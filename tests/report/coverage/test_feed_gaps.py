"""Feeds that brought nothing, as a published day says it."""

from bigdata_emis.report.coverage.feed_gaps import FeedGap, feed_gaps, gap_words, gaps_of_manifest
from tests.report.city_day import fill_day, publish_day
from tests.report.stores import DAY


def test_a_feed_without_rows_and_one_without_some_hours_have_gaps() -> None:
    feeds = {"power": {"rows": 9, "missing_hours": ["03:00"]}, "cems": {"rows": 0}, "weather": {"rows": 5}}
    gaps = gaps_of_manifest({"feeds": feeds})
    assert gaps == [FeedGap("power", ("03:00",)), FeedGap("cems", ())]
    assert gap_words(gaps[0])["en"].endswith("no reading in 1 hour (03:00)")
    assert gap_words(gaps[1])["zh"].endswith("当日无数据")


def test_of_many_hours_the_first_six_are_named_and_their_number() -> None:
    text = gap_words(FeedGap("power", tuple(f"{hour:02}:00" for hour in range(10))))
    assert text["zh"].endswith("10小时无数据（00:00, 01:00, 02:00, 03:00, 04:00, 05:00 …）")


def test_a_day_that_is_not_published_has_no_known_gaps(home) -> None:
    store = fill_day()
    assert feed_gaps(store, DAY) == []
    publish_day(store, feeds={"cems": {"rows": 0}})
    assert feed_gaps(store, DAY) == [FeedGap("cems", ())]
