"""The sentence about factors that nobody has compared with their source."""

import json

from bigdata_emis.report.coverage.unverified_notices import unverified_of_day, unverified_words
from tests.chinese_text import english_in
from tests.report.city_day import fill_day, publish_day
from tests.report.stores import DAY

MANIFEST = {"unverified_factors": {"mass_share": {"NOx": 0.125, "CO": 0.5}, "least_confidence": 0.65}}


def test_the_shares_of_the_shown_pollutants_are_said_in_both_languages():
    (said,) = unverified_words(MANIFEST, shown=["NOx", "SO2"])
    assert said["en"].startswith("NOx 12.5 % of the day rest on emission factors that nobody has compared with their")
    assert "confidence 0.65" in said["en"]
    assert said["zh"].startswith("当日NOx 12.5 %采用未与原文核对的排放因子（可信度0.65；")
    assert english_in(said["zh"]) == []


def test_nothing_is_said_without_such_a_factor_or_of_an_older_manifest():
    assert unverified_words(MANIFEST, shown=["SO2"]) == []
    assert unverified_words({}, shown=["NOx"]) == []


def test_the_manifest_of_the_day_says_it_and_a_day_that_is_not_published_nothing(home):
    store = fill_day()
    assert unverified_of_day(store, DAY, shown=["NOx"]) == []
    publish_day(store)
    assert unverified_of_day(store, DAY, shown=["NOx"]) == []
    path = next((home / "lake" / "published").rglob(f"day={DAY}.json")).resolve()
    path.chmod(0o640)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | MANIFEST), "utf-8")
    assert len(unverified_of_day(store, DAY, shown=["NOx"])) == 1
