"""What is unpublished, refused, partial or not approved is said above the numbers, in both languages."""

from datetime import timedelta

from bigdata_emis.report.page_notices import page_notices, page_status
from bigdata_emis.report.published_view import PublishedView
from bigdata_emis.storage import database
from tests.chinese_text import english_in
from tests.report.city_day import CITY, fill_day, publish_day
from tests.report.stores import DAY, START, declared_table

DRAFT = {"scenario": "red-1", "is_approved": False, "status_code": "draft", "status": {"en": "draft", "zh": "草稿"}}


def notices(ledger=None):
    view = PublishedView(fill_day())
    return [(notice.mark, notice.en) for notice in page_notices(CITY, view, DAY, ledger)]


def add_run(status, *, hours=1):
    started = START + timedelta(hours=hours)
    row = {"run_id": f"run-{status}-{hours}", "stage_name": "publish", "from_utc": START}
    row |= {"to_utc": START + timedelta(days=1), "started_utc": started, "status": status, "error": "shares exceed 1"}
    database.upsert("run", "city", declared_table("run", [row]))


def test_a_whole_published_day_needs_no_word(home):
    publish_day(fill_day())
    assert notices() == []
    assert page_status(PublishedView(fill_day()), DAY, None) == "published"


def test_a_day_that_nobody_published_says_so(home):
    assert notices() == [("未发布 · NOT PUBLISHED", "The numbers of this day were computed and not published.")]
    assert page_status(PublishedView(fill_day()), DAY, None) == "not published"


def test_a_run_that_was_refused_since_is_named_with_its_reason(home):
    publish_day(fill_day())
    add_run("done")
    add_run("refused")
    assert notices() == [
        (
            "未通过检查 · REFUSED",
            "The last run of publish (2015-12-21 01:00 +08:00) was refused; the numbers below are those published "
            "before: shares exceed 1.",
        )
    ]
    (chinese,) = [notice.zh for notice in page_notices(CITY, PublishedView(fill_day()), DAY, None)]
    assert chinese.endswith("以下为此前已发布的结果，原因请查 emis runs --failed --region city。")
    assert english_in(chinese) == []


def test_a_refusal_before_the_day_was_published_is_past(home):
    publish_day(fill_day())
    add_run("refused", hours=-1)
    assert notices() == []


def test_a_partial_day_says_which_hours_are_missing_in_both_languages(home):
    publish_day(fill_day(), partial_reasons=["any"], feeds={"power": {"rows": 0}})
    found = page_notices(CITY, PublishedView(fill_day()), DAY, None)
    assert {notice.mark for notice in found} == {"不完整 · PARTIAL"}
    assert found[0].en.startswith("PARTIAL: the inventory has 1 of 24 hours; none of 12-21 01:00–24:00.")
    assert found[1].zh == "已有时段排放量按方法：NOx 模型 80.0%，廓线 20.0%。"
    assert found[2].zh.endswith("当日无数据。")


def test_a_draft_and_a_rejected_scenario_say_so(home):
    publish_day(fill_day())
    assert notices(DRAFT) == [("草稿 · DRAFT", "Scenario red-1 is a draft that nobody has approved.")]
    assert page_status(PublishedView(fill_day()), DAY, DRAFT) == "draft"
    rejected = {**DRAFT, "status_code": "rejected", "status": {"en": "rejected", "zh": "已驳回"}}
    assert notices(rejected) == [("已驳回 · REJECTED", "Scenario red-1 was not approved; its cuts do not apply.")]


def test_factors_that_nobody_verified_are_said_in_both_languages(home):
    share = {"mass_share": {"NOx": 0.125, "CO": 0.5}, "least_confidence": 0.65}
    view = PublishedView(fill_day())
    view.manifest = lambda day: {"known_utc": START.isoformat(), "unverified_factors": share}
    (notice,) = page_notices(CITY, view, DAY, None)
    assert notice.mark == "待核实 · TO VERIFY"
    assert notice.en.startswith("NOx 12.5 % of the day rest on emission factors that nobody has compared")
    assert notice.zh.startswith("当日NOx 12.5 %采用未与原文核对的排放因子")
