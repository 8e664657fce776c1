"""What limits a brief is said before its numbers."""

from dataclasses import replace

from bigdata_emis.report.brief.brief_data import gather_brief
from bigdata_emis.report.brief.brief_notices import brief_notices
from bigdata_emis.report.coverage.feed_gaps import FeedGap
from bigdata_emis.report.coverage.inventory_coverage import InventoryCoverage
from bigdata_emis.report.sheet.report_sheet import simulated_notices, words
from bigdata_emis.storage.registries.alert_record import StandingAlert
from bigdata_emis.window import HOUR, Window
from tests.report.brief.briefed_town import fill_town
from tests.report.city_day import CITY
from tests.report.stores import DAY, START

WHOLE = InventoryCoverage(Window(START, START + 24 * HOUR), [], 1.0, {"NOx": {"measured": 1.0}})


RED = StandingAlert("a", "issue", "red", (), START, START + 24 * HOUR, START, "Li")


def test_a_whole_day_whose_alert_and_orders_agree_says_that_it_is_simulated_and_nothing_else(home) -> None:
    brief = replace(gather_brief(CITY, DAY, fill_town()), coverage=WHOLE, alerts=[RED])
    assert brief_notices(brief) == simulated_notices(CITY)
    assert len(simulated_notices(CITY)) == 1
    measured = replace(brief, region=replace(CITY, is_simulated=False))
    assert brief_notices(measured) == []
    (silent,) = brief_notices(replace(measured, alerts=[]))
    assert silent["en"].startswith("NO ALERT is issued for this day")


def test_a_partial_day_comes_before_a_partial_ledger_and_feeds(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    ledger = words("PARTIAL: the ledger", "不完整：台账")
    said = brief_notices(replace(brief, ledger_notices=[ledger], feed_gaps=[FeedGap("power", ())]))
    assert [text["en"].split(" ")[0] for text in said] == ["SIMULATED:", "NO", "PARTIAL:", "Mass", "PARTIAL:", "FEEDS"]


def test_factors_that_nobody_verified_are_said_last(home) -> None:
    brief = replace(gather_brief(CITY, DAY, fill_town()), coverage=WHOLE, alerts=[RED])
    doubt = words("NOx 12.5 % of the day rest on unverified factors.", "当日NOx 12.5 %采用未核实的排放因子。")
    assert brief_notices(replace(brief, doubts=[doubt])) == [*simulated_notices(CITY), doubt]
